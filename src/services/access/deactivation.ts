import { ownerlessUntold as accountsOwnerlessUntold, ownerlessSince } from '../../store/accounts/account-reads.ts';
import {
  markOwnerlessTold as noteOwnerlessTold,
  setOwnerless,
  unsetOwnerless,
} from '../../store/accounts/account-writes.ts';
import { activeUsersOf } from '../../store/accounts/accounts.ts';
import { accountsWithOtherStanding, ownersOfAccounts, type SlackStanding } from '../../store/accounts/member-reads.ts';
import { noteStanding as storeStanding } from '../../store/accounts/member-writes.ts';
import { resumeSubscriptionsOf } from '../../store/notices/subscriptions.ts';
import { changeAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';

export { inactiveUsersOf, type SlackStanding } from '../../store/accounts/member-reads.ts';

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
  if ((await accountsWithOtherStanding(standing)).length === 0) return 0;
  return inTransaction(ctx, async (tx) => {
    const accountIds = await accountsWithOtherStanding(standing);
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
  const owners = await ownersOfAccounts([accountId]);
  const isOwned = owners.some((owner) => activeUsersOf(owner).length > 0);
  const since = await ownerlessSince(accountId);
  if (since === undefined || isOwned === (since === null)) return;
  if (isOwned) return unsetOwnerless(tx, accountId);
  await setOwnerless(tx, accountId, tx.clock.now());
  await tx.record({ accountId, type: 'account_without_owner', description: 'The account has no active owner' });
}

/** The accounts without an active owner that nobody has been notified of yet. */
export async function ownerlessUntold(): Promise<OwnerlessAccount[]> {
  const accounts = await accountsOwnerlessUntold();
  const owners = await ownersOfAccounts(accounts.map(({ _id }) => _id));
  return accounts.map(({ _id, name, ownerless }) => ({
    accountId: _id,
    name,
    since: ownerless?.since ?? new Date(0),
    owners: [...new Set(owners.filter((one) => one.accountId === _id).flatMap((one) => one.inactive ?? []))],
  }));
}

/** Those who can help have been notified that an account has no active owner. Safe to repeat. */
export async function markOwnerlessTold({ accountId, since }: OwnerlessAccount): Promise<void> {
  await noteOwnerlessTold(accountId, since);
}

async function change(tx: Change, accountId: string, standing: SlackStanding): Promise<void> {
  const { userId, isDeactivated } = standing;
  if (!(await storeStanding(tx, accountId, standing))) return;
  // what was put off while the person could not be reached goes out soon
  if (!isDeactivated) await resumeSubscriptionsOf(tx, accountId, userId);
  const [from, to] = isDeactivated ? ['active', 'deactivated'] : ['deactivated', 'active'];
  await tx.record({
    accountId,
    type: isDeactivated ? 'member_deactivated' : 'member_reactivated',
    description: `The Slack account of ${userId} was ${isDeactivated ? 'deactivated' : 'reactivated'}`,
    before: { userId, slackAccount: from },
    after: { userId, slackAccount: to },
  });
}
