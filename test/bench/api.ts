import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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
import { type Client, etagOf, load, read, size } from './http-client.ts';
import { largeAccount, PRESENT } from './large-account.ts';
import { judge, median, percentile, RUNS, say } from './measure.ts';

const GROUPS = 1_000;
const LINES = 100_000;
const PAGE = 1_000;
const AT_ONCE = 20;
const RUN_MS = 4_000;
/** Without a limit, V8 uses whatever memory the machine has, and collects late. */
const BOUNDED = ['--max-old-space-size=128', '--max-semi-space-size=8'];
/** Targets: times a constant, and milliseconds. */
const MOST_TIMES = 4;
const MOST_MS = 100;
const CONSTANT = fileURLToPath(new URL('./constant-server.ts', import.meta.url));

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
  await withApi(mongodbUri, [], ({ base }) => listsAtOnce({ base, headers }, accountId));
  await withApi(mongodbUri, BOUNDED, ({ child, base }) => manyLines({ base, headers }, child, accountId));
}

/** Each measurement has a separate process, so that its memory doesn't affect the others. */
export async function withApi(
  mongodbUri: string,
  flags: readonly string[],
  work: (api: { child: ChildProcess; base: string }) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const api = await startApiProcess(mongodbUri, flags, env);
  try {
    await work(api);
  } finally {
    api.child.kill('SIGTERM');
    await once(api.child, 'exit');
  }
}

async function groupsBesideConstant(client: Client, child: ChildProcess): Promise<void> {
  const path = '/v1/billing-group';
  const { length: bytes } = await read(client, path);
  const constant = fork(CONSTANT, [String(bytes)], { execArgv: ['--import', 'tsx'] });
  const [port] = await once(constant, 'message');
  const bare: Client = { base: `http://127.0.0.1:${port}`, headers: {} };
  const knowing = { ...client, headers: { ...client.headers, 'if-none-match': await etagOf(client, path) } };
  const rates: { ours: number; theirs: number; known: number; cpu: number }[] = [];
  // one run to warm up
  for (let run = 0; run <= RUNS; run += 1) {
    const before = cpuMs(child);
    const { perSecond: ours, took } = await perSecond(client, path);
    const cpu = (cpuMs(child) - before) / took.length;
    const { perSecond: theirs } = await perSecond(bare, '/');
    const { perSecond: known } = await perSecond(knowing, path);
    if (run > 0) rates.push({ ours, theirs, known, cpu });
  }
  constant.kill('SIGTERM');
  const of = (name: keyof (typeof rates)[number]) => median(rates.map((rate) => rate[name]));
  judge(
    `GET /billing-group with ${GROUPS} groups (${Math.round(bytes / 1024)} kB), ${AT_ONCE} in flight: ${of('ours').toFixed(0)} requests/s, ` +
      `Express with a constant of that size ${of('theirs').toFixed(0)}/s. Times the constant`,
    { value: median(rates.map(({ ours, theirs }) => theirs / ours)), most: MOST_TIMES },
  );
  say(`The same, answered with 304: ${of('known').toFixed(0)} requests/s`);
  say(`Of the process itself, without the database: ${of('cpu').toFixed(1)} ms of CPU a request`);
}

/** What BI tools ask for most often besides groups. */
async function listsAtOnce(client: Client, accountId: string): Promise<void> {
  const { billingGroupId, number } = await invoiceWithLines(accountId);
  const group = `/v1/billing-group/${billingGroupId.slice(3)}`;
  const month = periodAt(systemClock.now(), 'Europe/Berlin');
  for (const [what, path] of [
    ['The invoices of a group', `${group}/invoice`],
    ['The lines of an estimate', `${group}/invoice/estimate-${month}/lines`],
    [`100 lines of an invoice of ${LINES}`, `${group}/invoice/${number}/lines?limit=100`],
  ] as const) {
    await perSecond(client, path);
    const slowest: number[] = [];
    for (let run = 0; run < RUNS; run += 1) slowest.push(percentile((await perSecond(client, path)).took, 0.99));
    judge(`${what}, ${AT_ONCE} in flight, 99 of 100 within`, { value: median(slowest), most: MOST_MS, unit: ' ms' });
  }
}

async function manyLines(client: Client, child: ChildProcess, accountId: string): Promise<void> {
  const { billingGroupId, number } = await invoiceToRead(accountId);
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

/** An existing February invoice. */
function invoiceToRead(accountId: string) {
  const filter = { accountId, period: toPeriod('2026-02') };
  return Invoices.findOne(filter).sort({ _id: 1 }).orFail().lean();
}

/** Adds a hundred thousand lines to it. */
async function invoiceWithLines(accountId: string): Promise<{ billingGroupId: string; number: string }> {
  const invoice = await invoiceToRead(accountId);
  const { begin, end } = spanOf(invoice.period, 'Europe/Berlin');
  const amount = toDecimal128(new Decimal('0.01'));
  for (let from = 0; from < LINES; from += PAGE) {
    const batch = Array.from({ length: PAGE }, (_, at) => ({
      ...{ accountId, invoiceId: invoice._id, period: invoice.period },
      ...{ place: from + at + 1, lineType: 'service_charge' as const },
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
  env: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; base: string }> {
  const child = spawn(process.execPath, [...flags, '--import', 'tsx', 'src/bin/api.ts'], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      MONGODB_URI: mongodbUri,
      PORT: '0',
      API_RATE_LIMIT: '1000000',
      LOG_LEVEL: 'info',
      ...env,
    },
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

function perSecond(client: Client, path: string) {
  return load(client, path, { atOnce: AT_ONCE, runMs: RUN_MS });
}

/** A process's peak memory so far, in MB. */
function peak({ pid }: ChildProcess): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** A process's CPU time so far, in ms. Linux counts in hundredths of a second. */
export function cpuMs({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function since(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
