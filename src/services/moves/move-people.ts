import type { Decider } from '../../billing/move/move.ts';
import { activeUsersOf } from '../../store/accounts/accounts.ts';
import { membersOf } from '../../store/accounts/member-reads.ts';
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
