/** One subscription, a courier that records what it is asked to post, and a clock. */
import type { Bundle } from '../../../src/billing/event/notice.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import type { Courier, Telling } from '../../../src/services/notices/courier.ts';
import { Delivery } from '../../../src/services/notices/delivery.ts';
import type { EarlierTry } from '../../../src/services/notices/send-once.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Leases } from '../../../src/store/kit/leases.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { contextAt, TestClock } from '../context.ts';

export const ACCOUNT = 'acct_1';
export const ID = 'sub_1';
export const START = '2024-10-05T12:00:00.000Z';
export const clock = new TestClock(START);
export const ctx = contextAt(clock);

/** An empty database at the start, with one subscription. */
export async function startOver(): Promise<void> {
  clock.set(START);
  await Promise.all([Subscriptions.deleteMany({}), Events.deleteMany({}), Leases.deleteMany({})]);
  await Subscriptions.create([{ _id: ID, accountId: ACCOUNT, channelId: 'C1', madeBy: 'U1', position: 0 }]);
}

interface Told {
  readonly first: number;
  readonly since: Date | undefined;
}

/**
 * Records what it is asked to post. `answer` decides the result by the number of the call, and `seen` what an early
 * search finds.
 */
export function courier(
  answer: (call: number) => Promise<void> | void = () => undefined,
  seen: (look: number) => string | undefined = () => undefined,
): Courier & {
  told: Told[];
  broken: string[];
  looks: EarlierTry[];
} {
  const told: Told[] = [];
  const broken: string[] = [];
  const looks: EarlierTry[] = [];
  return {
    told,
    broken,
    looks,
    async look(_to, _bundle, earlier) {
      looks.push(earlier);
      const ts = seen(looks.length);
      return ts === undefined ? undefined : { ts, isReply: false };
    },
    async tell(_ctx, _to, { entries }: Bundle, { earlier, beforePosting, noteSent }: Telling) {
      told.push({ first: entries[0]?.logEntryId ?? 0, since: earlier?.since });
      await answer(told.length);
      await beforePosting();
      await noteSent({ ts: `${told.length}.0`, isReply: false });
    },
    async tellBroken(_ctx, { _id }) {
      broken.push(_id);
    },
  };
}

/** Delivery without pauses, by the clock of the test. */
export function deliveryOf(of: Courier): Delivery {
  return new Delivery(of, {
    ...{ paceMs: 0, random: () => 0, wall: clock },
    inReach: async (accountIds) => new Set(accountIds),
  });
}

/** Lets a delivery do all that is due. */
export async function poke(delivery: Delivery): Promise<void> {
  await delivery.poke(ctx);
  await delivery.idle();
}

/** Records an event with a number. */
export async function happens(description: string): Promise<void> {
  await inTransaction(ctx, (tx) => tx.record({ accountId: ACCOUNT, type: 'billing_group_renamed', description }));
  await numberEvents(ctx);
}

export const subscription = () => Subscriptions.findById(ID).orFail().lean();
/** The state after the lease of a process that no longer exists has expired. */
export const leasesEnd = () => Leases.updateMany({}, { $set: { until: new Date(0) } });
export const later = (seconds: number) => clock.set(new Date(Date.parse(START) + seconds * 1000).toISOString());
