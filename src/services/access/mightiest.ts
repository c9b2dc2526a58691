import { ROLES, type Role } from '../../billing/account/role.ts';
import type { MemberDoc } from '../../store/accounts/accounts.ts';

/** The highest role among memberships; undefined if there are none. */
export function mightiest(memberships: readonly Pick<MemberDoc, 'role'>[]): Role | undefined {
  return ROLES.find((role) => memberships.some((member) => member.role === role));
}
