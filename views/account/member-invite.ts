import type { ModalView } from '@slack/types';
import { ROLES, type Role, roleName } from '../../src/billing/account/role.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { inviteMember, type Who } from '../../src/services/access/members.ts';
import { admit } from '../../src/services/access/rights.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { Parsed, RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  context,
  externalSelect,
  input,
  multiUsersSelect,
  section,
  staticSelect,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { assertPeople, type SlackUserGroup, usersInGroup } from '../../src/slack/web-api/people.ts';
import { target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { formModal } from '../kit/form.ts';
import { EVENTS_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { whoText } from '../kit/person.ts';
import { readUserGroup, userGroupChoice } from '../kit/user-group-menu.ts';

export const INVITE = 'members.invite';
export const INVITE_GROUP = 'members.invite.group';
export const INVITE_TITLE = 'Invite';
/** Set in a form's origin if the workspace's plan has no user groups. */
export const NO_USER_GROUPS = 'noUserGroups';
const NO_USER_GROUPS_HINT =
  'User groups aren’t available on your workspace’s Slack plan. Invite people individually, or upgrade the plan.';
/** The most people in one invitation, since each is looked up and notified. */
const MOST_PEOPLE = 20;
/** The most users of a user group who are notified individually. */
const MOST_TOLD = 50;

/** What each role is for, short enough for a menu. */
const ROLE_NOTES: Readonly<Record<Role, string>> = {
  owner: 'Everything, including settings and members',
  billing_admin: 'Billing groups, payments, credits, imports, invoices',
  approver: 'Approves project moves',
  member: 'Creates projects, requests moves',
  viewer: 'Sees groups, invoices and events',
};

export const ROLE_CHOICES: readonly Choice[] = ROLES.map((role) => ({
  text: roleName(role),
  value: role,
  description: ROLE_NOTES[role],
}));

export interface Invited {
  readonly people: readonly string[];
  readonly userGroup: SlackUserGroup | undefined;
  readonly role: Role;
}

export function inviteForm(origin: Origin, typed?: Invited, fault?: string): ModalView {
  return formModal({
    title: INVITE_TITLE,
    callbackId: INVITE,
    submit: 'Invite',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input(
        'people',
        'People',
        multiUsersSelect('members.invite.people', { initial: typed?.people ?? [], max: MOST_PEOPLE }),
        {
          optional: true,
        },
      ),
      origin.more[NO_USER_GROUPS] === undefined ? userGroupInput(typed) : context(NO_USER_GROUPS_HINT),
      input(
        'role',
        'Role',
        staticSelect('members.invite.role', ROLE_CHOICES, {
          initial: ROLE_CHOICES.find(({ value }) => value === (typed?.role ?? 'member')),
        }),
      ),
    ],
  });
}

function userGroupInput(typed: Invited | undefined) {
  return input(
    'userGroup',
    'User group',
    externalSelect(INVITE_GROUP, typed?.userGroup ? { initial: userGroupChoice(typed.userGroup) } : {}),
    { optional: true, hint: 'Everyone in the group gets the role, including people who join later.' },
  );
}

export function readInvitation(values: FormValues): Parsed<Invited> {
  const people = Array.isArray(values.people) ? values.people.map(String) : [];
  const userGroup = typeof values.userGroup === 'string' ? readUserGroup(values.userGroup) : undefined;
  const role = ROLES.find((one) => one === values.role);
  if (!role) return { errors: { role: 'Choose a role.' } };
  if (people.length === 0 && !userGroup) return { errors: { people: 'Choose a person or a user group.' } };
  return { ok: { people, userGroup, role } };
}

/**
 * Adds people and a user group as members, after checking with Slack that they can be, and notifies each by direct
 * message.
 *
 * @returns the result, as mrkdwn
 * @throws {Refusal} of `inviteMember`, `not_of_this_workspace`
 */
export async function invite(
  request: RequestContext,
  ctx: Ctx,
  accountId: string,
  { people, groups, role }: { people: readonly string[]; groups: readonly string[]; role: Role },
): Promise<string> {
  // before Slack is asked: people without permission learn nothing about others
  const { account } = await admit(ctx, accountId, 'administer');
  await assertPeople(request.client, request.teamId, people);
  const members = new Map<string, readonly string[]>();
  for (const id of groups) members.set(id, await usersOf(request, id));
  const everybody: readonly Who[] = [
    ...people.map((id): Who => ({ kind: 'user', id })),
    ...groups.map((id): Who => ({ kind: 'usergroup', id })),
  ];
  const added: Who[] = [];
  let untold = 0;
  for (const who of everybody) {
    const users = members.get(who.id);
    const outcome = await inviteMember(ctx, { accountId, who, role, ...(users && { users }) });
    if (outcome === 'was_member') continue;
    added.push(who);
    // immediately, since the next one may be refused
    const those = users?.slice(0, MOST_TOLD) ?? [who.id];
    untold += await tellAll(request, those, { account: { id: accountId, name: account.name }, role });
  }
  const before = everybody.filter((who) => !added.includes(who));
  return [
    ...(added.length === 0 ? [] : [`Added ${names(added)} as ${roleName(role)}.`]),
    ...(before.length === 0 ? [] : [`${names(before)} already had this role.`]),
    ...(untold === 0 ? [] : [`${count(untold, 'person', 'people')} couldn’t be notified. Please let them know.`]),
  ].join('\n');
}

async function usersOf(request: RequestContext, id: string): Promise<readonly string[]> {
  const users = await usersInGroup(request.client, id);
  if (users) return users;
  throw new Refusal('not_of_this_workspace', { because: 'user_group_gone' }, { fields: ['userGroup'] });
}

/** @returns how many could not be notified */
async function tellAll(
  request: RequestContext,
  userIds: readonly string[],
  of: { account: { id: string; name: string }; role: Role },
): Promise<number> {
  const text = [
    `${mention(request.userId)} has added you to the account *${escapeMrkdwn(of.account.name)}* as ${roleName(of.role)}.`,
    'Next, open my Home tab to see its billing groups, or type `/billing help` to see all commands.',
  ].join('\n');
  const value = target({ account: of.account.id });
  const blocks = [section(text), actions([button('View events', EVENTS_OPEN, { value })])];
  let untold = 0;
  for (const channel of new Set(userIds)) {
    if (channel === request.userId) continue;
    try {
      await request.client.chat.postMessage({ channel, text, blocks });
    } catch (error) {
      request.log.warn({ err: error }, 'an invited person could not be notified');
      untold += 1;
    }
  }
  return untold;
}

function names(all: readonly Who[]): string {
  return all.map(({ id }) => whoText(id)).join(', ');
}
