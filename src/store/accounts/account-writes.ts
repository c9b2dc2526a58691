import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import { type AccountDoc, Accounts, Choices, type UsedUpBudget } from './accounts.ts';

/**
 * Records the period for which an account's next close was announced. @returns whether it hadn't been announced before
 */
export async function markDryRun(_tx: Tx, accountId: string, period: Period): Promise<boolean> {
  const { modifiedCount } = await Accounts.updateOne(
    { _id: accountId, dryRunFor: { $ne: period } },
    { $set: { dryRunFor: period } },
  );
  return modifiedCount > 0;
}

/** Records which budgets of an account are used up in a period, for its Home. */
export async function setUsedUp(
  accountId: string,
  usedUp: { readonly period: Period; readonly budgets: readonly UsedUpBudget[] },
): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { usedUp } });
}

export async function insertAccount(_tx: Tx, account: AccountDoc): Promise<void> {
  await Accounts.create([account]);
}

/** Changes settings of an account, which increases their version. */
export async function setSettings(_tx: Tx, accountId: string, settings: Partial<AccountDoc>): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: settings, $inc: { settingsVersion: 1, changes: 1 } });
}

/** Makes a group the account's primary group. @returns the previous one; null if there was none */
export async function setPrimaryGroup(_tx: Tx, accountId: string, billingGroupId: string): Promise<string | null> {
  const before = await Accounts.findOneAndUpdate(
    { _id: accountId },
    { $set: { primaryBillingGroupId: billingGroupId } },
    { returnDocument: 'before' },
  ).lean();
  return before?.primaryBillingGroupId ?? null;
}

/** Sets which groups are private to their people. */
export async function setPrivateGroups(_tx: Tx, accountId: string, privateGroupIds: readonly string[]): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { privateGroupIds }, $inc: { changes: 1 } });
}

/** Leaves an account without a primary group. */
export async function unsetPrimaryGroup(_tx: Tx, accountId: string): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { primaryBillingGroupId: null } });
}

/** Records that an account has no active owner and that no notification was sent yet. */
export async function setOwnerless(_tx: Tx, accountId: string, since: Date): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { ownerless: { since, told: false } } });
}

/** Records that an account has an active owner again. */
export async function unsetOwnerless(_tx: Tx, accountId: string): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $unset: { ownerless: 1 } });
}

/** Records that people were notified of the missing owner since an instant. Atomic, outside of a transaction. */
export async function markOwnerlessTold(accountId: string, since: Date): Promise<void> {
  await Accounts.updateOne({ _id: accountId, 'ownerless.since': since }, { $set: { 'ownerless.told': true } });
}

/** Selects an account for a person's commands. Atomic, outside of a transaction. */
export async function chooseAccount(teamId: string, userId: string, accountId: string): Promise<void> {
  await Choices.updateOne({ _id: `${teamId}:${userId}` }, { $set: { accountId } }, { upsert: true });
}
