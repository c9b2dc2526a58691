import type { Decider, GroupToDecide } from '../../billing/move/move.ts';
import { type AccountDoc, activeUsersOf } from '../../store/accounts/accounts.ts';
import { membersOf } from '../../store/accounts/member-reads.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { mightiest } from '../access/rights.ts';

/** Every active person with access to an account, directly or through a user group, with their highest role. */
export async function peopleOf(accountId: string): Promise<Decider[]> {
  const members = await membersOf(accountId);
  const byUser = new Map<string, { role: Decider['role'] }[]>();
  for (const member of members) {
    for (const userId of activeUsersOf(member))
      byUser.set(userId, [...(byUser.get(userId) ?? []), { role: member.role }]);
  }
  return [...byUser].flatMap(([userId, roles]) => {
    const role = mightiest(roles);
    return role === undefined ? [] : [{ userId, role }];
  });
}

/** Groups, with what decides who may approve for them. */
export function toDecide<T extends Pick<GroupDoc, '_id' | 'approverIds'>>(
  { privateGroupIds = [] }: AccountDoc,
  groups: readonly T[],
): (T & GroupToDecide)[] {
  return groups.map((group) => ({ ...group, isPrivate: privateGroupIds.includes(group._id) }));
}

/** The groups whose approvers a request asks. */
export async function groupsToDecide(
  account: AccountDoc,
  asked: readonly string[],
): Promise<(GroupDoc & GroupToDecide)[]> {
  return toDecide(account, await groupsByIds(account._id, asked));
}
