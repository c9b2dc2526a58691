import type { Period } from '../../billing/period/period.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { Groups } from './groups.ts';

/** Notes that a group has been invoiced for a period, and which comes next. */
export async function markClosed(
  _tx: Tx,
  accountId: string,
  id: string,
  of: { readonly period: Period; readonly next: Period },
): Promise<void> {
  await Groups.updateOne({ _id: id, accountId }, { $set: { nextPeriod: of.next, lastClosed: of.period } });
}

/** Has groups that were never invoiced begin with a period, unless they begin earlier. */
export async function beginWith(_tx: Tx, accountId: string, ids: readonly string[], period: Period): Promise<void> {
  await Groups.updateMany({ accountId, _id: { $in: [...ids] }, lastClosed: null }, { $min: { nextPeriod: period } });
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
