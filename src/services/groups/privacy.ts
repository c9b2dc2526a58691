import { Refusal } from '../../billing/refusal.ts';
import { setPrivateGroups } from '../../store/accounts/account-writes.ts';
import { redrawMovesOf } from '../../store/moves/move-writes.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { activeGroup } from './groups.ts';

/**
 * Makes a group private to its people, or visible to everybody in the account again (domain.md, Permissions). The primary
 * group can't be private, because anybody's new projects join it. Messages about pending move requests are updated.
 * Safe to repeat: nothing changes if the group already is what is wanted.
 *
 * @returns the group's name
 * @throws {Refusal} `primary_group_private`, `billing_group_not_found`, `role_needed`
 */
export async function setPrivacy(
  ctx: Ctx,
  { accountId, billingGroupId, isPrivate }: { accountId: string; billingGroupId: string; isPrivate: boolean },
): Promise<string> {
  return inAccountChange(ctx, accountId, 'edit_groups', async (tx, { account }) => {
    const { _id, name } = await activeGroup(account._id, billingGroupId);
    const { privateGroupIds = [], primaryBillingGroupId } = account;
    if (privateGroupIds.includes(_id) === isPrivate) return name;
    if (isPrivate && primaryBillingGroupId === _id) throw new Refusal('primary_group_private', { name });
    const others = privateGroupIds.filter((id) => id !== _id);
    await setPrivateGroups(tx, account._id, isPrivate ? [...others, _id] : others);
    await redrawMovesOf(tx, account._id, _id);
    tx.nudge('moves');
    await tx.record({
      accountId: account._id,
      type: 'billing_group_changed',
      description: isPrivate
        ? `Made billing group "${name}" private`
        : `Made billing group "${name}" visible to all members`,
      billingGroupId: _id,
      before: { isPrivate: !isPrivate },
      after: { isPrivate },
    });
    return name;
  });
}
