import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaultKind } from '../../../src/local/workspace/index.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { connectStore, disconnectStore } from '../../../src/store/kit/connect.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import { seeded } from '../../support/slack/rough-slack.ts';
import { startStripe } from '../../support/stripe.ts';
import { MortalDatabase } from '../mortal-database.ts';
import { type ChaosAccount, makeAccounts, seedOfAccounts } from './accounts.ts';
import { INVARIANTS } from './invariants.ts';
import { Lateness, Outages } from './lateness.ts';
import { Load } from './load.ts';
import { BOT_TOKEN, freePort, Part, SECRET, SlackProcess } from './parts.ts';

export interface ProductRun {
  readonly seed: number;
  readonly minutes: number;
  readonly onProgress: (line: string) => void;
}

const MINUTE_MS = 60_000;
const PRODUCT_KILL_MS = 20_000;
const FAULT_EVERY_MS = 4_000;
const REVOKED_MS = 3_000;
/** Longer than Slack's slowest answer here: nothing is on its way any more when the clock moves. */
const CALM_MS = 5_000;
const SETTLE_MS = 360_000;
const CLOSE_DELAY_MS = 86_400_000;
const LOAD_EVERY_MS = 1_500;
const KINDS: readonly FaultKind[] = ['429', '500', 'drop-before', 'drop-after', 'slow', 'error'];
const METHODS = ['*', '*', 'chat.postMessage', 'conversations.history', 'files.info', 'download', 'response_url'];

/** All processes of the product under a load, while each of them and everything around it fails. @returns a summary, and whether all is as it should be */
export async function runProduct({
  seed,
  minutes,
  onProgress,
}: ProductRun): Promise<{ lines: string[]; isSound: boolean }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-clock-'));
  const clock = new RunClock(path.join(folder, 'ahead'));
  // whatever starts from now on, and this process, goes by that clock
  await import('./moved-clock.ts');
  const database = new MortalDatabase();
  await database.start();
  await connectStore(database.uri);
  await migrate();
  const accounts = await makeAccounts();
  onProgress('Five accounts are there.');
  const stripe = await startStripe();
  const ports = [await freePort(), await freePort(), await freePort()];
  const slack = await SlackProcess.start(
    seedOfAccounts(),
    ports.slice(0, 2).map((port) => `http://127.0.0.1:${port}/slack/events`),
  );
  const env = { MONGODB_URI: database.uri, LOG_LEVEL: 'warn' };
  const product = {
    ...{ ...env, SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SECRET, SLACK_API_URL: slack.apiUrl },
    ...{ STRIPE_SECRET_KEY: 'sk_test_chaos', STRIPE_API_URL: stripe.url, VIES_URL: 'off', API: 'off' },
  };
  const products = ports.slice(0, 2).map((port) => new Part('src/bin/server.ts', { ...product, PORT: String(port) }));
  const api = new Part('src/bin/api.ts', { ...env, PORT: String(ports[2]) });
  await slack.bench('archive', { as: accounts[0]?.person('OWNER'), channel: 'C0ARCHIVED', archived: true });
  const chaos = new Chaos({ seed, minutes, database, slack, products, api, clock, onProgress });
  const healthy = accounts.filter(({ isPoisoned }) => !isPoisoned).map(({ id }) => id);
  const load = new Load({ accounts, slack, apiUrl: `http://127.0.0.1:${ports[2]}`, random: seeded(seed + 1) });
  await wait(10_000);
  const lateness = new Lateness(healthy, chaos.outages);
  const watching = lateness.run();
  const loading = [load.run(LOAD_EVERY_MS), load.run(LOAD_EVERY_MS)];
  try {
    await chaos.run();
    load.end();
    await Promise.all(loading);
    onProgress('The faults are over; what is left is done.');
    const left = await untilDone(healthy);
    lateness.end();
    await watching;
    const { messages } = await slack.look();
    const lines = [
      `Seed ${seed}, ${minutes} min: ${products.map(({ kills }) => kills).join(' + ')} kills of the product (${products.map(({ exits }) => exits).join(' + ')} failed starts), ${api.kills} of the API, ${chaos.databaseKills} of the database, ${chaos.faults} Slack faults, ${clock.moves} month ends, ${messages.length} messages`,
      ...[...load.outcomes].sort().map(([what, count]) => `  ${what}: ${count}`),
      ...[...lateness.longest].map(
        ([kind, { total, withoutOutages, what }]) =>
          `  oldest ${kind}: ${total.toFixed(0)} s, ${withoutOutages.toFixed(0)} s without outages (${what})`,
      ),
    ];
    const faults = [...left.map((what) => `never done: ${what}`)];
    for (const longest of lateness.longest.values())
      if (longest.withoutOutages > 60) faults.push(`late by ${longest.withoutOutages.toFixed(0)} s: ${longest.what}`);
    for (const path of load.files.keys())
      if (path.startsWith('LEAK')) faults.push(`the API showed another account: ${path}`);
    for (const [words, check] of Object.entries(INVARIANTS)) {
      const found: string[] = [];
      for (const account of accounts) {
        const traces = { messages, stripe, files: load.files, accounts };
        found.push(...(await check(account, traces)).map((fault) => `${account.name}: ${fault}`));
      }
      lines.push(`${found.length === 0 ? 'holds ' : 'BROKEN'} | ${words}`);
      faults.push(...found.map((fault) => `${words} | ${fault}`));
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

/** The clock of all processes but the database's: it goes forward from one month's begin to the next's. */
class RunClock {
  moves = 0;
  private aheadMs = 0;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
    process.env.CHAOS_CLOCK = file;
    writeFileSync(file, '0');
  }

  /** To some time after the next month's begin, when the month before is due to be closed. */
  async passMonthEnd(): Promise<void> {
    const now = new Date();
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2, 12);
    this.aheadMs += next - now.getTime();
    writeFileSync(this.file, String(Math.round(this.aheadMs)));
    this.moves += 1;
    await wait(500);
  }
}

class Chaos {
  readonly outages = new Outages();
  databaseKills = 0;
  faults = 0;
  private readonly of: ProductRun & {
    readonly database: MortalDatabase;
    readonly slack: SlackProcess;
    readonly products: readonly Part[];
    readonly api: Part;
    readonly clock: RunClock;
  };
  private readonly random: () => number;
  private until = 0;
  private isCalm = false;

  constructor(of: Chaos['of']) {
    this.of = of;
    this.random = seeded(of.seed);
  }

  /** Ends when the time is over, and everything that failed is there again. */
  async run(): Promise<void> {
    const { minutes, slack, products, api, onProgress } = this.of;
    this.until = performance.now() + minutes * MINUTE_MS;
    await Promise.all([
      this.again(PRODUCT_KILL_MS, async () => products[Math.floor(this.random() * products.length)]?.kill()),
      this.again(3 * PRODUCT_KILL_MS, async () => api.kill()),
      this.again(MINUTE_MS, () => this.killDatabase()),
      this.again(FAULT_EVERY_MS, () => this.failSlack()),
      this.again(3 * MINUTE_MS, () => this.revoke()),
      this.again(Math.min(5, minutes / 2) * MINUTE_MS, () => this.passMonthEnd()),
      this.again(MINUTE_MS, async () => onProgress(`${Math.round((this.until - performance.now()) / 1000)} s left`)),
    ]);
    await slack.calm();
  }

  /** Does something once in each stretch of time, at any point of it. */
  private async again(everyMs: number, act: () => Promise<void>): Promise<void> {
    for (let begin = performance.now(); begin + everyMs <= this.until + 1; begin += everyMs) {
      const at = this.random() * everyMs * 0.9;
      await wait(Math.max(0, begin + at - performance.now()));
      while (this.isCalm) await wait(200);
      await act();
      await wait(Math.max(0, begin + everyMs - performance.now()));
    }
  }

  private async killDatabase(): Promise<void> {
    const { database } = this.of;
    const end = this.outages.begin();
    await database.kill();
    await database.start();
    end();
    this.databaseKills += 1;
  }

  private async failSlack(): Promise<void> {
    const pick = <T>(all: readonly T[]) => all[Math.floor(this.random() * all.length)] as T;
    const kind = pick(KINDS);
    const more =
      kind === '500'
        ? { status: pick([500, 502, 503]) }
        : kind === 'error'
          ? { error: pick(['fatal_error', 'internal_error', 'service_unavailable']) }
          : {};
    const times = 1 + Math.floor(this.random() * 3);
    await this.of.slack.fault({
      method: pick(METHODS),
      kind,
      times,
      retryAfter: 1,
      ms: this.random() * 4_000,
      ...more,
    });
    this.faults += 1;
  }

  /** The token is taken away and given back; then Slack's own limits are kept for a while. */
  private async revoke(): Promise<void> {
    const end = this.outages.begin();
    await this.of.slack.bench('token', { revoked: true });
    await wait(REVOKED_MS);
    await this.of.slack.bench('token', { revoked: false });
    end();
    await this.of.slack.bench('rate-limits', { on: true });
    await wait(10_000);
    await this.of.slack.bench('rate-limits', { on: false });
  }

  /** No machine's clock jumps by a month: nothing is on its way to Slack meanwhile. */
  private async passMonthEnd(): Promise<void> {
    this.isCalm = true;
    await this.of.slack.calm();
    await wait(CALM_MS);
    await this.of.clock.passMonthEnd();
    this.isCalm = false;
  }
}

/** Waits until nothing is left to do in these accounts. @returns what is not done after a while, in words */
async function untilDone(accountIds: readonly ChaosAccount['id'][]): Promise<string[]> {
  const of = { accountId: { $in: [...accountIds] } };
  for (const began = performance.now(); ; ) {
    const dueBy = new Date(Date.now() - CLOSE_DELAY_MS);
    const heads = new Map<string, number>();
    for (const id of accountIds) {
      const [head] = await Events.find({ accountId: id, logEntryId: { $exists: true } })
        .sort({ logEntryId: -1 })
        .limit(1)
        .lean();
      heads.set(id, head?.logEntryId ?? 0);
    }
    const behind = await Subscriptions.find(of).lean();
    const counts: Readonly<Record<string, number>> = {
      'events without a number': await Events.countDocuments({ ...of, waiting: true }),
      'channels behind': behind.filter(({ accountId, position }) => position < (heads.get(accountId) ?? 0)).length,
      imports: await Imports.countDocuments({ ...of, state: { $in: ['queued', 'running', 'interrupted'] } }),
      'estimates touched': await Invoices.countDocuments({ ...of, state: 'estimate', touchedAt: { $ne: null } }),
      'months not closed': await Invoices.countDocuments({
        ...of,
        state: { $in: ['estimate', 'draft'] },
        periodEnd: { $lt: dueBy },
      }),
      'charges open': await Charges.countDocuments({ ...of, state: 'open' }),
      'card invoices not charged': await Invoices.countDocuments({ ...of, state: 'due' }),
    };
    const left = Object.entries(counts).filter(([, count]) => count > 0);
    if (left.length === 0 || performance.now() - began > SETTLE_MS)
      return left.map(([what, count]) => `${count} ${what}`);
    await wait(1_000);
  }
}
