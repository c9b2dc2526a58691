import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { percentile } from '../bench/measure.ts';
import { type ChaosAccount, makeAccounts, seedOfAccounts } from '../chaos/product/accounts.ts';
import { compile } from '../chaos/product/compile.ts';
import { MONTH_EVERY_MS, RunClock } from '../chaos/product/failures.ts';
import { BOT_TOKEN, freePort, SECRET, SlackProcess } from '../chaos/product/parts.ts';
import { SoakLoad } from './load.ts';
import { lowestOfEach, memorySlope, type Sample, sampleOf } from './samples.ts';

export interface Soak {
  readonly minutes: number;
  readonly databaseUri: string;
  readonly onProgress: (line: string) => void;
}

/** What a run found. */
export interface Soaked {
  readonly lines: readonly string[];
  readonly isSound: boolean;
}

const MINUTE_MS = 60_000;
const AT_ONCE = 3;
const EVERY_MS = 100;
const SAMPLE_MS = 2_000;
const READY_MS = 120_000;
const CLOSED_MS = 120_000;
/** Memory isn't judged before caches and compiled code are warm, nor in runs that are too short for a trend. */
const WARM_UP_MINUTES = 5;
const SHORTEST_TREND_MINUTES = 15;
const MOST_SLOPE = 1;
/** Memory is judged by its lowest in each of these. */
const SPAN_MINUTES = 5;
/** Connections come and go with the load. */
const MOST_MORE_HANDLES = 50;

/**
 * Runs the product, as production starts it, under a mixed load: commands, Homes, imports, API reads and, in steps of
 * some minutes, the close of a month. Needs a connected store and Linux.
 */
export async function soak({ minutes, databaseUri, onProgress }: Soak): Promise<Soaked> {
  const folder = mkdtempSync(path.join(tmpdir(), 'soak-'));
  const clock = new RunClock(path.join(folder, 'ahead'));
  // this process, and those that it starts, use that clock
  await import('../chaos/product/moved-clock.ts');
  compile(path.join(folder, 'product'));
  const accounts = (await makeAccounts()).filter(({ isPoisoned }) => !isPoisoned);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const slack = await SlackProcess.start(seedOfAccounts(), [`${base}/slack/events`]);
  const product = startProduct(folder, { databaseUri, port, slackApiUrl: slack.apiUrl });
  try {
    await ready(base, folder);
    onProgress(`The product runs (process ${product.pid}).`);
    const load = new SoakLoad(accounts, base, SECRET);
    const samples: Sample[] = [];
    const loading = load.run(AT_ONCE, EVERY_MS);
    await watch(product, minutes, samples, () => load.inCalm(() => clock.passMonthEnd()));
    load.end();
    await loading;
    const issued = await issuedAfter(clock, accounts);
    return report({ minutes, samples, load, issued, months: clock.moves });
  } finally {
    product.kill('SIGTERM');
    await once(product, 'exit');
    slack.end();
    // this process reads its clock from there until it ends
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}

function startProduct(
  folder: string,
  { databaseUri, port, slackApiUrl }: { databaseUri: string; port: number; slackApiUrl: string },
): ChildProcess {
  const output = openSync(path.join(folder, 'log'), 'a');
  const args = ['--import', './test/chaos/product/moved-clock.js', 'src/bin/server.js'];
  return spawn(process.execPath, args, {
    cwd: path.join(folder, 'product'),
    env: {
      ...process.env,
      ...{ NODE_OPTIONS: '', MONGODB_URI: databaseUri, PORT: String(port), LOG_LEVEL: 'warn', VIES_URL: 'off' },
      ...{ SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: slackApiUrl },
      API_RATE_LIMIT: '100000',
    },
    stdio: ['ignore', output, output],
  });
}

/** @throws {Error} with the product's log, if it isn't ready in time */
async function ready(base: string, folder: string): Promise<void> {
  for (const began = performance.now(); performance.now() - began < READY_MS; await wait(100)) {
    const asked = ['/readyz', '/v1'].map((path) => fetch(`${base}${path}`).catch(() => undefined));
    const [isConnected, begun] = await Promise.all(asked);
    // 503 also until Slack has answered
    if (isConnected?.ok && begun?.status !== 503) return;
  }
  throw new Error(`The product isn't ready: ${readFileSync(path.join(folder, 'log'), 'utf8')}`);
}

/** Takes samples until the time is over. The month ends every few minutes, and at least once. */
async function watch(
  product: ChildProcess,
  minutes: number,
  samples: Sample[],
  endMonth: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const passed = () => performance.now() - began;
  const monthMs = Math.min(MONTH_EVERY_MS, (minutes * MINUTE_MS) / 2);
  let months = 0;
  while (passed() < minutes * MINUTE_MS) {
    samples.push(sampleOf(product.pid ?? 0, passed() / MINUTE_MS));
    if (passed() > monthMs * (months + 1)) {
      await endMonth();
      months += 1;
    }
    await wait(Math.min(SAMPLE_MS, monthMs / 5));
  }
}

/** How many invoices were issued, once every group has those of all months that ended. */
async function issuedAfter(clock: RunClock, accounts: readonly ChaosAccount[]): Promise<number> {
  const all = accounts.reduce((sum, { groups }) => sum + groups.length, 0) * clock.moves;
  const filter = { accountId: { $in: accounts.map(({ id }) => id) }, issuedAt: { $exists: true } };
  for (const began = performance.now(); performance.now() - began < CLOSED_MS; await wait(500)) {
    if ((await Invoices.countDocuments(filter)) >= all) break;
  }
  return Invoices.countDocuments(filter);
}

function report(of: {
  minutes: number;
  samples: readonly Sample[];
  load: SoakLoad;
  issued: number;
  months: number;
}): Soaked {
  const { minutes, samples, load, issued, months } = of;
  const isTrend = minutes >= SHORTEST_TREND_MINUTES;
  const warm = isTrend ? samples.filter(({ minute }) => minute >= WARM_UP_MINUTES) : samples;
  const [first, last] = [warm[0], warm.at(-1)];
  const lowest = lowestOfEach(SPAN_MINUTES, warm);
  const slope = memorySlope(isTrend ? lowest : warm);
  const more = (last?.handles ?? 0) - (first?.handles ?? 0);
  const most = (value: (sample: Sample) => number) => Math.max(...samples.map(value));
  const faults = [
    ...new Set(load.faults),
    ...(issued === 0 ? ['no invoice was issued'] : []),
    ...(isTrend && slope >= MOST_SLOPE ? [`memory grows by ${slope.toFixed(2)} MB a minute`] : []),
    ...(more > MOST_MORE_HANDLES ? [`${more} more handles are open at the end`] : []),
  ];
  const times = [...load.took].map(([kind, took]) => {
    const [half, almost] = [percentile(took, 0.5), percentile(took, 0.99)];
    return `  ${kind}: ${took.length}, median ${half.toFixed(0)} ms, p99 ${almost.toFixed(0)} ms`;
  });
  return {
    isSound: faults.length === 0,
    lines: [
      `${minutes} minutes of mixed load, ${months} months closed with ${issued} invoices, ${load.faults.length} faults; load of the machine ${loadavg()
        .map((one) => one.toFixed(1))
        .join(', ')}`,
      `Memory: ${slope.toFixed(2)} MB a minute${isTrend ? ` after the first ${WARM_UP_MINUTES} minutes (target: less than ${MOST_SLOPE})` : ' (too short to be judged)'}, ${first?.memory.toFixed(0)} MB to ${last?.memory.toFixed(0)} MB, at most ${most(({ memory }) => memory).toFixed(0)} MB`,
      `  lowest of each ${SPAN_MINUTES} minutes: ${lowest.map(({ memory }) => memory.toFixed(0)).join(', ')} MB; all samples: ${memorySlope(warm).toFixed(2)} MB a minute`,
      `Open handles: ${first?.handles} to ${last?.handles}, at most ${most(({ handles }) => handles)}`,
      'Until the acknowledgement (API: until the whole answer; imports run beside the product):',
      ...times.sort(),
      ...faults.map((fault) => `FAULT ${fault}`),
    ],
  };
}
