import type { Period } from '../../billing/period/period.ts';
import { isTimeFor } from '../kit/back-off.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { findRaw, type RawDocs } from '../kit/raw-documents.ts';
import { MANY, type Source } from '../kit/read-together.ts';
import { type GroupDoc, Groups } from './groups.ts';

/** A group of an account, even if deleted; null if there is none. */
export async function groupById(accountId: string, id: string): Promise<GroupDoc | null> {
  return Groups.findOne({ _id: id, accountId }).lean();
}

/** The same, to be read with other data. */
export function groupNamed(accountId: string, id: string): Source<GroupDoc> {
  return { from: Groups, where: { _id: id, accountId } };
}

/** A group that must exist. @throws {Error} if it doesn't */
export async function groupOrFail(accountId: string, id: string): Promise<GroupDoc> {
  return Groups.findOne({ _id: id, accountId }).orFail().lean();
}

/** An account's groups with these IDs, unordered. */
export async function groupsByIds(accountId: string, ids: readonly string[]): Promise<GroupDoc[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** A group's name, even if deleted; undefined if there is no such group. */
export async function groupNameOf(accountId: string, id: string): Promise<string | undefined> {
  return (await Groups.findOne({ _id: id, accountId }, { name: 1 }).lean())?.name;
}

/** The names of groups, by ID. */
export async function groupNames(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const groups = await Groups.find({ accountId, _id: { $in: [...ids] } }, { name: 1 }).lean();
  return new Map(groups.map(({ _id, name }) => [_id, name]));
}

/** The names of all groups of an account, including deleted ones, by ID. */
export async function allGroupNames(accountId: string): Promise<Map<string, string>> {
  const groups = await Groups.find({ accountId }, { name: 1 }).lean();
  return new Map(groups.map(({ _id, name }) => [_id, name]));
}

/** The names of groups, and their next periods to be invoiced. */
export async function nextPeriodsOf(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<GroupDoc, '_id' | 'name' | 'nextPeriod'>[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }, { name: 1, nextPeriod: 1 }).lean();
}

const PERIODS_LEFT = { accountId: 1, nextPeriod: 1, finalPeriod: 1 } as const;

/** The periods that a group still has to be invoiced for; null if there is no such group. */
export async function periodsLeftOf(accountId: string, id: string): Promise<DueGroup | null> {
  return Groups.findOne({ _id: id, accountId }, PERIODS_LEFT).lean();
}

/** The same for several groups, unordered. */
export async function periodsLeftOfAll(accountId: string, ids: readonly string[]): Promise<DueGroup[]> {
  return Groups.find({ accountId, _id: { $in: [...ids] } }, PERIODS_LEFT).lean();
}

/** The fields of a group that a close needs. */
export type DueGroup = Pick<GroupDoc, '_id' | 'accountId' | 'nextPeriod' | 'finalPeriod'>;

/** Across all accounts: those with groups that haven't been invoiced for a period or an earlier one. */
export async function accountsWithGroupsToClose(due: Period): Promise<string[]> {
  return Groups.distinct('accountId', { nextPeriod: { $lte: due } });
}

/** The groups that haven't been invoiced for a period or an earlier one, earliest period first. */
export async function groupsToClose(accountId: string, due: Period): Promise<DueGroup[]> {
  return Groups.find({ accountId, nextPeriod: { $lte: due } }, { accountId: 1, nextPeriod: 1, finalPeriod: 1 })
    .sort({ nextPeriod: 1, _id: 1 })
    .lean();
}

/** The same as complete groups, sorted by name, not converted yet. */
export async function rawGroupsToClose(accountId: string, due: Period): Promise<RawDocs<GroupDoc>> {
  const options = { sort: { nameKey: 1 }, batchSize: MANY } as const;
  return findRaw(Groups.collection, { accountId, nextPeriod: { $lte: due } }, options);
}

/** The latest next period of all groups that have been invoiced; undefined if none has been. */
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

/** Active groups that use a payment method, sorted by name. */
export async function groupsWithMethod(accountId: string, paymentMethodId: string): Promise<GroupDoc[]> {
  return Groups.find({ accountId, paymentMethodId, state: 'active' }).sort({ nameKey: 1 }).lean();
}

/** Active groups that use one of these payment methods, sorted by name. */
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

/** The ID of a group's payment method; null for the default terms, undefined if there is no such group. */
export async function methodIdOf(accountId: string, groupId: string): Promise<string | null | undefined> {
  return (await Groups.findOne({ _id: groupId, accountId }, { paymentMethodId: 1 }).lean())?.paymentMethodId;
}

/** An active group of an account; null if there is none. */
export async function activeGroupById(accountId: string, id: string): Promise<GroupDoc | null> {
  return Groups.findOne({ _id: id, accountId, state: 'active' }).lean();
}

/** Whether an account has another active group. */
export async function hasOtherActiveGroup(accountId: string, id: string): Promise<boolean> {
  return (await Groups.exists({ accountId, state: 'active', _id: { $ne: id } })) !== null;
}

/** Across all accounts: active groups whose VAT IDs are due to be checked, longest overdue first. */
export function eachVatToCheck(now: Date, longestPauseMs: number): AsyncIterable<GroupDoc> {
  return Groups.find({
    state: 'active',
    vatCheckAt: { $type: 'date' },
    ...isTimeFor('vatCheckAt', now, longestPauseMs),
  })
    .sort({ vatCheckAt: 1 })
    .lean()
    .cursor();
}

/** Those of some groups that name a person as an approver. */
export async function groupIdsApprovedBy(accountId: string, ids: readonly string[], userId: string): Promise<string[]> {
  return distinctValues(Groups, '_id', { accountId, _id: { $in: [...ids] }, approverIds: userId });
}

/** The groups that name a person as an approver. */
export async function groupIdsWithApprover(accountId: string, userId: string): Promise<string[]> {
  return distinctValues(Groups, '_id', { accountId, approverIds: userId });
}
