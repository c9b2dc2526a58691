import type { EventType } from '../../billing/event/event.ts';
import { SPANNING_TYPES } from '../../billing/event/event-types.ts';
import type { Unseen } from '../../billing/event/unseen.ts';
import { type EventDoc, Events } from './events.ts';

/** A filter for an account's log. There is an index for every part that ends with the number. */
export interface EventSearch {
  readonly accountId: string;
  readonly billingGroupId?: string;
  readonly projectId?: string;
  readonly actor?: string;
  readonly types?: readonly EventType[];
  /** At this instant or later. */
  readonly from?: Date | undefined;
  /** Before this instant. */
  readonly end?: Date | undefined;
  /** Only entries with these numbers. */
  readonly numbers?: readonly number[];
  /** What the reader doesn't see; undefined if nothing is hidden. */
  readonly unseen: Unseen | undefined;
}

/** Numbers between these two, both excluded. */
export interface NumberBounds {
  readonly above: number;
  readonly below: number;
}

/** The entries of a search with numbers within bounds, in ascending or descending order. */
export async function searchEvents(
  { accountId, billingGroupId, projectId, actor, types, from, end, numbers, unseen }: EventSearch,
  { above, below }: NumberBounds,
  { upwards, limit }: { readonly upwards: boolean; readonly limit: number },
): Promise<EventDoc[]> {
  return Events.find({
    accountId,
    ...(billingGroupId !== undefined && { billingGroupId }),
    ...(projectId !== undefined && { projectId }),
    ...(actor !== undefined && { actor }),
    ...(types && { type: { $in: [...types] } }),
    ...((from || end) && { createTime: { ...(from && { $gte: from }), ...(end && { $lt: end }) } }),
    logEntryId: { $gt: above, $lt: below, ...(numbers && { $in: [...numbers] }) },
    ...(unseen && { $nor: matchesOf(unseen) }),
  })
    .sort({ logEntryId: upwards ? 1 : -1 })
    .limit(limit)
    .lean();
}

/** The same rules as `isUnseen`. */
function matchesOf({ groupIds, projectIds, requestIds }: Unseen) {
  const groups = { $in: [...groupIds] };
  return [
    { type: { $in: [...SPANNING_TYPES] } },
    { billingGroupId: groups },
    { 'before.billingGroupId': groups },
    { 'after.billingGroupIds': groups },
    { projectId: { $in: [...projectIds] } },
    { 'after.requestId': { $in: [...requestIds] } },
  ];
}

/** The number of the last entry before an instant; undefined if there is none. */
export async function lastNumberBefore(accountId: string, instant: Date): Promise<number | undefined> {
  const before = { accountId, logEntryId: { $exists: true }, createTime: { $lt: instant } } as const;
  const [last] = await Events.find(before, { logEntryId: 1 }).sort({ createTime: -1, logEntryId: -1 }).limit(1).lean();
  return last?.logEntryId;
}

/** The number of the first entry at an instant or later; undefined if there is none. */
export async function firstNumberFrom(accountId: string, instant: Date): Promise<number | undefined> {
  const after = { accountId, logEntryId: { $exists: true }, createTime: { $gte: instant } } as const;
  const [first] = await Events.find(after, { logEntryId: 1 }).sort({ createTime: 1, logEntryId: 1 }).limit(1).lean();
  return first?.logEntryId;
}
