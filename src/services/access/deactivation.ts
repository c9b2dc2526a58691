import { Accounts, activeUsersOf, Members, ownersOf } from '../../store/accounts/accounts.ts';
import { Subscriptions } from '../../store/notices/subscriptions.ts';
import { changeAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';

/** What Slack says about a person's own account. */
export interface SlackStanding {
  readonly teamId: string;
  readonly userId: string;
  /** Whether the person's Slack account is deactivated. */
  readonly isDeactivated: boolean;
}

/** An account that nobody can administer at present. */
export interface OwnerlessAccount {
  readonly accountId: string;
  readonly name: string;
  readonly since: Date;
  /** Its deactivated owners, who could be reactivated in Slack. */
  readonly owners: readonly string[];
}

/**
 * Takes over whether a person's Slack account is deactivated, in every account where they have a role, by themselves or
 * by a user group. Their roles stay stored, but don't count until the person is reactivated. Never in a person's name.
 * Safe to repeat: nothing is written when it is known already.
 *
 * @returns in how many accounts it changed something
 */
export async function noteStanding(ctx: Ctx, standing: SlackStanding): Promise<number> {
  if ((await changedBy(standing)).length === 0) return 0;
  return inTransaction(ctx, async (tx) => {
    const accountIds = await changedBy(standing);
    for (const accountId of accountIds) {
      await changeAccount(tx, accountId);
      await change(tx, accountId, standing);
      await noteOwners(tx, accountId);
    }
    if (accountIds.length > 0) tx.nudge('owners');
    return accountIds.length;
  });
}

/**
 * Notes that an account has lost its last active owner, or has one again. To be called in every transaction that changes
 * who its owners are, after the change.
 */
export async function noteOwners(tx: Change, accountId: string): Promise<void> {
  const owners = await Members.find({ accountId, ...ownersOf }).lean();
  const isOwned = owners.some((owner) => activeUsersOf(owner).length > 0);
  const account = await Accounts.findById(accountId, { ownerless: 1 }).lean();
  if (!account || isOwned === !account.ownerless) return;
  if (isOwned) {
    await Accounts.updateOne({ _id: accountId }, { $unset: { ownerless: 1 } });
    return;
  }
  await Accounts.updateOne({ _id: accountId }, { $set: { ownerless: { since: tx.clock.now(), told: false } } });
  await tx.record({ accountId, type: 'account_without_owner', description: 'The account has no active owner' });
}

/** The accounts without an active owner that nobody has been notified of yet. */
export async function ownerlessUntold(): Promise<OwnerlessAccount[]> {
  const accounts = await Accounts.find({ 'ownerless.told': false }, { name: 1, ownerless: 1 }).lean();
  const owners = await Members.find({ accountId: { $in: accounts.map(({ _id }) => _id) }, ...ownersOf }).lean();
  return accounts.map(({ _id, name, ownerless }) => ({
    accountId: _id,
    name,
    since: ownerless?.since ?? new Date(0),
    owners: [...new Set(owners.filter((one) => one.accountId === _id).flatMap((one) => one.inactive ?? []))],
  }));
}

/** Those who can help have been notified that an account has no active owner. Safe to repeat. */
export async function markOwnerlessTold({ accountId, since }: OwnerlessAccount): Promise<void> {
  await Accounts.updateOne({ _id: accountId, 'ownerless.since': since }, { $set: { 'ownerless.told': true } });
}

/** The people of an account whose Slack accounts are deactivated. */
export async function inactiveUsersOf(accountId: string): Promise<string[]> {
  return Members.distinct('inactive', { accountId });
}

function affected({ teamId, userId, isDeactivated }: SlackStanding) {
  const inactive = isDeactivated ? { $ne: userId } : userId;
  return { teamId, inactive, $or: [{ userId }, { users: userId }] };
}

async function changedBy(standing: SlackStanding): Promise<string[]> {
  return Members.distinct('accountId', affected(standing));
}

async function change(tx: Change, accountId: string, standing: SlackStanding): Promise<void> {
  const { userId, isDeactivated } = standing;
  const inactive = { inactive: userId };
  const update = isDeactivated ? { $addToSet: inactive } : { $pull: inactive };
  const { modifiedCount } = await Members.updateMany({ ...affected(standing), accountId }, update);
  if (modifiedCount === 0) return;
  // what was put off while the person could not be reached goes out soon
  if (!isDeactivated) await Subscriptions.updateMany({ accountId, madeBy: userId }, { $set: { notBefore: null } });
  const [from, to] = isDeactivated ? ['active', 'deactivated'] : ['deactivated', 'active'];
  await tx.record({
    accountId,
    type: isDeactivated ? 'member_deactivated' : 'member_reactivated',
    description: `Slack account of ${userId} was ${isDeactivated ? 'deactivated' : 'reactivated'}`,
    before: { userId, slackAccount: from },
    after: { userId, slackAccount: to },
  });
}
