/** The product as built for production: JavaScript in a separate folder, without the TypeScript loader. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Period, toPeriod } from '../../src/billing/period/period.ts';
import { createToken } from '../../src/services/access/tokens.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { contextAt, person, TestClock } from './context.ts';
import { costRow, importCosts, setParties } from './invoices/closed.ts';
import { SIGNING_SECRET, sendCommand } from './slack/signed.ts';
import { type SlackApiStandIn, startSlackApi, TEAM } from './slack/slack-api.ts';

export const SERVER = 'dist/src/bin/server.js';
const OWNER = 'U0OWNER';
const POLL_MS = 100;

/** The results of using the product. */
export interface Used {
  /** The answer to `/billing create Green`. */
  readonly answer: string;
  readonly invoiceNumber: string;
  readonly pdf: Buffer;
  /** The exit code after SIGTERM. */
  readonly exitCode: number | null;
  readonly log: string;
}

/** Compiles the sources into a folder's `dist`, without checking types. */
export function compileInto(folder: string): void {
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', `${folder}/dist`];
  execFileSync('node_modules/.bin/tsc', args, { stdio: 'inherit' });
}

/**
 * Starts a folder's built server on the caller's database and uses it: a command, the close of a past month, the
 * invoice's PDF through the API. Then stops it.
 */
export async function useBuilt(folder: string, mongodbUri: string): Promise<Used> {
  const { accountId, billingGroupId, month } = await anAccountWithCosts();
  const slack = await startSlackApi();
  const server = await startBuilt(folder, {
    ...{ MONGODB_URI: mongodbUri, SLACK_API_URL: slack.url, VIES_URL: 'off', HOST: '127.0.0.1', PORT: '0' },
    ...{ SLACK_BOT_TOKEN: 'xoxb-test', SLACK_SIGNING_SECRET: SIGNING_SECRET, NODE_ENV: 'production' },
  });
  try {
    const answer = await createGreen(server.url, slack);
    const invoiceNumber = await server.orFault(invoiceIssued(accountId, month));
    const pdf = await downloadPdf(server.url, accountId, { billingGroupId, invoiceNumber });
    return { answer, invoiceNumber, pdf, exitCode: await server.stop(), log: server.output() };
  } finally {
    server.kill();
    await slack.close();
  }
}

async function startBuilt(folder: string, settings: NodeJS.ProcessEnv) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [SERVER], { cwd: folder, env: { PATH, HOME, ...settings } });
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const lines = createInterface({ input: child.stdout });
  const port = new Promise<number>((resolve, reject) => {
    lines.on('line', (line) => {
      output += `${line}\n`;
      const entry: { msg?: string; port?: number } = JSON.parse(line);
      if (entry.msg === 'ready' && entry.port !== undefined) resolve(entry.port);
    });
    void ended.then(() => reject(new Error(`The server ended:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${await port}`,
    output: () => output,
    kill: () => void child.kill('SIGKILL'),
    /** Waits for something, unless the server exits first. */
    orFault: <T>(what: Promise<T>) =>
      Promise.race([
        what,
        ended.then((): never => {
          throw new Error(`The server ended:\n${output}`);
        }),
      ]),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** An account that has existed since the month before last, with costs in that month. */
async function anAccountWithCosts() {
  const now = new Date();
  const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 1));
  const month = toPeriod(begin.toISOString().slice(0, 7));
  const ctx = contextAt(new TestClock(`${month}-20T12:00:00Z`));
  const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
  const { _id } = await createAccount(ctx, { teamId: TEAM, userId: OWNER }, input);
  await importCosts(ctx, _id, [costRow('12.50', { day: `${month}-10` })]);
  await setParties(_id);
  const { _id: billingGroupId } = await Groups.findOne({ accountId: _id }).orFail().lean();
  return { accountId: _id, billingGroupId, month };
}

async function createGreen(url: string, slack: SlackApiStandIn): Promise<string> {
  const asked = { user: OWNER, team: TEAM, responseUrl: slack.responseUrl };
  const { status } = await sendCommand({ url: `${url}/slack/events` }, '/billing', 'create Green', asked);
  if (status !== 200) throw new Error(`The command was answered with ${status}`);
  return JSON.stringify((await slack.next('response_url')).args);
}

/** The number of the month's invoice, once the job that closes months has issued it. */
async function invoiceIssued(accountId: string, period: Period): Promise<string> {
  for (;;) {
    const invoice = await Invoices.findOne({ accountId, period, issuedAt: { $exists: true } }).lean();
    if (invoice?.number !== undefined) return invoice.number;
    await sleep(POLL_MS);
  }
}

async function downloadPdf(
  url: string,
  accountId: string,
  { billingGroupId, invoiceNumber }: { billingGroupId: string; invoiceNumber: string },
): Promise<Buffer> {
  const owner = contextAt({ now: () => new Date() }, person(OWNER, TEAM));
  const { secret } = await createToken(owner, accountId, { name: 'Smoke', scope: 'billing:read', days: 1 });
  const invoices = `${url}/v1/billing-group/${billingGroupId.slice(3)}/invoice`;
  const list = await fetch(invoices, { headers: { authorization: `aivenv1 ${secret}` } });
  const body = (await list.json()) as { invoices: { invoice_number: string; download_cookie: string }[] };
  const listed = body.invoices.find(({ invoice_number: number }) => number === invoiceNumber);
  if (!listed) throw new Error(`The list has no invoice ${invoiceNumber}: ${JSON.stringify(body)}`);
  const file = await fetch(`${invoices}/${invoiceNumber}/${listed.download_cookie}`);
  if (!file.ok) throw new Error(`The PDF was answered with ${file.status}: ${await file.text()}`);
  return Buffer.from(await file.arrayBuffer());
}
