import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import { Accounts, type UsedUpBudget } from './accounts.ts';

/** Notes for which period an account's next close was announced. @returns whether it was not before */
export async function markDryRun(_tx: Tx, accountId: string, period: Period): Promise<boolean> {
  const { modifiedCount } = await Accounts.updateOne(
    { _id: accountId, dryRunFor: { $ne: period } },
    { $set: { dryRunFor: period } },
  );
  return modifiedCount > 0;
}

/** Notes which budgets of an account are used up in a period, for its Home. */
export async function setUsedUp(
  accountId: string,
  usedUp: { readonly period: Period; readonly budgets: readonly UsedUpBudget[] },
): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { usedUp } });
}
