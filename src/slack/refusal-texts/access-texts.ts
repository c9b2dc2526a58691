import { purposeOf, ROLES, roleName, rolesWith } from '../../billing/account/role.ts';
import type { ACCESS_REFUSALS } from '../../billing/refusals/access.ts';
import type { TextsOf } from './text.ts';

export const ACCESS_TEXTS: TextsOf<typeof ACCESS_REFUSALS> = {
  already_a_member: ({ role }) => [
    `This person is already a member with the ${roleName(role)} role.`,
    'To change the role, type `/billing members role @person ROLE`.',
  ],
  cookie_invalid: () => ['This link is invalid or has expired.', 'Get a new one from the list of invoices.'],
  last_owner: () => [
    'An account needs at least one owner who is a person, and this is the last one.',
    'Make someone else an owner first with `/billing members role @person owner`.',
  ],
  member_by_user_group: () => [
    'You belong to this account through a Slack user group.',
    'Ask someone who manages the user group in Slack to remove you from it.',
  ],
  member_deactivated: ({ id }) => [
    `${id} is deactivated in Slack, so they can’t act as an owner.`,
    'Choose someone who is active in Slack.',
  ],
  member_id_invalid: ({ id }) => [
    `“${id}” isn’t a Slack member ID, such as U012ABCDEF.`,
    'In Slack, open the person’s profile, then choose More and Copy member ID.',
  ],
  member_invalid: () => ['Only people and Slack user groups can be members.', 'Mention one of them with @.'],
  member_not_found: () => [
    'This person or group isn’t a direct member of this account.',
    'Type `/billing members` to see all members.',
  ],
  members_only: () => 'Only a member can leave an account.',
  not_a_member: () => ['You don’t belong to an account yet.', 'Ask an owner to add you.'],
  role_needed: ({ right }) => `You need the ${oneOf(rolesWith(right).map(roleName))} role to ${purposeOf(right)}.`,
  role_unknown: () => `Choose one of these roles: ${ROLES.map(roleName).join(', ')}.`,
  token_name_taken: ({ name }) =>
    `A token named “${name}” already exists or was revoked earlier. Choose another name, because the event log refers to tokens by name.`,
  token_not_found: () => ['This token doesn’t exist.', 'Type `/billing token list` to see all tokens.'],
  token_revoked: () => 'This token has been revoked.',
  too_many_tokens: ({ limit }) => [`An account can have at most ${limit} tokens.`, 'Revoke one first.'],
};

function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
