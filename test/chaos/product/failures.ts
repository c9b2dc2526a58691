import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../../../src/local/workspace/index.ts';
import { seeded } from '../../support/slack/rough-slack.ts';
import type { MortalDatabase } from '../mortal-database.ts';
import { Outages } from './lateness.ts';
import type { Part, SlackProcess } from './parts.ts';
import { slackFaults } from './slack-faults.ts';
import type { Trace } from './trace.ts';

const MINUTE_MS = 60_000;
const KILL_MS = 20_000;
const FAULT_EVERY_MS = 4_000;
const REVOKE_EVERY_MS = 180_000;
const REVOKED_MS = 3_000;
const LIMITED_MS = 10_000;
export const MONTH_EVERY_MS = 180_000;
/** Longer than Slack's slowest answer here, so that no call is in progress when the clock moves. */
const CALM_MS = 6_000;

/** The clock of all processes except the database: it jumps from one month's start to the next. */
export class RunClock {
  moves = 0;
  private aheadMs = 0;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
    process.env.CHAOS_CLOCK = file;
    writeFileSync(file, '0');
  }

  /** Moves to some time after the start of the next month, when the previous month is due to close. */
  async passMonthEnd(): Promise<void> {
    const now = new Date();
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2, 12);
    this.aheadMs += next - now.getTime();
    writeFileSync(this.file, String(Math.round(this.aheadMs)));
    this.moves += 1;
    await wait(500);
  }
}

export interface FailuresOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly database: MortalDatabase;
  readonly slack: SlackProcess;
  readonly products: readonly Part[];
  readonly api: Part;
  readonly clock: RunClock;
  readonly trace: Trace;
  readonly onProgress: (line: string) => void;
}

/** Makes everything fail, each part at its own rate and at any moment. */
export class Failures {
  readonly outages = new Outages();
  databaseKills = 0;
  revocations = 0;
  /** Faults that were set. The workspace counts those that calls met. */
  slackFaults = 0;
  private readonly of: FailuresOptions;
  private readonly random: () => number;
  private readonly faults: Generator<Fault>;
  private until = 0;
  private isCalm = false;

  constructor(of: FailuresOptions) {
    this.of = of;
    this.random = seeded(of.seed);
    this.faults = slackFaults(this.random);
  }

  /** Ends when the time is over and everything works again. */
  async run(): Promise<void> {
    const { minutes, slack, products, api, onProgress } = this.of;
    this.until = performance.now() + minutes * MINUTE_MS;
    await Promise.all([
      this.again(KILL_MS, async () => products[Math.floor(this.random() * products.length)]?.kill()),
      this.again(2 * KILL_MS, async () => api.kill()),
      this.again(MINUTE_MS, () => this.killDatabase()),
      this.again(FAULT_EVERY_MS, () => this.failSlack()),
      this.again(Math.min(REVOKE_EVERY_MS, (minutes / 2) * MINUTE_MS), () => this.revoke()),
      this.again(Math.min(MONTH_EVERY_MS, (minutes / 2) * MINUTE_MS), () => this.passMonthEnd()),
      this.again(MINUTE_MS, async () => onProgress(`${Math.round((this.until - performance.now()) / 1000)} s left`)),
    ]);
    await slack.calm();
  }

  /** Does something once in each interval, at a random point. */
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
    const { database, trace } = this.of;
    const end = this.outages.begin();
    trace.event('database killed');
    await database.kill();
    await database.start();
    trace.event('database back');
    end();
    this.databaseKills += 1;
  }

  /** A fault that lasts until it is cleared lasts until the next one. */
  private async failSlack(): Promise<void> {
    const { slack } = this.of;
    const { value: fault } = this.faults.next();
    this.of.trace.event(`Slack: ${fault.method} ${fault.status ?? fault.kind} ${fault.times}`);
    await slack.fault(fault);
    this.slackFaults += 1;
    if (fault.times !== 'always') return;
    const end = fault.method === '*' ? this.outages.begin() : () => undefined;
    await wait(FAULT_EVERY_MS);
    await slack.endLastingFaults();
    end();
  }

  /** Revokes the token and restores it. Then Slack's own rate limits apply for a while. */
  private async revoke(): Promise<void> {
    const { slack, trace } = this.of;
    const end = this.outages.begin();
    trace.event('token revoked');
    await slack.bench('token', { revoked: true });
    await wait(REVOKED_MS);
    await slack.bench('token', { revoked: false });
    end();
    await slack.limit(true);
    await wait(LIMITED_MS);
    await slack.limit(false);
    this.revocations += 1;
  }

  /** No real clock jumps by a month, so no call to Slack is in progress meanwhile. */
  private async passMonthEnd(): Promise<void> {
    this.isCalm = true;
    await this.of.slack.calm();
    await wait(CALM_MS);
    await this.of.clock.passMonthEnd();
    this.isCalm = false;
  }
}
