import type { Period } from '../../billing/period/period.ts';
import { isTimeFor } from '../kit/back-off.ts';
import { type GroupDoc, Groups } from './groups.ts';

/** A group of an account, deleted ones included; null where there is none. */
export async function groupById(accountId: string, id: string): Promise<GroupDoc | null> {
  return Groups.findOne({ _id: id, accountId }).lean();
}

/** A group that has to be there. @throws {Error} when it isn't */
export async function groupOrFail(accountId: string, id: string): Promise<GroupDoc> {
  return Groups.findOne({ _id: id, accountId }).orFail().lean();
}

/** Those of an account's groups that have these IDs, in no order. */
export async function groupsByIds(accountId: string, ids: readonly string[]): Promise<GroupDoc[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** A group's name, deleted ones included; undefined where there is no such group. */
export async function groupNameOf(accountId: string, id: string): Promise<string | undefined> {
  return (await Groups.findOne({ _id: id, accountId }, { name: 1 }).lean())?.name;
}

/** The names of groups, by their IDs. */
export async function groupNames(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const groups = await Groups.find({ accountId, _id: { $in: [...ids] } }, { name: 1 }).lean();
  return new Map(groups.map(({ _id, name }) => [_id, name]));
}

/** The names of all groups of an account, deleted ones included, by their IDs. */
export async function allGroupNames(accountId: string): Promise<Map<string, string>> {
  const groups = await Groups.find({ accountId }, { name: 1 }).lean();
  return new Map(groups.map(({ _id, name }) => [_id, name]));
}

/** The names of groups, and what they are invoiced for next. */
export async function nextPeriodsOf(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<GroupDoc, '_id' | 'name' | 'nextPeriod'>[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }, { name: 1, nextPeriod: 1 }).lean();
}

const PERIODS_LEFT = { accountId: 1, nextPeriod: 1, finalPeriod: 1 } as const;

/** Which periods a group still has to be invoiced for; null where there is no such group. */
export async function periodsLeftOf(accountId: string, id: string): Promise<DueGroup | null> {
  return Groups.findOne({ _id: id, accountId }, PERIODS_LEFT).lean();
}

/** The same of several groups, in no order. */
export async function periodsLeftOfAll(accountId: string, ids: readonly string[]): Promise<DueGroup[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }, PERIODS_LEFT).lean();
}

/** What a close has to know of a group. */
export type DueGroup = Pick<GroupDoc, '_id' | 'accountId' | 'nextPeriod' | 'finalPeriod'>;

/** The accounts with groups that have yet to be invoiced for a period, or for an earlier one. */
export async function accountsWithGroupsToClose(due: Period): Promise<string[]> {
  return Groups.distinct('accountId', { nextPeriod: { $lte: due } });
}

/** The groups that have yet to be invoiced for a period, or for an earlier one; the earliest first. */
export async function groupsToClose(accountId: string, due: Period): Promise<DueGroup[]> {
  return Groups.find({ accountId, nextPeriod: { $lte: due } }, { accountId: 1, nextPeriod: 1, finalPeriod: 1 })
    .sort({ nextPeriod: 1, _id: 1 })
    .lean();
}

/** The same, whole and by name. */
export async function groupsToCloseByName(accountId: string, due: Period): Promise<GroupDoc[]> {
  return Groups.find({ accountId, nextPeriod: { $lte: due } })
    .sort({ nameKey: 1 })
    .lean();
}

/** The latest of the next periods of groups that have been invoiced; undefined where none has been. */
export async function latestNextPeriod(accountId: string): Promise<Period | undefined> {
  const [latest] = await Groups.find({ accountId, lastClosed: { $ne: null } }, { nextPeriod: 1 })
    .sort({ nextPeriod: -1 })
    .limit(1)
    .lean();
  return latest?.nextPeriod;
}

/** The currencies of an account's active groups. */
export async function activeGroupCurrencies(accountId: string): Promise<Pick<GroupDoc, '_id' | 'currency'>[]> {
  return Groups.find({ accountId, state: 'active' }, { currency: 1 }).lean();
}

/** Active groups that use a payment method, by name. */
export async function groupsWithMethod(accountId: string, paymentMethodId: string): Promise<GroupDoc[]> {
  return Groups.find({ accountId, paymentMethodId, state: 'active' }).sort({ nameKey: 1 }).lean();
}

/** Active groups that use one of these payment methods, by name. */
export async function groupsWithMethods(
  accountId: string,
  paymentMethodIds: readonly string[],
): Promise<Pick<GroupDoc, '_id' | 'name' | 'paymentMethodId'>[]> {
  return Groups.find(
    { accountId, state: 'active', paymentMethodId: { $in: [...paymentMethodIds] } },
    { name: 1, paymentMethodId: 1 },
  )
    .sort({ nameKey: 1 })
    .lean();
}

/** The ID of a group's payment method; null for the usual terms, undefined where there is no such group. */
export async function methodIdOf(accountId: string, groupId: string): Promise<string | null | undefined> {
  return (await Groups.findOne({ _id: groupId, accountId }, { paymentMethodId: 1 }).lean())?.paymentMethodId;
}

/** An active group of an account; null where there is none. */
export async function activeGroupById(accountId: string, id: string): Promise<GroupDoc | null> {
  return Groups.findOne({ _id: id, accountId, state: 'active' }).lean();
}

/** Whether an account has an active group beside this one. */
export async function hasOtherActiveGroup(accountId: string, id: string): Promise<boolean> {
  return (await Groups.exists({ accountId, state: 'active', _id: { $ne: id } })) !== null;
}

/** The active groups of all accounts whose VAT IDs are to be checked by now, the one that waits longest first. */
export function eachVatToCheck(now: Date, longestPauseMs: number): AsyncIterable<GroupDoc> {
  return Groups.find({ state: 'active', ...isTimeFor('vatCheckAt', now, longestPauseMs) })
    .sort({ vatCheckAt: 1 })
    .lean()
    .cursor();
}

/** The groups that name a person as an approver. */
export async function groupIdsWithApprover(accountId: string, userId: string): Promise<string[]> {
  return Groups.distinct('_id', { accountId, approverIds: userId });
}
