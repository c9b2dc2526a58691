import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { connectStore, disconnectStore } from '../../../src/store/kit/connect.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { seeded } from '../../support/slack/rough-slack.ts';
import { type StripeStandIn, startStripe } from '../../support/stripe.ts';
import { MortalDatabase } from '../mortal-database.ts';
import { ARCHIVED, type ChaosAccount, HUGE_GROUP, makeAccounts, seedOfAccounts } from './accounts.ts';
import { compile } from './compile.ts';
import { Failures, MONTH_EVERY_MS, RunClock } from './failures.ts';
import { HealthWatch } from './health.ts';
import { INVARIANTS } from './invariants.ts';
import { KINDS, Lateness, waitingIn } from './lateness.ts';
import { Load } from './load.ts';
import { BOT_TOKEN, freePort, Part, SECRET, SlackProcess } from './parts.ts';
import { WAY_NAMES } from './slack-faults.ts';
import { Trace } from './trace.ts';

export interface ProductRun {
  readonly seed: number;
  readonly minutes: number;
  readonly onProgress: (line: string) => void;
}

const START_MS = 180_000;
const SETTLE_MS = 360_000;
const POISONED_MS = 90_000;
const LOAD_EVERY_MS = 1_500;
const AT_ONCE = 3;
const LATEST_S = 60;
const SLOWEST_HEALTH_MS = 2_000;
const STRIPE_KEY = 'sk_test_chaos';
const MINUTE_MS = 60_000;
/** What need not happen in each account: an invoice paid by credits is neither charged nor paid. */
const SOMEWHERE = ['the same payment is recorded once, and pays its invoice exactly', 'a card is charged once'];

/** All processes and watchers in a run. */
interface World {
  readonly accounts: readonly ChaosAccount[];
  readonly stripe: StripeStandIn;
  readonly slack: SlackProcess;
  readonly products: readonly Part[];
  readonly api: Part;
  readonly failures: Failures;
  readonly load: Load;
  readonly health: HealthWatch;
  readonly lateness: Lateness;
  readonly trace: Trace;
  readonly clock: RunClock;
  readonly log: string;
}

/**
 * Runs all processes of the product under load while each of them and everything around it fails. @returns a summary,
 * and whether all is well
 */
export async function runProduct(run: ProductRun): Promise<{ lines: string[]; isSound: boolean }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-product-'));
  const clock = new RunClock(path.join(folder, 'ahead'));
  process.env.CHAOS_LOG ??= path.join(folder, 'log');
  // everything started from now on, and this process, uses that clock
  await import('./moved-clock.ts');
  const database = new MortalDatabase();
  await database.start();
  await connectStore(database.uri);
  await migrate();
  compile(path.join(folder, 'product'));
  const world = await startWorld(run, { folder, database, clock, log: path.resolve(process.env.CHAOS_LOG) });
  const { accounts, products, api, slack, stripe, load } = world;
  try {
    await started(world);
    const left = await underLoad(run, world);
    const { messages, met } = await slack.look();
    const faults = [...left, ...load.faults, ...latenessFaults(world), ...leaks(world), ...tooLittle(run, world, met)];
    const lines = summary(run, world, messages.length, met);
    for (const [words, check] of Object.entries(INVARIANTS)) {
      const traces = { messages, stripe, files: load.files, accounts };
      const found: string[] = [];
      const counts: number[] = [];
      for (const account of accounts) {
        const { count, faults: own } = await check(account, traces);
        counts.push(count);
        found.push(...own.map((fault) => `${words} | ${account.name}: ${fault}`));
        const isOfOwn = !SOMEWHERE.includes(words);
        if (count === 0 && isOfOwn) found.push(`${words} | ${account.name}: nothing was there to be looked at`);
      }
      if (counts.every((count) => count === 0)) found.push(`${words} | nothing was there to be looked at`);
      lines.push(`${found.length === 0 ? 'holds ' : 'BROKEN'} | ${words} (${counts.join(' + ')})`);
      faults.push(...found);
    }
    return { lines: [...lines, ...faults.map((fault) => `FAULT ${fault}`)], isSound: faults.length === 0 };
  } finally {
    for (const part of [...products, api]) part.end();
    slack.end();
    await stripe.close();
    await disconnectStore();
    await database.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startWorld(
  run: ProductRun,
  { folder, database, clock, log }: { folder: string; database: MortalDatabase; clock: RunClock; log: string },
): Promise<World> {
  const accounts = await makeAccounts();
  run.onProgress('Five accounts are there.');
  const stripe = await startStripe();
  const ports = [await freePort(), await freePort(), await freePort()];
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const slack = await SlackProcess.start(
    seedOfAccounts(),
    urls.slice(0, 2).map((url) => `${url}/slack/events`),
  );
  const code = path.join(folder, 'product');
  const env = { MONGODB_URI: database.uri, LOG_LEVEL: 'warn', API_RATE_LIMIT: '6000' };
  const product = {
    ...{ ...env, SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: slack.apiUrl },
    ...{ STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_URL: stripe.url, VIES_URL: 'off', API: 'off' },
  };
  const trace = new Trace();
  const products = ports
    .slice(0, 2)
    .map((port, at) => new Part(code, 'src/bin/server.js', { ...product, PORT: String(port) }, traced(trace, at + 1)));
  const api = new Part(code, 'src/bin/api.js', { ...env, PORT: String(ports[2]) });
  await slack.bench('archive', { as: accounts[0]?.person('OWNER'), channel: ARCHIVED, archived: true });
  const failures = new Failures({ ...run, database, slack, products, api, clock, trace });
  const healthy = healthyOf(accounts);
  const load = new Load({ accounts, slack, apiUrl: urls[2] ?? '', random: seeded(run.seed + 1) });
  const health = new HealthWatch(urls);
  const lateness = new Lateness(healthy, failures.outages, trace);
  return { accounts, stripe, slack, products, api, failures, load, health, lateness, trace, clock, log };
}

/** Records what happens to a process. */
function traced(trace: Trace, number: number): (what: string) => void {
  return (what) => trace.event(`process ${number} ${what}`);
}

/** Resolves when the processes have started and done their initial work, so that only the failures make them late. */
async function started({ accounts, health }: World): Promise<void> {
  const ids = healthyOf(accounts);
  for (const began = performance.now(); performance.now() - began < START_MS; await wait(1_000))
    if ((await health.areReady()) && (await waitingIn(ids)).length === 0) return;
  throw new Error('The processes do not get done what there is at the start');
}

function healthyOf(accounts: readonly ChaosAccount[]): string[] {
  return accounts.filter(({ isPoisoned }) => !isPoisoned).map(({ id }) => id);
}

/** @returns what is never done in the healthy accounts, in words */
async function underLoad({ onProgress }: ProductRun, world: World): Promise<string[]> {
  const { accounts, failures, load, health, lateness } = world;
  const watching = [lateness.run(), health.run()];
  const loading = Array.from({ length: AT_ONCE }, () => load.run(LOAD_EVERY_MS));
  await failures.run();
  load.end();
  await Promise.all(loading);
  onProgress('The faults are over; what is left is done.');
  const healthy = healthyOf(accounts);
  let left: string[] = [];
  for (const began = performance.now(); performance.now() - began < SETTLE_MS; await wait(1_000)) {
    left = (await waitingIn(healthy)).map(({ key }) => `never done: ${key}`);
    if (await Subscriptions.exists({ state: 'broken', brokenTold: false }))
      left.push('nobody was told of a broken channel');
    if (left.length === 0) break;
  }
  await settlePoisoned(accounts);
  lateness.end();
  health.end();
  await Promise.all(watching);
  return left;
}

/** In the broken account everything else is done as well. It may take longer there, and is checked like the rest. */
async function settlePoisoned(accounts: readonly ChaosAccount[]): Promise<void> {
  const ids = accounts.filter(({ isPoisoned }) => isPoisoned).map(({ id }) => id);
  const huge = await Groups.find({ accountId: { $in: ids }, name: HUGE_GROUP }, { _id: 1 }).lean();
  const never = [
    ...huge.map(({ _id }) => String(_id)),
    ...(await Subscriptions.find({ channelId: ARCHIVED }, { _id: 1 }).lean()).map(({ _id }) => String(_id)),
    ...(await Invoices.find({ billingGroupId: { $in: huge.map(({ _id }) => _id) } }, { _id: 1 }).lean()).map(
      ({ _id }) => String(_id),
    ),
  ];
  for (const began = performance.now(); performance.now() - began < POISONED_MS; await wait(1_000)) {
    const left = await waitingIn(ids);
    if (left.every(({ key }) => never.some((id) => key.includes(id)))) return;
  }
}

function latenessFaults({ accounts, lateness }: World): string[] {
  return accounts.flatMap(({ id, name }) =>
    KINDS.map((kind) => ({ kind, ...lateness.longestOf(id, kind) }))
      .filter(({ total }) => total > LATEST_S)
      .map(({ total, what }) => `${name} was ${total.toFixed(0)} s late: ${what}`),
  );
}

/** Secrets that the processes have logged. */
function leaks({ accounts, log }: World): string[] {
  const text = readFileSync(log, 'utf8');
  const secrets = [BOT_TOKEN, SECRET, STRIPE_KEY, ...accounts.map(({ token }) => token), 'pm_works', 'pm_vanished'];
  return secrets.filter((secret) => text.includes(secret)).map((secret) => `the log has ${secret}`);
}

/** What a run of this length must have met. Without it, nothing is proved. */
function tooLittle({ minutes }: ProductRun, world: World, met: Readonly<Record<string, number>>): string[] {
  const { products, api, failures, clock, load, health } = world;
  const done = (act: string) => load.outcomes.get(`${act}: done`) ?? 0;
  const whole = Math.floor(minutes);
  const counts: [string, number, number][] = [
    ['kills of the product', products.reduce((sum, { kills }) => sum + kills, 0), 2 * whole],
    ['kills of the API', api.kills, whole],
    ['kills of the database', failures.databaseKills, whole],
    ['month ends', clock.moves, Math.max(1, Math.floor((minutes * MINUTE_MS) / MONTH_EVERY_MS))],
    ['times without the token', failures.revocations, Math.max(1, Math.floor(minutes / 3))],
    ...WAY_NAMES.map((way): [string, number, number] => [`calls of Slack that met ${way}`, met[way] ?? 0, whole]),
    ...['import', 'move', 'approval', 'payment', 'credit', 'command', 'Home', 'API read', 'document'].map(
      (act): [string, number, number] => [`${act}s`, done(act), whole],
    ),
    ['answers of health checks', health.answers, 10 * whole],
  ];
  const missing = counts.filter(([, count, least]) => count < least);
  const slow = health.slowest > SLOWEST_HEALTH_MS ? [`a health check took ${health.slowest.toFixed(0)} ms`] : [];
  return [...missing.map(([what, count, least]) => `only ${count} ${what}, and not ${least}`), ...slow];
}

function summary({ seed, minutes }: ProductRun, world: World, messages: number, met: Record<string, number>): string[] {
  const { accounts, products, api, failures, clock, load, health, lateness, trace } = world;
  const all = (what: (part: Part) => number) => products.map(what).join(' + ');
  return [
    `Seed ${seed}, ${minutes} min: ${all(({ kills }) => kills)} kills of the product (${all(({ exits }) => exits)} failed starts), ${api.kills} of the API (${api.exits} failed starts), ${failures.databaseKills} of the database, ${failures.slackFaults} Slack faults set, token revoked ${failures.revocations} times, ${clock.moves} month ends, ${messages} messages`,
    `  health checks: ${health.answers} answers, the slowest after ${health.slowest.toFixed(0)} ms; waiting was looked at ${lateness.samples} times`,
    `  calls that met a fault: ${Object.entries(met)
      .sort()
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...[...load.outcomes].sort().map(([what, count]) => `  ${what}: ${count}`),
    '  longest wait in seconds, and without the time that the database or Slack were away:',
    ...accounts
      .filter(({ isPoisoned }) => !isPoisoned)
      .map(
        ({ id, name }) =>
          `  ${name}: ${KINDS.map((kind) => {
            const { total, withoutOutages } = lateness.longestOf(id, kind);
            return `${kind} ${total.toFixed(0)} (${withoutOutages.toFixed(0)})`;
          }).join(', ')}`,
      ),
    '  where the longest of them waited:',
    ...trace.lines(),
  ];
}
