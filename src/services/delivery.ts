import type { LogEntry } from '../billing/event.ts';
import { type Bundle, isNews, kindOf, MOST_IN_MESSAGE, nextBundle, subjectOf, toldFrom } from '../billing/notice.ts';
import { Accounts, Members } from '../store/accounts.ts';
import { claimLease, freeLease, type Lease, renewLease } from '../store/leases.ts';
import { type SendingNote, type SubscriptionDoc, Subscriptions, Threads } from '../store/subscriptions.ts';
import type { Ctx } from './context.ts';
import { entriesAfter } from './log.ts';

/** Where a message goes, and who is to be mentioned in it. */
export interface Recipient {
  readonly subscriptionId: string;
  readonly accountId: string;
  readonly channelId: string;
  /** Slack ids of users and user groups. */
  readonly mentions: readonly string[];
  /** The message that this one answers, if there is one about the same thing. */
  readonly threadTs: string | undefined;
}

/** Says things in Slack. */
export interface Courier {
  /**
   * Says a bundle as one message.
   *
   * @param since when it may have been said before by a process that did not live to note it: it has to be looked for
   * from then on, before it is said; undefined when it is said for the first time
   * @returns the message's ts
   * @throws {ChannelClosed} when the channel takes nothing any more
   */
  tell(ctx: Ctx, to: Recipient, bundle: Bundle, since: Date | undefined): Promise<string>;
  /** Tells those who can mend it that a subscription is broken. Safe to repeat. */
  tellBroken(ctx: Ctx, subscription: SubscriptionDoc): Promise<void>;
}

/** A channel that is gone, archived, or has put the app out; `reason` is Slack's word. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
  readonly reason: string;

  constructor(reason: string, cause: unknown) {
    super(`The channel takes no messages: ${reason}`, { cause });
    this.reason = reason;
  }
}

export interface DeliveryOptions {
  /** Between two messages to one channel, in milliseconds: Slack takes about one a second. */
  readonly paceMs: number;
  /** From 0 to 1: spreads the tries of many channels. */
  readonly random: () => number;
}

/** Longer than Slack is given for an answer, so that nobody else begins while one is awaited. */
const LEASE_MS = 60_000;
const BATCH = 500;
/** Pauses between tries grow from one to the other, in milliseconds; there is no last try. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Tells every subscribed channel its news, in the order of the log, each channel at its own pace and none waiting for
 * another. What has been told is kept in the data: the place in the log, and a note of the message that is being sent,
 * so that a process that takes over knows which one may have been said already. One process at a time tells a channel
 * (a lease); should two, the place moves on only for the one that knows the present one.
 */
export class Delivery {
  private readonly courier: Courier;
  private readonly options: DeliveryOptions;
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private stopped = false;

  constructor(courier: Courier, options: DeliveryOptions) {
    this.courier = courier;
    this.options = options;
  }

  /** Starts to tell whoever has news waiting; returns without waiting for it. Safe to call at any time. */
  async poke(ctx: Ctx): Promise<void> {
    const now = ctx.clock.now();
    const ready = await Subscriptions.find(
      { state: 'active', $or: [{ notBefore: null }, { notBefore: { $lte: now } }] },
      { _id: 1 },
    ).lean();
    for (const { _id } of ready) this.start(ctx, _id);
    const broken = await Subscriptions.find({ state: 'broken', brokenTold: false }).lean();
    for (const subscription of broken) await this.tellBroken(ctx, subscription);
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

  private start(ctx: Ctx, id: string): void {
    if (this.stopped) return;
    if (this.running.has(id)) {
      this.again.add(id);
      return;
    }
    const run = this.run(ctx, id).finally(() => this.running.delete(id));
    this.running.set(id, run);
  }

  private async run(ctx: Ctx, id: string): Promise<void> {
    do {
      this.again.delete(id);
      try {
        await this.tellUnderLease(ctx, id);
      } catch (error) {
        ctx.log.error({ subscription: id, err: error }, 'a channel could not be told; the next tick tries again');
      }
    } while (this.again.has(id) && !this.stopped);
  }

  private async tellUnderLease(ctx: Ctx, id: string): Promise<void> {
    const lease = await claimLease(`news:${id}`, ctx.clock.now(), LEASE_MS);
    if (!lease) return;
    try {
      while (!this.stopped && (await this.tellNext(ctx, lease, id))) await pause(this.options.paceMs);
    } finally {
      await freeLease(lease, ctx.clock.now());
    }
  }

  /** @returns whether something was told, so that there may be more */
  private async tellNext(ctx: Ctx, lease: Lease, id: string): Promise<boolean> {
    const subscription = await Subscriptions.findOne({ _id: id, state: 'active' }).lean();
    if (!subscription || (subscription.notBefore && subscription.notBefore > ctx.clock.now())) return false;
    if (subscription.isPersonal && !(await isMember(subscription))) {
      await Subscriptions.deleteOne({ _id: id });
      return false;
    }
    const bundle = await nextOf(ctx, subscription);
    if (!bundle) return false;
    if (!(await renewLease(lease, ctx.clock.now(), LEASE_MS))) return false;
    try {
      await this.send(ctx, subscription, bundle);
      return true;
    } catch (error) {
      if (error instanceof ChannelClosed) await breakOff(ctx, subscription, error);
      else await this.postpone(ctx, subscription, error);
      return false;
    }
  }

  private async send(ctx: Ctx, subscription: SubscriptionDoc, bundle: Bundle): Promise<void> {
    const { _id, position, sending } = subscription;
    const range = { from: firstOf(bundle), to: lastOf(bundle), form: bundle.form };
    if (!sending) {
      const note: SendingNote = { ...range, since: ctx.clock.now() };
      const { matchedCount } = await Subscriptions.updateOne({ _id, position }, { $set: { sending: note } });
      if (matchedCount === 0) return;
    }
    const [first] = bundle.entries;
    const subject = bundle.form === 'single' && first ? subjectOf(first) : undefined;
    const thread = subject === undefined ? null : await Threads.findById(`${_id}:${subject}`).lean();
    const to = { ...recipientOf(subscription, bundle), threadTs: thread?.ts };
    const ts = await this.courier.tell(ctx, to, bundle, sending?.since);
    if (subject !== undefined && !thread) {
      await Threads.updateOne({ _id: `${_id}:${subject}` }, { $setOnInsert: { ts } }, { upsert: true });
    }
    await Subscriptions.updateOne(
      { _id, position },
      { $set: { position: range.to, sending: null, failures: 0, notBefore: null, lastError: null } },
    );
  }

  private async postpone(ctx: Ctx, { _id, failures }: SubscriptionDoc, error: unknown): Promise<void> {
    const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
    // at least what Slack asked for; else between the whole and one and a half of the pause, so that many do not come at once
    const wait = retryAfterMs(error) ?? grown * (1 + this.options.random() / 2);
    const notBefore = new Date(ctx.clock.now().getTime() + wait);
    const lastError = error instanceof Error ? error.message : String(error);
    ctx.log.warn({ subscription: _id, failures: failures + 1, wait, err: error }, 'a channel could not be told');
    await Subscriptions.updateOne({ _id }, { $set: { notBefore, lastError }, $inc: { failures: 1 } });
  }

  private async tellBroken(ctx: Ctx, subscription: SubscriptionDoc): Promise<void> {
    try {
      await this.courier.tellBroken(ctx, subscription);
      await Subscriptions.updateOne({ _id: subscription._id, state: 'broken' }, { $set: { brokenTold: true } });
    } catch (error) {
      ctx.log.warn({ subscription: subscription._id, err: error }, 'nobody could be told of a broken channel yet');
    }
  }
}

/** What is to be told next: what may be half told already, else the next of the log; undefined when nothing is due. */
async function nextOf(ctx: Ctx, subscription: SubscriptionDoc): Promise<Bundle | undefined> {
  const { accountId, sending } = subscription;
  if (sending) {
    const all = await entriesAfter(accountId, sending.from - 1, sending.to - sending.from + 1);
    const entries = all.filter((entry) => isNews(entry, subscription));
    if (entries.length > 0) return { form: sending.form, entries };
    // what it is about was changed meanwhile
    await Subscriptions.updateOne({ _id: subscription._id }, { $set: { sending: null, position: sending.to } });
    return undefined;
  }
  const news = await newsAfter(subscription);
  const [first] = news;
  if (!first) return undefined;
  const bundle = nextBundle(news, subscription.rhythm);
  if (subscription.rhythm === 'at_once') return bundle;
  const { timeZone } = await Accounts.findById(accountId).orFail().lean();
  return toldFrom(first.createTime, subscription.rhythm, timeZone) <= ctx.clock.now() ? bundle : undefined;
}

/** The news behind a subscription's place, as many as a message can hold; its place moves on over what is no news. */
async function newsAfter(subscription: SubscriptionDoc): Promise<LogEntry[]> {
  const { _id, accountId } = subscription;
  let { position } = subscription;
  const news: LogEntry[] = [];
  for (let at = position; news.length < MOST_IN_MESSAGE; ) {
    const entries = await entriesAfter(accountId, at, BATCH);
    const last = entries.at(-1);
    if (!last) return news;
    news.push(...entries.filter((entry) => isNews(entry, subscription)));
    at = last.logEntryId;
    if (news.length > 0) continue;
    await Subscriptions.updateOne({ _id, position }, { $set: { position: at } });
    position = at;
  }
  return news;
}

/** Whoever has left an account reads nothing of it any more. */
async function isMember({ accountId, madeBy }: SubscriptionDoc): Promise<boolean> {
  return (await Members.exists({ accountId, $or: [{ userId: madeBy }, { users: madeBy }] })) !== null;
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

async function breakOff(ctx: Ctx, { _id }: SubscriptionDoc, { reason }: ChannelClosed): Promise<void> {
  ctx.log.warn({ subscription: _id, reason }, 'a channel takes no messages any more');
  await Subscriptions.updateOne(
    { _id, state: 'active' },
    { $set: { state: 'broken', brokenBy: reason, brokenTold: false, sending: null } },
  );
  ctx.nudge('news');
}

function firstOf({ entries }: Bundle): number {
  return entries[0]?.logEntryId ?? 0;
}

function lastOf({ entries }: Bundle): number {
  return entries.at(-1)?.logEntryId ?? 0;
}

/** How long Slack asked to wait, when it answered 429. */
function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfter' in error) || typeof error.retryAfter !== 'number') return undefined;
  return error.retryAfter * 1000;
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
