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

/** An account that currently has no active owner. */
export interface OwnerlessAccount {
  readonly accountId: string;
  readonly name: string;
  readonly since: Date;
  /** Its deactivated owners, who can be reactivated in Slack. */
  readonly owners: readonly string[];
}

/**
 * Stores whether a person's Slack account is deactivated, in every account where they have a role, directly or through
 * a user group. Their roles stay stored, but don't count until the person is reactivated. Never on a person's behalf.
 * Safe to repeat: nothing is written if nothing has changed.
 *
 * @returns in how many accounts something changed
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
 * Records that an account has lost its last active owner, or has one again. Must be called after the change in every
 * transaction that changes an account's owners.
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

/** The accounts without an active owner for which no notification was sent yet. */
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

/** Records that people who can help were notified that an account has no active owner. Safe to repeat. */
export async function markOwnerlessTold({ accountId, since }: OwnerlessAccount): Promise<void> {
  await noteOwnerlessTold(accountId, since);
}

async function change(tx: Change, accountId: string, standing: SlackStanding): Promise<void> {
  const { userId, isDeactivated } = standing;
  if (!(await storeStanding(tx, accountId, standing))) return;
  // messages that were postponed while the person couldn't be reached are sent soon
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
