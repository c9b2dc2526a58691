import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { inTransaction } from '../../src/services/kit/transaction.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Events } from '../../src/store/events/events.ts';
import { Subscriptions } from '../../src/store/notices/subscriptions.ts';
import { bundleOf } from '../support/bundle.ts';
import { type Roughness, type RoughSlack, seeded, startRoughSlack, type Taken } from '../support/slack/rough-slack.ts';

export interface DeliveryRun extends Roughness {
  readonly uri: string;
  readonly events: number;
  readonly channels: number;
  readonly processes: number;
  /** The interval between kills of a process, in milliseconds. */
  readonly killEveryMs: number;
  /** The interval between a channel's events, in milliseconds. */
  readonly eventEveryMs: number;
  readonly paceMs: number;
  /**
   * How long processes are still killed after all events are written. Then the last ones keep running, so that it ends.
   */
  readonly killsAfterMs: number;
  /** Something else that runs meanwhile, such as a database that is killed. It ends before the processes do. */
  readonly meanwhile?: () => Promise<void>;
  readonly onProgress?: (line: string) => void;
}

export interface DeliveryOutcome {
  /** Everything that is wrong, in words; empty if each channel has each of its events once and in order. */
  readonly faults: readonly string[];
  readonly messages: number;
  readonly kills: number;
  readonly seconds: number;
  readonly outcomes: ReadonlyMap<string, number>;
}

const ACCOUNT = 'acct_chaos';
const TYPES = ['billing_group_renamed', 'billing_group_changed'] as const;
const LOOK_EVERY_MS = 500;

const ctx: Ctx = {
  clock: { now: () => new Date() },
  log: silentLogger(),
  actor: { kind: 'automation' },
  nudge: () => undefined,
};

/**
 * Several processes notify many channels under kills and faults. The result doesn't depend on timing: it is determined
 * once every channel has been notified, and says whether each event is in its channel once and in order.
 */
export async function runDelivery(options: DeliveryRun): Promise<DeliveryOutcome> {
  const began = performance.now();
  const slack = await startRoughSlack(options);
  const channels = Array.from({ length: options.channels }, (_, at) => `C${at}`);
  await Accounts.collection.insertOne({ _id: ACCOUNT as never, teamId: 'T0CHAOS', name: 'Chaos', timeZone: 'Etc/UTC' });
  await Subscriptions.create(
    channels.map((channelId, at) => ({
      ...{ _id: `sub_${at}`, accountId: ACCOUNT, channelId, groupIds: [groupOf(at)], position: 0 },
    })),
  );
  const program = await bundleOf('test/children/teller.ts');
  const fleet = new Fleet(options, program.file, slack.apiUrl);
  const killing = fleet.killAround(options.killEveryMs);
  try {
    await Promise.all([writeEvents(options), options.meanwhile?.()]);
    options.onProgress?.(`${options.events} events written, ${fleet.kills} kills, ${slack.taken.length} messages`);
    const last = setTimeout(() => fleet.spare(), options.killsAfterMs);
    await untilTold(options, slack);
    clearTimeout(last);
  } finally {
    fleet.end();
    await killing;
    await slack.close();
    program.remove();
  }
  return {
    faults: await faultsOf(slack.taken, channels),
    messages: slack.taken.length,
    kills: fleet.kills,
    seconds: Math.round((performance.now() - began) / 1000),
    outcomes: slack.outcomes,
  };
}

/** Processes that are killed and restarted. */
class Fleet {
  kills = 0;
  private readonly options: DeliveryRun;
  private readonly file: string;
  private readonly slackApiUrl: string;
  private readonly random: () => number;
  private readonly children: ChildProcess[];
  private ended = false;
  private spared = false;

  constructor(options: DeliveryRun, file: string, slackApiUrl: string) {
    this.options = options;
    this.file = file;
    this.slackApiUrl = slackApiUrl;
    this.random = seeded(options.seed + 1);
    this.children = Array.from({ length: options.processes }, (_, at) => this.start(at));
  }

  async killAround(everyMs: number): Promise<void> {
    for (;;) {
      await wait(everyMs);
      if (this.ended || this.spared) return;
      const at = Math.floor(this.random() * this.children.length);
      // it is restarted when it exits
      if (this.children[at]?.kill('SIGKILL')) this.kills += 1;
    }
  }

  /** Stops killing. */
  spare(): void {
    this.spared = true;
  }

  end(): void {
    this.ended = true;
    for (const child of this.children) child.kill('SIGKILL');
  }

  /** Starts one, and restarts it whenever it exits, killed or because the database was unavailable. */
  private start(at: number): ChildProcess {
    const { uri, paceMs } = this.options;
    const log = process.env.TEST_LOG ? 'inherit' : 'ignore';
    const child = spawn(process.execPath, [this.file, uri, this.slackApiUrl, String(paceMs)], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', log, log],
    });
    child.once('exit', () => {
      if (!this.ended) this.children[at] = this.start(at);
    });
    return child;
  }
}

/** Gives each channel its events one after the other, with two kinds alternating so that neighbors aren't combined. */
async function writeEvents({ events, channels, eventEveryMs }: DeliveryRun): Promise<void> {
  for (let round = 0; round * channels < events; round++) {
    const began = performance.now();
    const batch = Array.from({ length: Math.min(channels, events - round * channels) }, (_, at) => ({
      ...{ accountId: ACCOUNT, billingGroupId: groupOf(at), description: `Channel ${at}, event ${round}` },
      type: TYPES[round % TYPES.length] ?? TYPES[0],
    }));
    await untilDone(() => inTransaction(ctx, (tx) => tx.recordAll(batch)));
    await wait(Math.max(0, eventEveryMs - (performance.now() - began)));
  }
}

async function untilTold({ onProgress, events }: DeliveryRun, slack: RoughSlack): Promise<void> {
  for (let looks = 0; ; looks++) {
    const numbered = await untilDone(() => Events.countDocuments({ logEntryId: { $exists: true } }));
    const head = await untilDone(() => Events.countDocuments({}));
    const behind = await untilDone(() => countBehind());
    if (numbered === events && behind === 0) return;
    if (looks % 20 === 0) onProgress?.(`${head} events, ${behind} channels behind, ${slack.taken.length} messages`);
    await wait(LOOK_EVERY_MS);
  }
}

async function countBehind(): Promise<number> {
  const last = await Events.aggregate<{ _id: string; last: number }>([
    { $group: { _id: '$billingGroupId', last: { $max: '$logEntryId' } } },
  ]);
  const lasts = new Map(last.map((one) => [one._id, one.last]));
  const all = await Subscriptions.find().lean();
  return all.filter(({ groupIds, position }) => position < (lasts.get(groupIds[0] ?? '') ?? 0)).length;
}

/** Retries while the database is unavailable for a moment. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await wait(200);
    }
  }
}

/** What is posted twice, not at all, in another order, or with the wrong number. */
async function faultsOf(taken: readonly Taken[], channels: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [at, channel] of channels.entries()) {
    const due = await Events.find({ billingGroupId: groupOf(at) })
      .sort({ logEntryId: 1 })
      .lean();
    let told = 0;
    for (const { key, text } of taken.filter((one) => one.channel === channel)) {
      const [from, to] = (key.split(':')[1] ?? '').split('-').map(Number);
      const entries = due.filter(({ logEntryId = 0 }) => logEntryId >= (from ?? 0) && logEntryId <= (to ?? 0));
      if (due[told]?.logEntryId !== from) faults.push(`${channel}: ${key} came where ${due[told]?.logEntryId} was due`);
      const words = entries.length === 1 ? entries[0]?.description : `${entries.length} events`;
      if (!text.includes(words ?? '?')) faults.push(`${channel}: ${key} says “${text}”`);
      told += entries.length;
    }
    if (told !== due.length) faults.push(`${channel}: ${told} of ${due.length} events were told`);
  }
  return faults;
}

function groupOf(channel: number): string {
  return `bg_${channel}`;
}
