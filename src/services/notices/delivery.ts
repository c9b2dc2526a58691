import { type Bundle, kindOf, subjectOf } from '../../billing/event/notice.ts';
import type { Clock } from '../../billing/period/clock.ts';
import { Members } from '../../store/accounts/accounts.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { isOfDatabase } from '../../store/kit/transaction.ts';
import { type SendingNote, type SubscriptionDoc, Subscriptions, Threads } from '../../store/notices/subscriptions.ts';
import { inactiveUsersOf } from '../access/deactivation.ts';
import { isTimeFor } from '../background/back-off.ts';
import { eachOfAll } from '../background/each-of-all.ts';
import { Hold, HoldLost } from '../background/held-lease.ts';
import { Slots } from '../background/slots.ts';
import type { Ctx } from '../kit/context.ts';
import { errorWords, retryAfterMs } from '../kit/error-words.ts';
import {
  ChannelClosed,
  type Courier,
  NotTaken,
  type Recipient,
  type SentBundle,
  TOKEN_WORDS,
  Unanswered,
} from './courier.ts';
import { nextOf } from './next-notice.ts';
import { type EarlierTry, LookupUnfinished, SETTLE_MS } from './send-once.ts';

export interface DeliveryOptions {
  /** Between two messages to one channel, in milliseconds: Slack takes about one a second. */
  readonly paceMs: number;
  /** The clock on the wall, by which Slack dates messages, whatever the product's says. */
  readonly wall: Clock;
  /** From 0 to 1: spreads the tries of many channels. */
  readonly random: () => number;
}

/** How many subscriptions one process delivers at the same time: each takes a lease, a database connection and calls to Slack. */
export const MOST_AT_ONCE = 20;
/** How long a channel stands still when the process that tells it is killed; whoever lives renews it in time. */
const LEASE_MS = 15_000;
/** Tries of a message that fail for no reason of Slack's or the network's, until the channel is paused: about a quarter of an hour. */
const MAX_UNKNOWN_FAILURES = 10;
const MESSAGE_FAILED = 'message_failed';
/** Pauses between tries grow from one to the other, in milliseconds; there is no last try. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 600_000;
/** The furthest that a channel is put off: the longest pause with its random half, or what Slack asked for. */
const FURTHEST_MS = 1_800_000;

/**
 * Tells every subscribed channel its news, in the order of the log, each channel at its own pace, up to
 * `MOST_AT_ONCE` of them in parallel. What has been told is kept in the data: the place in the log, and a note of the message that is being sent,
 * so that a process that takes over knows which one may have been said already. One process at a time tells a channel
 * (a lease): each write names the lease's token, so that a late one of an earlier holder fails.
 */
export class Delivery {
  private readonly courier: Courier;
  private readonly options: DeliveryOptions;
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private readonly slots = new Slots(MOST_AT_ONCE);
  private stopped = false;

  constructor(courier: Courier, options: DeliveryOptions) {
    this.courier = courier;
    this.options = options;
  }

  /** Starts to tell whoever has news waiting; returns without waiting for it. Safe to call at any time. */
  async poke(ctx: Ctx): Promise<void> {
    const now = ctx.clock.now();
    const isTime = { $or: [{ notBefore: null }, isTimeFor('notBefore', now, FURTHEST_MS)] };
    const fields = { accountId: 1, position: 1, sending: 1 } as const;
    const ready = await Subscriptions.find({ state: 'active', ...isTime }, fields).lean();
    const heads = new Map<string, number>();
    const accounts = new Set(ready.map(({ accountId }) => accountId));
    const loop = { kind: 'news', name: (id: string) => ({ id, accountId: id }) };
    const counted = eachOfAll(ctx, loop, accounts, async (id) => heads.set(id, await lastEntryNumber(id)));
    const fault = await counted.then(
      () => undefined,
      (error: unknown) => error,
    );
    const broken = await Subscriptions.find({ state: 'broken', brokenTold: false, ...isTime }, { _id: 1 }).lean();
    for (const { _id, accountId, position, sending } of ready) {
      const isBehind = position < (heads.get(accountId) ?? 0);
      if (sending || isBehind) this.start(ctx, _id, () => this.tellUnderLease(ctx, _id));
    }
    for (const { _id } of broken) this.start(ctx, `broken:${_id}`, () => this.tellBroken(ctx, _id));
    if (fault) throw fault;
  }

  /** Resolves when nobody is being told anything. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Lets the messages that are on their way arrive, and sends no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.idle();
  }

  private start(ctx: Ctx, name: string, work: () => Promise<void>): void {
    if (this.stopped) return;
    if (this.running.has(name)) {
      this.again.add(name);
      return;
    }
    const run = this.slots.run(() => this.run(ctx, name, work)).finally(() => this.running.delete(name));
    this.running.set(name, run);
  }

  private async run(ctx: Ctx, name: string, work: () => Promise<void>): Promise<void> {
    // it may have waited for its slot until delivery was stopped
    if (this.stopped) return;
    do {
      this.again.delete(name);
      try {
        await work();
      } catch (error) {
        ctx.log.error({ subscription: name, err: error }, 'a channel could not be told; the next tick tries again');
      }
    } while (this.again.has(name) && !this.stopped);
  }

  private async tellUnderLease(ctx: Ctx, id: string): Promise<void> {
    const hold = await Hold.claim(`news:${id}`, LEASE_MS);
    if (!hold) return;
    const { token } = hold.lease;
    try {
      const mine = { _id: id, token: { $not: { $gt: token } } };
      const { matchedCount } = await Subscriptions.updateOne(mine, { $set: { token } });
      if (matchedCount === 0) return;
      while (!this.stopped && (await this.tellNext(ctx, hold, id))) await pause(this.options.paceMs);
    } finally {
      await hold.free();
    }
  }

  /** @returns whether something was told, so that there may be more */
  private async tellNext(ctx: Ctx, hold: Hold, id: string): Promise<boolean> {
    const subscription = await Subscriptions.findOne({ _id: id, state: 'active', token: hold.lease.token }).lean();
    if (!subscription || isPutOff(subscription.notBefore, ctx.clock.now())) return false;
    if (subscription.isPersonal && !(await isMember(subscription))) {
      await Subscriptions.deleteOne({ _id: id });
      return false;
    }
    const inactive = await inactiveUsersOf(subscription.accountId);
    if (subscription.isPersonal && inactive.includes(subscription.madeBy ?? '')) {
      // kept until the person is reactivated in Slack, or removed from the account
      const notBefore = new Date(ctx.clock.now().getTime() + LONGEST_PAUSE_MS);
      await Subscriptions.updateOne({ _id: id, token: hold.lease.token }, { $set: { notBefore } });
      return false;
    }
    if (!(await isSettled(ctx, subscription))) return false;
    const bundle = await nextOf(ctx, subscription);
    if (!bundle) return false;
    try {
      return await this.send(ctx, hold, withoutMentionsOf(subscription, inactive), bundle);
    } catch (error) {
      if (error instanceof ChannelClosed) await breakOff(ctx, subscription, error);
      else if (subscription.failures + 1 >= MAX_UNKNOWN_FAILURES && isUnknown(error))
        await breakOff(ctx, subscription, new ChannelClosed(MESSAGE_FAILED, error));
      else await this.postpone(ctx, subscription, error);
      return false;
    }
  }

  /** @returns false when it is another's turn by now */
  private async send(ctx: Ctx, hold: Hold, subscription: SubscriptionDoc, bundle: Bundle): Promise<boolean> {
    const { _id, position, sending, token } = subscription;
    const [from, to] = [firstOf(bundle), lastOf(bundle)];
    const now = ctx.clock.now();
    const settledAt = new Date(now.getTime() + SETTLE_MS);
    const wall = this.options.wall.now();
    const sentFrom = sending?.since ? (sending.sentFrom ?? sending.since) : wall;
    const span = { sentFrom, sentUntil: new Date(wall.getTime() + SETTLE_MS) };
    const note: SendingNote = {
      ...sending,
      from,
      to,
      form: bundle.form,
      since: sending?.since ?? now,
      settledAt,
      ...span,
    };
    const { matchedCount } = await Subscriptions.updateOne({ _id, position, token }, { $set: { sending: note } });
    if (matchedCount === 0) return false;
    const thread = await threadOf(_id, bundle);
    const recipient = { ...recipientOf(subscription, bundle), threadTs: thread?.ts };
    const earlier = earlierTry(sending);
    await this.courier.tell(ctx, recipient, bundle, {
      ...{ earlier, sent: sending?.sent, failures: subscription.failures },
      assertHeld: () => hold.assert(),
      noteSent: (sent) => noteSent(subscription, thread, sent),
    });
    await Subscriptions.updateOne(
      { _id, position, token },
      { $set: { position: to, sending: null, failures: 0, notBefore: null, lastError: null } },
    );
    return true;
  }

  private async postpone(ctx: Ctx, { _id, failures, token }: SubscriptionDoc, error: unknown): Promise<void> {
    const now = ctx.clock.now().getTime();
    const wait = Math.min(FURTHEST_MS, this.pauseAfter(failures, error));
    // where Slack has answered, it does not take the message later
    const settles = error instanceof Unanswered ? {} : { 'sending.settledAt': new Date(now) };
    const unsent = error instanceof NotTaken ? { 'sending.since': null } : {};
    const looked = error instanceof LookupUnfinished ? { 'sending.cursor': error.cursor ?? null } : {};
    const change = { notBefore: new Date(now + wait), lastError: errorWords(error) };
    ctx.log.warn({ subscription: _id, failures: failures + 1, wait, err: error }, 'a channel could not be told');
    await Subscriptions.updateOne(
      { _id, token, sending: { $ne: null } },
      { $set: { ...change, ...settles, ...unsent, ...looked }, $inc: { failures: 1 } },
    );
  }

  /** At least what Slack asked for; else the whole to one and a half of a growing pause, so that many do not come at once. */
  private pauseAfter(failures: number, error: unknown): number {
    const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
    const wait = retryAfterMs(error) ?? grown * (1 + this.options.random() / 2);
    return error instanceof Unanswered ? Math.max(wait, SETTLE_MS) : wait;
  }

  /** Alone, since each process finds the same subscriptions broken. */
  private async tellBroken(ctx: Ctx, id: string): Promise<void> {
    const hold = await Hold.claim(`broken:${id}`, LEASE_MS);
    if (!hold) return;
    const untold = { _id: id, state: 'broken', brokenTold: false } as const;
    const subscription = await Subscriptions.findOne(untold).lean();
    try {
      if (!subscription) return;
      await this.courier.tellBroken(ctx, subscription);
      const isMended = TOKEN_WORDS.includes(subscription.brokenBy ?? '');
      const then = isMended ? { state: 'active', brokenBy: null } : { brokenTold: true };
      await Subscriptions.updateOne(untold, { $set: { ...then, failures: 0, notBefore: null } });
      if (isMended) ctx.nudge('news');
    } catch (error) {
      ctx.log.warn({ subscription: id, err: error }, 'nobody could be told of a broken channel yet');
      const wait = this.pauseAfter(subscription?.failures ?? 0, error);
      const notBefore = new Date(ctx.clock.now().getTime() + wait);
      await Subscriptions.updateOne(untold, { $set: { notBefore }, $inc: { failures: 1 } });
    } finally {
      await hold.free();
    }
  }
}

/** Whether a channel's next try is still ahead. A clock that was set back must not hold it up. */
function isPutOff(notBefore: Date | null, now: Date): boolean {
  const ahead = notBefore === null ? 0 : notBefore.getTime() - now.getTime();
  return ahead > 0 && ahead <= FURTHEST_MS;
}

/** An error of our own about the message, and not one of Slack's, of its network or of who holds the channel. */
function isUnknown(error: unknown): boolean {
  const isKnown = [NotTaken, Unanswered, LookupUnfinished, HoldLost].some((kind) => error instanceof kind);
  const isSlack = error instanceof Error && 'code' in error && String(error.code).startsWith('slack_webapi');
  return !isKnown && !isSlack && !isOfDatabase(error);
}

interface Thread {
  readonly id: string;
  readonly ts: string | undefined;
}

/** The message that others about the same thing answer, and its name; undefined for what is told alone. */
async function threadOf(subscriptionId: string, bundle: Bundle): Promise<Thread | undefined> {
  const [first] = bundle.entries;
  const subject = bundle.form === 'single' && first ? subjectOf(first) : undefined;
  if (subject === undefined) return undefined;
  const id = `${subscriptionId}:${subject}`;
  return { id, ts: (await Threads.findById(id).lean())?.ts };
}

/** As soon as a message stands: whatever fails after it, it is not sent again. A message that stands alone begins a thread. */
async function noteSent(
  { _id, position, token }: SubscriptionDoc,
  thread: Thread | undefined,
  sent: SentBundle,
): Promise<void> {
  await Subscriptions.updateOne({ _id, position, token }, { $set: { 'sending.sent': sent } });
  if (thread && !sent.isReply) await Threads.updateOne({ _id: thread.id }, { $set: { ts: sent.ts } }, { upsert: true });
}

function earlierTry(sending: SendingNote | null): EarlierTry | undefined {
  if (!sending?.since) return undefined;
  const { since, settledAt = since, sentFrom = since, sentUntil = settledAt, cursor } = sending;
  return { since: sentFrom, until: sentUntil, cursor: cursor ?? undefined };
}

/** Whether what may be on its way to Slack has arrived by now, if it ever will; else the channel waits until it has. */
async function isSettled(ctx: Ctx, { _id, sending, token }: SubscriptionDoc): Promise<boolean> {
  const wait = sending?.settledAt ? sending.settledAt.getTime() - ctx.clock.now().getTime() : 0;
  // a clock that was set back must not hold a channel up
  if (wait <= 0 || wait > SETTLE_MS) return true;
  await Subscriptions.updateOne({ _id, token }, { $set: { notBefore: sending?.settledAt } });
  return false;
}

/** Whoever has left an account reads nothing of it any more. */
async function isMember({ accountId, madeBy }: SubscriptionDoc): Promise<boolean> {
  return (await Members.exists({ accountId, $or: [{ userId: madeBy }, { users: madeBy }] })) !== null;
}

/** People who are deactivated in Slack aren't mentioned. */
function withoutMentionsOf(subscription: SubscriptionDoc, inactive: readonly string[]): SubscriptionDoc {
  return { ...subscription, mentions: subscription.mentions.filter(({ id }) => !inactive.includes(id)) };
}

function recipientOf(
  { _id, accountId, channelId, mentions }: SubscriptionDoc,
  bundle: Bundle,
): Omit<Recipient, 'threadTs'> {
  const kinds = new Set(bundle.entries.map((entry) => kindOf(entry.type)));
  const meant = mentions.filter(
    (mention) => mention.kinds.length === 0 || mention.kinds.some((kind) => kinds.has(kind)),
  );
  return { subscriptionId: _id, accountId, channelId, mentions: [...new Set(meant.map(({ id }) => id))] };
}

async function breakOff(
  ctx: Ctx,
  { _id, sending }: SubscriptionDoc,
  { reason, isUnsent }: ChannelClosed,
): Promise<void> {
  // what is resumed is sent again, and looked for only where it may stand
  const since = isUnsent ? null : (sending?.since ?? ctx.clock.now());
  ctx.log.warn({ subscription: _id, reason }, 'a channel takes no messages any more');
  await Subscriptions.updateOne(
    { _id, state: 'active' },
    {
      $set: {
        ...{ state: 'broken', brokenBy: reason, brokenTold: false, brokenAt: ctx.clock.now() },
        ...{ failures: 0, notBefore: null, 'sending.since': since, 'sending.settledAt': ctx.clock.now() },
      },
    },
  );
  ctx.nudge('news');
}

function firstOf({ entries }: Bundle): number {
  return entries[0]?.logEntryId ?? 0;
}

function lastOf({ entries }: Bundle): number {
  return entries.at(-1)?.logEntryId ?? 0;
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
