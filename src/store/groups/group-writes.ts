import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { type GroupDoc, Groups } from './groups.ts';

/** Notes that a group has been invoiced for a period, and which comes next. */
export async function markClosed(
  _tx: Tx,
  accountId: string,
  id: string,
  of: { readonly period: Period; readonly next: Period },
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { nextPeriod: of.next, lastClosed: of.period } });
}

/** Has the groups of an account that would be invoiced next for a later period be invoiced for this one. */
export async function beginWithAtLatest(_tx: Tx, accountId: string, period: Period): Promise<void> {
  await Groups.updateMany({ accountId, nextPeriod: { $gt: period } }, { $set: { nextPeriod: period } });
}

/** Has groups that were never invoiced begin with a period, unless they begin earlier. */
export async function beginWith(_tx: Tx, accountId: string, ids: readonly string[], period: Period): Promise<void> {
  await Groups.updateMany({ accountId, _id: { $in: [...ids] }, lastClosed: null }, { $min: { nextPeriod: period } });
}

/** What people set of a group, one field or several. */
export type GroupSettings = Partial<
  Pick<
    GroupDoc,
    'name' | 'nameKey' | 'environment' | 'approverIds' | 'currency' | 'billing' | 'vatCheckAt' | 'vatTries'
  >
>;

/** Stores a group. @throws a duplicate key when an active group has its name */
export async function insertGroup(_tx: Tx, group: GroupDoc): Promise<void> {
  await Groups.create([group]);
}

/** Sets some of a group's settings. @throws a duplicate key when an active group has its name */
export async function setGroupSettings(_tx: Tx, accountId: string, id: string, settings: GroupSettings): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: settings });
}

/**
 * Makes sure, in a change that puts projects into a group, names it or deletes it, that the others of these see
 * it: each writes the group's document, so that two of them can't both go through on what was there before.
 */
export async function holdGroup(_tx: Tx, accountId: string, id: string): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $inc: { changes: 1 } });
}

/** Has a group count as deleted since an instant; `finalPeriod` is still invoiced. */
export async function markGroupDeleted(
  _tx: Tx,
  accountId: string,
  id: string,
  of: { readonly deletedAt: Date; readonly finalPeriod: Period },
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { state: 'deleted', ...of } });
}

/** Sets how a group pays; null for the usual terms. */
export async function setGroupMethod(
  _tx: Tx,
  accountId: string,
  id: string,
  paymentMethodId: string | null,
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { paymentMethodId } });
}

/** Sets what a group shows as its budget; null for none. */
export async function setGroupBudget(_tx: Tx, accountId: string, id: string, budget: Decimal128 | null): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { budget } });
}

/** Notes which picture of a group's totals Slack keeps; null for none. One atomic step of its own. */
export async function setGroupChart(accountId: string, id: string, chart: GroupDoc['chart']): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { chart } });
}

/**
 * Puts off the check of a group's VAT ID, null for ever, if it was not put off since the group was read. One atomic step
 * of its own.
 */
export async function postponeVatCheck(
  { _id, accountId, vatTries }: Pick<GroupDoc, '_id' | 'accountId' | 'vatTries'>,
  next: Date | null,
): Promise<void> {
  await Groups.updateOne({ _id, accountId, vatTries }, { $set: { vatCheckAt: next }, $inc: { vatTries: 1 } });
}
