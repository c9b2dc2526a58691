import fc from 'fast-check';
import type { FaultKind, LocalWorkspace } from '../../../src/local/workspace/index.ts';
import type { Ctx } from '../../../src/services/context.ts';
import { Events, lastEntryNumber } from '../../../src/store/events.ts';
import { Subscriptions } from '../../../src/store/subscriptions.ts';
import { type Child, nextLine, startChild } from '../../support/children.ts';
import { BOT_TOKEN, faultsOf, happen, messagesIn, slackWith, subscribeAll, type Told } from './channels.ts';

export interface DeliveryChaos {
  readonly uri: string;
  readonly events: number;
  readonly channels: number;
  readonly processes: number;
  /** How many events happen in a second. */
  readonly perSecond: number;
  /** Between two messages to one channel, in milliseconds. */
  readonly paceMs: number;
  /** A random process is killed so often, in milliseconds, as long as there is something to tell. */
  readonly killEveryMs: number;
  /** No more than so many kills: a process that dies keeps its channels waiting for a minute. */
  readonly mostKills: number;
  /** For how long a process has a channel for itself, in milliseconds. */
  readonly leaseMs: number;
  /** How many of a hundred calls go wrong. */
  readonly faultyPercent: number;
  /** The longest that an answer of Slack takes, in milliseconds. */
  readonly slowestMs: number;
  readonly seed: number;
  /** Waited for before each event, such as for a database that is being restarted. */
  ready?(): Promise<void>;
  say?(line: string): void;
}

export interface DeliveryOutcome {
  /** What was told wrongly; empty where all is well. */
  readonly faults: readonly string[];
  readonly kills: number;
  readonly slackFaults: number;
  readonly messages: number;
  readonly seconds: number;
}

const KINDS: readonly FaultKind[] = ['429', '500', 'drop-before', 'drop-after', 'slow'];
const METHODS: readonly string[] = ['chat.postMessage', 'conversations.history'];

/**
 * Lets many events happen while Slack misbehaves and processes are killed, waits until every channel was told, and looks
 * whether each was told each of its events once and in order. The database has to be connected and migrated.
 */
export async function deliveryChaos(ctx: Ctx, options: DeliveryChaos): Promise<DeliveryOutcome> {
  const { channels, processes, say = () => undefined } = options;
  const began = Date.now();
  const random = numbers(options.seed);
  const slack = await slackWith(channels);
  const { accountId, told } = await subscribeAll(ctx, channels);
  const children = await Promise.all(Array.from({ length: processes }, () => startDelivery(options, slack)));
  const running = { isOver: false };
  const counts = { kills: 0, slackFaults: 0 };
  misbehave(slack, counts, options, random);
  const killing = killOften(children, running, counts, options, slack, random);
  try {
    await letHappen(ctx, accountId, told, options);
    say(`${options.events} events have happened after ${seconds(began)} s, ${counts.kills} kills`);
    await allTold(accountId, say, began);
  } finally {
    running.isOver = true;
    await killing;
    for (const child of children) child.process.kill('SIGKILL');
    await Promise.all(children.map((child) => child.ended));
  }
  const faults = (await Promise.all(told.map((one) => faultsOf(slack, one)))).flat();
  const messages = told.reduce((sum, { channelId }) => sum + messagesIn(slack, channelId), 0);
  await slack.stop();
  return { faults, messages, ...counts, seconds: seconds(began) };
}

async function startDelivery({ uri, paceMs, leaseMs }: DeliveryChaos, slack: LocalWorkspace): Promise<Child> {
  const args = [uri, slack.apiUrl, BOT_TOKEN, String(paceMs), String(leaseMs)];
  const child = startChild('test/children/deliver.ts', args);
  await nextLine(child);
  return child;
}

async function letHappen(ctx: Ctx, accountId: string, told: readonly Told[], options: DeliveryChaos): Promise<void> {
  const began = Date.now();
  for (let number = 0; number < options.events; number++) {
    await options.ready?.();
    const groupId = told[number % told.length]?.billingGroupId ?? '';
    await untilWritten(() => happen(ctx, accountId, groupId, number));
    const ahead = (number / options.perSecond) * 1000 - (Date.now() - began);
    if (ahead > 0) await pause(ahead);
  }
}

/** Whoever writes tries again while the database is away; an event is there once in any case, since a transaction is. */
async function untilWritten(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch {
      await pause(200);
    }
  }
}

async function allTold(accountId: string, say: (line: string) => void, began: number): Promise<void> {
  for (let look = 0; ; look++) {
    try {
      const waiting = await Events.countDocuments({ accountId, waiting: true });
      const head = await lastEntryNumber(accountId);
      const behind = await Subscriptions.countDocuments({
        accountId,
        $or: [{ position: { $lt: head } }, { sending: { $ne: null } }],
      });
      if (waiting === 0 && behind === 0) return;
      if (look % 40 === 39) say(`${seconds(began)} s: ${waiting} events without number, ${behind} channels behind`);
    } catch {
      // the database is away
    }
    await pause(500);
  }
}

/** Has some of Slack's calls go wrong, at random. */
function misbehave(
  slack: LocalWorkspace,
  counts: { slackFaults: number },
  { slowestMs, faultyPercent }: DeliveryChaos,
  random: () => number,
): void {
  slack.faults.take = (method) => {
    if (!METHODS.includes(method) || random() % 100 >= faultyPercent) return undefined;
    counts.slackFaults += 1;
    const kind = KINDS[random() % KINDS.length] ?? '500';
    return { method, kind, ms: random() % slowestMs, retryAfter: 1 + (random() % 2) };
  };
}

async function killOften(
  children: Child[],
  running: { isOver: boolean },
  counts: { kills: number },
  options: DeliveryChaos,
  slack: LocalWorkspace,
  random: () => number,
): Promise<void> {
  while (!running.isOver && counts.kills < options.mostKills) {
    await pause(options.killEveryMs);
    const at = random() % children.length;
    const child = children[at];
    if (!child || running.isOver) return;
    child.process.kill('SIGKILL');
    await child.ended;
    counts.kills += 1;
    children[at] = await startDelivery(options, slack);
  }
}

/** Random numbers that are the same for the same seed. */
function numbers(seed: number): () => number {
  const all = fc.sample(fc.nat(), { seed, numRuns: 10_000 });
  let at = 0;
  return () => all[at++ % all.length] ?? 0;
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
