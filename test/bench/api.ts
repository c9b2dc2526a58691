import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Decimal } from '../../src/billing/money/money.ts';
import { periodAt, spanOf, toPeriod } from '../../src/billing/period/period.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { createToken } from '../../src/services/access/tokens.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../src/store/kit/decimal.ts';
import { largeAccount, PRESENT } from './large-account.ts';
import { median, say } from './measure.ts';

const GROUPS = 1_000;
const LINES = 100_000;
const PAGE = 1_000;
const AT_ONCE = 4;
const RUN_MS = 5_000;
const RUNS = 5;
/** Without a limit, V8 uses whatever memory the machine has, and collects late. */
const BOUNDED = ['--max-old-space-size=128', '--max-semi-space-size=8'];
const CONSTANT = fileURLToPath(new URL('./constant-server.ts', import.meta.url));

interface Client {
  readonly base: string;
  readonly headers: Record<string, string>;
}

/**
 * The Invoice API as `npm run api` starts it: a thousand groups compared with a constant, and a hundred thousand lines.
 */
export async function benchApi(mongodbUri: string): Promise<void> {
  const ctx: Ctx = { clock: systemClock, log: silentLogger(), actor: { kind: 'operator' }, nudge: () => undefined };
  const accountId = await largeAccount(ctx, {
    groups: GROUPS,
    projectsEach: 1,
    members: [],
    name: 'Large, of the API',
  });
  // the account's estimates become this month's, since the process uses the machine's clock
  const period = periodAt(systemClock.now(), 'Europe/Berlin');
  await Invoices.updateMany({ accountId, period: PRESENT }, { $set: { period } });
  const { secret } = await createToken(ctx, accountId, { name: 'Bench', scope: 'billing:read', days: null });
  const headers = { authorization: `Bearer ${secret}` };
  await withApi(mongodbUri, [], ({ child, base }) => groupsBesideConstant({ base, headers }, child));
  await withApi(mongodbUri, BOUNDED, ({ child, base }) => manyLines({ base, headers }, child, accountId));
}

/** Each measurement has a separate process, so that its memory doesn't affect the others. */
async function withApi(
  mongodbUri: string,
  flags: readonly string[],
  work: (api: { child: ChildProcess; base: string }) => Promise<void>,
): Promise<void> {
  const api = await startApiProcess(mongodbUri, flags);
  try {
    await work(api);
  } finally {
    api.child.kill('SIGTERM');
    await once(api.child, 'exit');
  }
}

async function groupsBesideConstant(client: Client, child: ChildProcess): Promise<void> {
  const path = '/v1/billing-group';
  const { length: size } = await read(client, path);
  const constant = fork(CONSTANT, [String(size)], { execArgv: ['--import', 'tsx'] });
  const [port] = await once(constant, 'message');
  const bare: Client = { base: `http://127.0.0.1:${port}`, headers: {} };
  const [ours, theirs]: [number[], number[]] = [[], []];
  const cpu: number[] = [];
  // one run to warm up
  for (let run = 0; run <= RUNS; run += 1) {
    const before = cpuMs(child);
    const a = await perSecond(client, path);
    const own = (cpuMs(child) - before) / ((a * RUN_MS) / 1000);
    const b = await perSecond(bare, '/');
    if (run === 0) continue;
    cpu.push(own);
    ours.push(a);
    theirs.push(b);
  }
  constant.kill('SIGTERM');
  const [a, b] = [median(ours), median(theirs)];
  say(
    `GET /billing-group with ${GROUPS} groups (${Math.round(size / 1024)} kB): ${a.toFixed(1)} requests/s; ` +
      `Express with a constant of that size: ${b.toFixed(1)}/s; ratio ${(b / a).toFixed(1)}`,
  );
  say(`Of the process itself, without the database: ${median(cpu).toFixed(1)} ms of CPU a request`);
}

async function manyLines(client: Client, child: ChildProcess, accountId: string): Promise<void> {
  const { billingGroupId, number } = await invoiceWithLines(accountId);
  const before = peak(child);
  const path = `/v1/billing-group/${billingGroupId.slice(3)}/invoice/${number}`;
  const began = performance.now();
  let [lines, cursor]: [number, string | null] = [0, ''];
  while (cursor !== null) {
    const page: { lines: unknown[]; next_cursor: string | null } = JSON.parse(
      await read(client, `${path}/lines?limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`),
    );
    lines += page.lines.length;
    cursor = page.next_cursor;
  }
  say(
    `With ${BOUNDED.join(' ')}: ${lines} lines in pages of ${PAGE}: ${since(began)}; peak memory ${peak(child)} MB (${before} MB before)`,
  );
  for (const [what, where] of [
    ['as one CSV', `${path}/csv`],
    ['as one JSON', `${path}/lines`],
    ['as FOCUS', '/v1/focus?period=2026-02'],
  ] as const) {
    const start = performance.now();
    const bytes = await size(client, where);
    say(`${what}: ${Math.round(bytes / 1e6)} MB in ${since(start)}; peak memory ${peak(child)} MB`);
  }
}

/** Adds a hundred thousand lines to an existing February invoice. */
async function invoiceWithLines(accountId: string): Promise<{ billingGroupId: string; number: string }> {
  const invoice = await Invoices.findOne({ accountId, period: toPeriod('2026-02') })
    .orFail()
    .lean();
  const { begin, end } = spanOf(invoice.period, 'Europe/Berlin');
  const amount = toDecimal128(new Decimal('0.01'));
  for (let from = 0; from < LINES; from += PAGE) {
    const batch = Array.from({ length: PAGE }, (_, at) => ({
      ...{ invoiceId: invoice._id, period: invoice.period, place: from + at + 1, lineType: 'service_charge' as const },
      ...{ description: `Service ${at}`, projectId: `prj_${at}`, projectName: `project-${at}`, projectLabel: null },
      ...{ serviceName: `Service ${at}`, serviceType: 'Compute', servicePlan: 'startup-4', cloudName: 'aws-eu-west-1' },
      ...{ currency: 'EUR', lateFrom: null, begin, end, exact: amount, total: amount, records: 1 },
    }));
    await Lines.insertMany(batch, { lean: true });
  }
  const net = toDecimal128(new Decimal(LINES).div(100));
  const snapshot = {
    ...{ accountName: 'Large', sellerName: 'Large', timeZone: 'Europe/Berlin', billingGroupName: 'Group' },
    paymentMethod: { kind: 'bank_transfer' as const, termsDays: 14, currency: 'EUR' },
  };
  await Invoices.updateOne({ _id: invoice._id }, { $set: { net, total: net, lineCount: LINES, snapshot } });
  return { billingGroupId: invoice.billingGroupId, number: invoice.number ?? '' };
}

async function startApiProcess(
  mongodbUri: string,
  flags: readonly string[],
): Promise<{ child: ChildProcess; base: string }> {
  const child = spawn(process.execPath, [...flags, '--import', 'tsx', 'src/bin/api.ts'], {
    env: { ...process.env, MONGODB_URI: mongodbUri, PORT: '0', API_RATE_LIMIT: '1000000', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { msg, port } = JSON.parse(line);
    if (msg !== 'ready') continue;
    child.stdout.resume();
    return { child, base: `http://127.0.0.1:${port}` };
  }
  throw new Error('The API did not start');
}

/** Requests per second, several at once over kept-alive connections. */
async function perSecond(client: Client, path: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const began = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (; performance.now() - began < RUN_MS; done += 1) await size(client, path, agent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
  return done / ((performance.now() - began) / 1000);
}

function size(client: Client, path: string, agent?: Agent): Promise<number> {
  return answer(client, path, agent, 0, (sum, chunk) => sum + chunk.length);
}

async function read(client: Client, path: string): Promise<string> {
  const chunks = await answer<Buffer[]>(client, path, undefined, [], (all, chunk) => [...all, chunk]);
  return Buffer.concat(chunks).toString();
}

function answer<T>(
  { base, headers }: Client,
  path: string,
  agent: Agent | undefined,
  start: T,
  add: (so: T, chunk: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    get(`${base}${path}`, { headers, ...(agent && { agent }) }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      let so = start;
      response.on('data', (chunk: Buffer) => {
        so = add(so, chunk);
      });
      response.on('end', () => resolve(so));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** A process's peak memory so far, in MB. */
function peak({ pid }: ChildProcess): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** A process's CPU time so far, in ms. Linux counts in hundredths of a second. */
function cpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function since(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
