import type { Bundle } from '../../billing/event/notice.ts';
import type { Clock } from '../../billing/period/clock.ts';
import { hasMembership } from '../../store/accounts/member-reads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import {
  brokenToTell,
  brokenUntold,
  type SubscriptionName,
  subscriptionsToTell,
  subscriptionUnder,
} from '../../store/notices/subscription-reads.ts';
import {
  dropSubscription,
  markBrokenTold,
  mendBroken,
  noteSending,
  noteTold,
  putOffBroken,
  putOffSubscription,
  takeSubscription,
} from '../../store/notices/subscription-writes.ts';
import type { SendingNote, SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { inactiveUsersOf } from '../access/deactivation.ts';
import { eachOfAll } from '../background/each-of-all.ts';
import { Hold, HoldLost } from '../background/held-lease.ts';
import { Slots } from '../background/slots.ts';
import type { Ctx } from '../kit/context.ts';
import { type Courier, TOKEN_WORDS } from './courier.ts';
import { breakOff, closedBy, FURTHEST_MS, isPutOff, LONGEST_PAUSE_MS, pauseAfter, postpone } from './failed-sends.ts';
import { nextOf } from './next-notice.ts';
import { SETTLE_MS } from './send-once.ts';
import {
  earlierTry,
  firstOf,
  lastOf,
  noteSent,
  recipientOf,
  threadOf,
  unsettledUntil,
  withoutMentionsOf,
} from './sending.ts';

export interface DeliveryOptions {
  /** The pause between two messages to one channel, in milliseconds: Slack accepts about one per second. */
  readonly paceMs: number;
  /** The system clock, which matches Slack's message timestamps, instead of the product's clock. */
  readonly wall: Clock;
  /** Those of some accounts that messages can be sent to at all. What is to be sent to the others waits. */
  readonly inReach: (accountIds: Iterable<string>) => Promise<ReadonlySet<string>>;
  /** From 0 to 1: spreads the retries of many channels. */
  readonly random: () => number;
}

/**
 * How many subscriptions one process delivers in parallel: each needs a lease, a database connection and Slack calls.
 */
export const MOST_AT_ONCE = 20;
/** How long a channel is blocked if its process is killed. A running process renews its lease in time. */
const LEASE_MS = 8_000;
/** How old the note about a message may be when it is posted, so that the call ends before the message counts as settled. */
const NOTE_MS = 1_000;
/**
 * Delivers log entries to every subscribed channel in order, each channel at its own pace, up to `MOST_AT_ONCE` of them
 * in parallel. The progress is stored: the log position, and a record of the message being sent, so that a process that
 * takes over knows which message may already have been posted. One process at a time delivers to a channel, under a
 * lease. Each write names the lease's token, so a late write of an earlier holder fails.
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

  /** Starts delivery to all subscriptions with new entries, without waiting for it. Safe to call at any time. */
  async poke(ctx: Ctx): Promise<void> {
    const putOff = { now: ctx.clock.now(), furthestMs: FURTHEST_MS };
    const [behind, untold] = [await subscriptionsToTell(putOff), await brokenToTell(putOff)];
    const reachable = await this.options.inReach([...behind, ...untold].map(({ accountId }) => accountId));
    const ready = behind.filter(({ accountId }) => reachable.has(accountId));
    const broken = untold.filter(({ accountId }) => reachable.has(accountId));
    const heads = new Map<string, number>();
    const accounts = new Set(ready.map(({ accountId }) => accountId));
    const loop = { kind: 'news', name: (id: string) => ({ id, accountId: id }) };
    const counted = eachOfAll(ctx, loop, accounts, async (id) => heads.set(id, await lastEntryNumber(id)));
    const fault = await counted.then(
      () => undefined,
      (error: unknown) => error,
    );
    for (const one of ready) {
      const isBehind = one.position < (heads.get(one.accountId) ?? 0);
      if (one.sending || isBehind) this.start(ctx, one._id, () => this.tellUnderLease(ctx, one));
    }
    for (const one of broken) this.start(ctx, `broken:${one._id}`, () => this.tellBroken(ctx, one));
    if (fault) throw fault;
  }

  /** Resolves when no delivery is running. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Waits for messages that are being sent, and sends no more. */
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
    // delivery may have been stopped while this was waiting for its slot
    if (this.stopped) return;
    do {
      this.again.delete(name);
      try {
        await work();
      } catch (error) {
        ctx.log.error({ subscription: name, err: error }, 'a notification could not be sent. The next run tries again');
      }
    } while (this.again.has(name) && !this.stopped);
  }

  private async tellUnderLease(ctx: Ctx, name: SubscriptionName): Promise<void> {
    const hold = await Hold.claim(`news:${name._id}`, LEASE_MS);
    if (!hold) return;
    try {
      if (!(await takeSubscription(name, hold.lease.token))) return;
      while (!this.stopped && (await this.tellNext(ctx, hold, name))) await pause(this.options.paceMs);
    } finally {
      await hold.free();
    }
  }

  /** @returns whether something was sent, in which case there may be more */
  private async tellNext(ctx: Ctx, hold: Hold, name: SubscriptionName): Promise<boolean> {
    const subscription = await subscriptionUnder(name, hold.lease.token);
    if (!subscription || isPutOff(subscription.notBefore, ctx.clock.now())) return false;
    if (subscription.isPersonal && !(await isMember(subscription))) {
      await dropSubscription(subscription);
      return false;
    }
    const inactive = await inactiveUsersOf(subscription.accountId);
    if (subscription.isPersonal && inactive.includes(subscription.madeBy ?? '')) {
      // kept until the person is reactivated in Slack, or removed from the account
      const notBefore = new Date(ctx.clock.now().getTime() + LONGEST_PAUSE_MS);
      await putOffSubscription(subscription, notBefore);
      return false;
    }
    const bundle = await nextOf(ctx, subscription);
    if (!bundle) return false;
    const settledAt = unsettledUntil(ctx, subscription);
    if (settledAt) return this.lookEarly(ctx, subscription, bundle, settledAt);
    try {
      return await this.send(ctx, hold, withoutMentionsOf(subscription, inactive), bundle);
    } catch (error) {
      const closed = closedBy(subscription, error);
      if (closed) await breakOff(ctx, subscription, closed);
      else await postpone(ctx, subscription, error, this.options.random);
      return false;
    }
  }

  /**
   * Looks for a message that Slack may still accept. If it is there already, the channel needn't wait.
   *
   * @returns whether it is there; otherwise the channel waits until not finding it means that it never was accepted
   */
  private async lookEarly(ctx: Ctx, subscription: SubscriptionDoc, bundle: Bundle, settledAt: Date): Promise<boolean> {
    const thread = await threadOf(subscription._id, bundle);
    const recipient = { ...recipientOf(subscription, bundle), threadTs: thread?.ts };
    const earlier = earlierTry(subscription.sending);
    let notBefore = settledAt;
    try {
      const sent = earlier && (await this.courier.look(recipient, bundle, { ...earlier, isEarly: true }));
      if (sent) {
        await noteSent(subscription, thread, sent);
        return true;
      }
    } catch (error) {
      ctx.log.warn({ subscription: subscription._id, err: error }, 'a channel could not be searched for a message yet');
      const soon = ctx.clock.now().getTime() + pauseAfter(subscription.failures, error, this.options.random);
      notBefore = new Date(Math.min(soon, settledAt.getTime()));
    }
    await putOffSubscription(subscription, notBefore);
    return false;
  }

  /** @returns false if another process has taken over */
  private async send(ctx: Ctx, hold: Hold, subscription: SubscriptionDoc, bundle: Bundle): Promise<boolean> {
    const { sending } = subscription;
    const note = () => this.noteOf(ctx, sending, bundle);
    if (!(await noteSending(subscription, note()))) return false;
    let noted = performance.now();
    const thread = await threadOf(subscription._id, bundle);
    const recipient = { ...recipientOf(subscription, bundle), threadTs: thread?.ts };
    const earlier = earlierTry(sending);
    await this.courier.tell(ctx, recipient, bundle, {
      ...{ earlier, sent: sending?.sent, failures: subscription.failures },
      beforePosting: async () => {
        // building the message may have taken a while, and until when Slack may accept it counts from the call
        if (performance.now() - noted > NOTE_MS) {
          noted = performance.now();
          if (!(await noteSending(subscription, note()))) throw new HoldLost('Another process delivers to the channel');
        }
        hold.assert();
      },
      noteSent: (sent) => noteSent(subscription, thread, sent),
    });
    await noteTold(subscription, lastOf(bundle));
    return true;
  }

  /** What is stored before a message is sent. A search for it starts over after each time. */
  private noteOf(ctx: Ctx, sending: SendingNote | null, bundle: Bundle): SendingNote {
    const now = ctx.clock.now();
    const wall = this.options.wall.now();
    const { cursor: _searched, ...known } = sending ?? {};
    return {
      ...known,
      ...{ from: firstOf(bundle), to: lastOf(bundle), form: bundle.form },
      since: sending?.since ?? now,
      settledAt: new Date(now.getTime() + SETTLE_MS),
      sentFrom: sending?.since ? (sending.sentFrom ?? sending.since) : wall,
      sentUntil: new Date(wall.getTime() + SETTLE_MS),
    };
  }

  /** In one process at a time, because each process finds the same broken subscriptions. */
  private async tellBroken(ctx: Ctx, name: SubscriptionName): Promise<void> {
    const hold = await Hold.claim(`broken:${name._id}`, LEASE_MS);
    if (!hold) return;
    const subscription = await brokenUntold(name);
    try {
      if (!subscription) return;
      await this.courier.tellBroken(ctx, subscription);
      if (TOKEN_WORDS.includes(subscription.brokenBy ?? '')) {
        await mendBroken(name);
        ctx.nudge('news');
      } else await markBrokenTold(name);
    } catch (error) {
      ctx.log.warn({ subscription: name._id, err: error }, 'no one could be notified of a broken channel yet');
      const wait = pauseAfter(subscription?.failures ?? 0, error, this.options.random);
      await putOffBroken(name, new Date(ctx.clock.now().getTime() + wait));
    } finally {
      await hold.free();
    }
  }
}

/** People who have left an account get no more messages about it. */
async function isMember({ accountId, madeBy }: SubscriptionDoc): Promise<boolean> {
  return madeBy !== null && (await hasMembership(accountId, madeBy));
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
