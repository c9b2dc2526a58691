import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { type GroupDoc, Groups } from './groups.ts';

/** Records that groups have been invoiced for a period, and their next period. */
export async function markClosed(
  _tx: Tx,
  accountId: string,
  ids: readonly string[],
  of: { readonly period: Period; readonly next: Period },
): Promise<void> {
  const closed = { nextPeriod: of.next, lastClosed: of.period };
  await Groups.updateMany({ accountId, _id: { $in: [...ids] } }, { $set: closed });
}

/** Makes this period the next one to be invoiced for an account's groups that have a later one. */
export async function beginWithAtLatest(_tx: Tx, accountId: string, period: Period): Promise<void> {
  await Groups.updateMany({ accountId, nextPeriod: { $gt: period } }, { $set: { nextPeriod: period } });
}

/** Makes groups that were never invoiced start with a period, unless they start earlier. */
export async function beginWith(_tx: Tx, accountId: string, ids: readonly string[], period: Period): Promise<void> {
  await Groups.updateMany({ accountId, _id: { $in: [...ids] }, lastClosed: null }, { $min: { nextPeriod: period } });
}

/** The fields of a group that people change, one or several at a time. */
export type GroupSettings = Partial<
  Pick<
    GroupDoc,
    'name' | 'nameKey' | 'environment' | 'approverIds' | 'currency' | 'billing' | 'vatCheckAt' | 'vatTries'
  >
>;

/** Stores a group. @throws a duplicate key error if an active group has the same name */
export async function insertGroup(_tx: Tx, group: GroupDoc): Promise<void> {
  await Groups.create([group]);
}

/** Changes some of a group's settings. @throws a duplicate key error if an active group has the same name */
export async function setGroupSettings(_tx: Tx, accountId: string, id: string, settings: GroupSettings): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: settings });
}

/**
 * Makes changes that put projects into a group, refer to it or delete it conflict with each other: each writes the
 * group's document, so two concurrent ones can't both succeed on the same old data.
 */
export async function holdGroup(tx: Tx, accountId: string, id: string): Promise<void> {
  await holdGroups(tx, accountId, [id]);
}

/** Like {@link holdGroup}, for many groups. */
export async function holdGroups(_tx: Tx, accountId: string, ids: readonly string[]): Promise<void> {
  await Groups.updateMany({ _id: { $in: [...ids] }, accountId }, { $inc: { changes: 1 } });
}

/** Marks a group as deleted since an instant. `finalPeriod` is still invoiced. */
export async function markGroupDeleted(
  _tx: Tx,
  accountId: string,
  id: string,
  of: { readonly deletedAt: Date; readonly finalPeriod: Period },
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { state: 'deleted', ...of } });
}

/** Sets how a group pays; null for the default terms. */
export async function setGroupMethod(
  _tx: Tx,
  accountId: string,
  id: string,
  paymentMethodId: string | null,
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { paymentMethodId } });
}

/** Sets the budget shown on a group; null for none. */
export async function setGroupBudget(_tx: Tx, accountId: string, id: string, budget: Decimal128 | null): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { budget } });
}

/** Records which picture of a group's totals Slack has stored; null for none. Atomic, outside of a transaction. */
export async function setGroupChart(accountId: string, id: string, chart: GroupDoc['chart']): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { chart } });
}

/**
 * Postpones the check of a group's VAT ID (null for good), unless it was postponed after the group was read. A separate
 * atomic step.
 */
export async function postponeVatCheck(
  { _id, accountId, vatTries }: Pick<GroupDoc, '_id' | 'accountId' | 'vatTries'>,
  next: Date | null,
): Promise<void> {
  await Groups.updateOne({ _id, accountId, vatTries }, { $set: { vatCheckAt: next }, $inc: { vatTries: 1 } });
}
