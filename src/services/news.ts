import type { LogEntry } from '../billing/event.ts';
import { claimLease, freeLease, type Lease, renewLease } from '../store/leases.ts';
import { type SubscriptionDoc, Subscriptions } from '../store/subscriptions.ts';
import type { Ctx } from './context.ts';
import { entriesAfter } from './log.ts';

/** Says one entry of the log in a channel. */
export interface Teller {
  /** Whether an entry is told at all. */
  isNews(entry: LogEntry): boolean;
  /**
   * @param maybeSaid whether it may have been said before by a process that did not live to note it: then it has to be
   * looked for first
   */
  tell(channelId: string, entry: LogEntry, maybeSaid: boolean): Promise<void>;
}

const LEASE_MS = 60_000;
const BATCH = 200;
/** Pauses between tries grow from one to the other, in milliseconds. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Tells every subscribed channel what it has not been told yet, in the order of the log. Each channel has its place in
 * the log; one process at a time tells it. Before an entry is told it is noted, so that a process that takes over after
 * a crash knows which one may have been told already.
 *
 * @returns how many entries were dealt with
 */
export async function tellNews(ctx: Ctx, teller: Teller): Promise<number> {
  const now = ctx.clock.now();
  const ready = await Subscriptions.find({ $or: [{ notBefore: null }, { notBefore: { $lte: now } }] }).lean();
  let told = 0;
  for (const subscription of ready) told += await tellChannel(ctx, teller, subscription._id);
  return told;
}

async function tellChannel(ctx: Ctx, teller: Teller, id: string): Promise<number> {
  const lease = await claimLease(`news:${id}`, ctx.clock.now(), LEASE_MS);
  if (!lease) return 0;
  try {
    return await tellFrom(ctx, teller, lease, await Subscriptions.findById(id).orFail().lean());
  } catch (error) {
    await postpone(ctx, id, error);
    return 0;
  } finally {
    await freeLease(lease, ctx.clock.now());
  }
}

async function tellFrom(ctx: Ctx, teller: Teller, lease: Lease, subscription: SubscriptionDoc): Promise<number> {
  let { position, sending } = subscription;
  let told = 0;
  for (;;) {
    const entries = await entriesAfter(subscription.accountId, position, BATCH);
    const last = entries.at(-1);
    if (!last) return told;
    for (const entry of entries.filter((one) => teller.isNews(one))) {
      if (!(await renewLease(lease, ctx.clock.now(), LEASE_MS))) return told;
      const maybeSaid = sending?.logEntryId === entry.logEntryId;
      const note = { logEntryId: entry.logEntryId, since: ctx.clock.now() };
      await Subscriptions.updateOne({ _id: subscription._id, position }, { $set: { sending: note } });
      await teller.tell(subscription.channelId, entry, maybeSaid);
      await Subscriptions.updateOne(
        { _id: subscription._id, position },
        { $set: { position: entry.logEntryId, sending: null, failures: 0, notBefore: null, lastError: null } },
      );
      position = entry.logEntryId;
      sending = null;
      told += 1;
    }
    await Subscriptions.updateOne({ _id: subscription._id, position }, { $set: { position: last.logEntryId } });
    position = last.logEntryId;
  }
}

async function postpone(ctx: Ctx, id: string, error: unknown): Promise<void> {
  const { failures } = await Subscriptions.findById(id).orFail().lean();
  const asked = retryAfterMs(error);
  const pause = asked ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  const notBefore = new Date(ctx.clock.now().getTime() + pause);
  const lastError = error instanceof Error ? error.message : String(error);
  ctx.log.warn({ subscription: id, failures: failures + 1, pause, err: error }, 'a channel could not be told the news');
  await Subscriptions.updateOne({ _id: id }, { $set: { notBefore, lastError }, $inc: { failures: 1 } });
}

/** How long Slack asked to wait, when it answered 429. */
function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfter' in error) || typeof error.retryAfter !== 'number') return undefined;
  return error.retryAfter * 1000;
}
