import type { EventType } from '../../billing/event/event.ts';
import type { Period } from '../../billing/period/period.ts';
import { type EventDoc, Events } from './events.ts';

/** Whether the log says that a group's invoice was held back for exactly this reason. */
export async function wasHeldBack(
  accountId: string,
  billingGroupId: string,
  after: { readonly period: Period; readonly reason: string | null },
): Promise<boolean> {
  return (await Events.exists({ accountId, billingGroupId, type: 'invoice_held_back', after })) !== null;
}

/** The latest event that marked an invoice as paid; null if there is none. */
export async function latestPaid(accountId: string, invoiceId: string): Promise<EventDoc | null> {
  return Events.findOne({ accountId, invoiceId, type: 'invoice_paid' }).sort({ _id: -1 }).lean();
}

/** The events in which an invoice returned money to a credit. */
export async function returnsTo(accountId: string, invoiceId: string, creditId: string): Promise<EventDoc[]> {
  return Events.find({ accountId, invoiceId, type: 'credit_returned', 'after.creditId': creditId }).lean();
}

/** Across all accounts: those with events that aren't numbered yet. */
export async function accountsWithWaitingEvents(): Promise<string[]> {
  return Events.distinct('accountId', { waiting: true });
}

/** Events that aren't numbered yet, in the order in which they will be. */
export async function waitingEvents(accountId: string, limit: number): Promise<EventDoc[]> {
  return Events.find({ accountId, waiting: true }).sort({ createTime: 1, _id: 1 }).limit(limit).lean();
}

/** How many events aren't numbered yet. */
export async function countWaitingEvents(accountId: string): Promise<number> {
  return Events.countDocuments({ accountId, waiting: true });
}

/** When the entry with a number was written; undefined if there is none. */
export async function entryTime(accountId: string, logEntryId: number): Promise<Date | undefined> {
  return (await Events.findOne({ accountId, logEntryId }, { createTime: 1 }).lean())?.createTime;
}

/** The entry with the highest number; undefined if the log is empty. */
export async function lastEntry(accountId: string): Promise<EventDoc | undefined> {
  const [last] = await Events.find({ accountId, logEntryId: { $exists: true } })
    .sort({ logEntryId: -1 })
    .limit(1)
    .lean();
  return last;
}

/** Entries after a number, in log order. */
export async function eventsAfter(accountId: string, logEntryId: number, limit: number): Promise<EventDoc[]> {
  return Events.find({ accountId, logEntryId: { $gt: logEntryId } })
    .sort({ logEntryId: 1 })
    .limit(limit)
    .lean();
}

/** Entries with numbers above the first and up to the second, in log order. */
export async function eventsBetween(accountId: string, above: number, upTo: number): Promise<EventDoc[]> {
  return Events.find({ accountId, logEntryId: { $gt: above, $lte: upTo } })
    .sort({ logEntryId: 1 })
    .lean();
}

/**
 * Whether something of some types has happened since the log had its entry with this number, including what has no
 * number yet.
 */
export async function hasHappenedSince(
  accountId: string,
  logEntryId: number,
  types: readonly EventType[],
): Promise<boolean> {
  const of = { accountId, type: { $in: [...types] } };
  // one after the other: what gets its number after the first query is found by the second
  if ((await Events.exists({ ...of, waiting: true })) !== null) return true;
  return (await Events.exists({ ...of, logEntryId: { $gt: logEntryId } })) !== null;
}

/** Whether the log has an entry after a number. */
export async function hasEntryAfter(accountId: string, logEntryId: number): Promise<boolean> {
  return (await Events.exists({ accountId, logEntryId: { $gt: logEntryId } })) !== null;
}
