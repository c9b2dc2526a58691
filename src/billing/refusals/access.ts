import type { Right, Role } from '../account/role.ts';
import { conflict, forbidden, invalid, notFound, unauthorized } from './kind.ts';

/** Permissions: members, roles, tokens and download links. */
export const ACCESS_REFUSALS = {
  already_a_member: conflict<{ readonly role: Role }>(),
  cookie_invalid: forbidden(),
  last_owner: conflict(),
  member_by_user_group: conflict(),
  member_deactivated: conflict<{ readonly id: string }>(),
  member_id_invalid: invalid<{ readonly id: string }>(),
  member_invalid: invalid(),
  member_not_found: notFound(),
  members_only: forbidden(),
  not_a_member: forbidden(),
  role_needed: forbidden<{ readonly right: Right }>(),
  role_unknown: invalid(),
  token_name_taken: conflict<{ readonly name: string }>('name'),
  token_not_found: notFound(),
  token_revoked: unauthorized(),
  too_many_tokens: conflict<{ readonly limit: number }>(),
};
