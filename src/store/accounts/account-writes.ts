import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import { type AccountDoc, Accounts, Choices, type UsedUpBudget } from './accounts.ts';

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

export async function insertAccount(_tx: Tx, account: AccountDoc): Promise<void> {
  await Accounts.create([account]);
}

/** Sets settings of an account, as a new version of them. */
export async function setSettings(_tx: Tx, accountId: string, settings: Partial<AccountDoc>): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: settings, $inc: { settingsVersion: 1, changes: 1 } });
}

/** Makes a group the one that new projects join. @returns the one before; null where there was none */
export async function setPrimaryGroup(_tx: Tx, accountId: string, billingGroupId: string): Promise<string | null> {
  const before = await Accounts.findOneAndUpdate(
    { _id: accountId },
    { $set: { primaryBillingGroupId: billingGroupId } },
    { returnDocument: 'before' },
  ).lean();
  return before?.primaryBillingGroupId ?? null;
}

/** Leaves an account without a primary group. */
export async function unsetPrimaryGroup(_tx: Tx, accountId: string): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { primaryBillingGroupId: null } });
}

/** Notes that an account has no active owner, and that nobody has been notified of it. */
export async function setOwnerless(_tx: Tx, accountId: string, since: Date): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { ownerless: { since, told: false } } });
}

/** Notes that an account has an active owner again. */
export async function unsetOwnerless(_tx: Tx, accountId: string): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $unset: { ownerless: 1 } });
}

/** Notes that those who can help know that an account has had no active owner since an instant. One atomic step of its own. */
export async function markOwnerlessTold(accountId: string, since: Date): Promise<void> {
  await Accounts.updateOne({ _id: accountId, 'ownerless.since': since }, { $set: { 'ownerless.told': true } });
}

/** Makes an account the one that a person's commands are about. One atomic step of its own. */
export async function chooseAccount(teamId: string, userId: string, accountId: string): Promise<void> {
  await Choices.updateOne({ _id: `${teamId}:${userId}` }, { $set: { accountId } }, { upsert: true });
}
