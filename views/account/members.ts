import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { ROLES, type Role, roleName } from '../../src/billing/account/role.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { noteStanding } from '../../src/services/access/deactivation.ts';
import {
  changeRole,
  leaveAccount,
  listMembers,
  type MemberSummary,
  removeMember,
} from '../../src/services/access/members.ts';
import { entering } from '../../src/services/access/rights.ts';
import { isUserGroupKnown, refreshUserGroup } from '../../src/services/access/user-groups.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { automatic } from '../../src/services/kit/context.ts';
import { noteName } from '../../src/services/workspaces/people.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onEventOnce } from '../../src/slack/app/event-once.ts';
import { type Action, onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, modal, section, staticSelect } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { isDeactivated, nameIn, usersInGroup } from '../../src/slack/web-api/people.ts';
import { accountOfButton, type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { matching } from '../kit/choices.ts';
import { count, day } from '../kit/figures.ts';
import { doneModal, onForm, originOf } from '../kit/form.ts';
import { MEMBERS_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { whoText } from '../kit/person.ts';
import { hasUserGroups, keptUserGroups, type ListUserGroups, userGroupChoice } from '../kit/user-group-menu.ts';
import {
  INVITE,
  INVITE_GROUP,
  INVITE_TITLE,
  type Invited,
  invite,
  inviteForm,
  NO_USER_GROUPS,
  ROLE_CHOICES,
  readInvitation,
} from './member-invite.ts';

const TITLE = 'Members';
const PAGE = 'members.page';
const ROLE = 'members.role';
const REMOVE = 'members.remove';
const LEAVE = 'members.leave';
const INVITE_OPEN = 'members.invite.open';
/** Two blocks each, within a view's limit of a hundred. */
const SIZE = 30;

/**
 * A person's place in the list. `turn` increases each time it is shown, since Slack keeps the choice in a menu with the
 * same name.
 */
const placeSchema = z.object({
  account: z.string(),
  page: z.number().int().min(1).default(1),
  turn: z.number().int().default(0),
});
type Place = z.infer<typeof placeSchema>;

/** Opens an account's members. */
export function openMembers(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, (ctx, account) => membersModal(ctx, { account, page: 1, turn: 0 }));
}

/** The members of an account: their roles, invitations, removals, and Slack's events about user groups. */
export function registerMembers(app: SlackApp, deps: Deps): void {
  const userGroups = keptUserGroups(deps);
  onAction(app, MEMBERS_OPEN, (request, action) => openMembers(request, accountOfButton(deps, request, action)));
  onAction(app, pagerActions(PAGE), async (request, action) => {
    const value = readPager(action.value);
    const place = readPlace(action);
    if (value && place && action.view) await show(request, deps, { ...place, page: value.page }, action.view.id);
  });
  onAction(app, ROLE, async (request, action) => {
    const place = readPlace(action);
    const role = ROLES.find((one) => one === action.value);
    const [, id = ''] = action.blockId.split(' ');
    if (!place || !role || !action.view) return;
    await andShow(request, deps, place, action.view.id, (ctx) =>
      changeRole(ctx, { accountId: place.account, id, role }),
    );
  });
  onAction(app, REMOVE, async (request, action) => {
    const place = readPlace(action);
    if (!place || !action.view) return;
    const id = readTarget(action.value).name;
    await andShow(request, deps, place, action.view.id, (ctx) => removeMember(ctx, { accountId: place.account, id }));
  });
  onAction(app, LEAVE, async (request, action) => {
    const place = readPlace(action);
    if (!place || !action.view) return;
    const text = leaveText(await leaveAccount(contextOf(deps, request), place.account));
    await request.client.views.update({ view_id: action.view.id, view: doneModal(TITLE, text) });
  });
  onAction(app, INVITE_OPEN, async (request, action) => {
    const place = readPlace(action);
    if (!place || !action.view) return;
    const more = { view: action.view.id, place: JSON.stringify(place) };
    const origin = originOf(request, { account: place.account, more });
    const opened = await request.openModal(inviteForm(origin));
    if (await hasUserGroups(userGroups(request))) return;
    await opened.update(inviteForm({ ...origin, more: { ...more, [NO_USER_GROUPS]: 'true' } }));
  });
  registerInvitation(app, deps, userGroups);
  registerUserGroups(app, deps);
  registerStandings(app, deps);
}

/** The message to a person who has left an account. */
export function leaveText(role: Role | undefined): string {
  if (role === undefined) return 'You have left the account.';
  return `You’ve left the account, but you still have the ${roleName(role)} role through a user group.`;
}

function registerInvitation(app: SlackApp, deps: Deps, userGroups: ListUserGroups): void {
  onOptions(app, INVITE_GROUP, async (request, { typed }) => {
    const groups = await userGroups(request);
    return matching(groups.map(userGroupChoice), typed.replace(/^@/, ''));
  });
  onForm<Invited>(app, deps, INVITE, {
    title: INVITE_TITLE,
    parse: readInvitation,
    again: (typed, origin, fault) => inviteForm(origin, typed, fault),
    async work(ctx, { people, userGroup, role }, origin, request) {
      const groups = userGroup ? [userGroup.id] : [];
      try {
        return await invite(request, ctx, origin.account, { people, groups, role });
      } finally {
        // some may have been added before one was refused
        await showBelow(request, deps, origin);
      }
    },
  });
}

/**
 * Applies Slack's events about user groups immediately. The event names who joined and left, but the group itself
 * counts.
 */
function registerUserGroups(app: SlackApp, deps: Deps): void {
  onEventOnce(app, deps, 'subteam_members_changed', async (request, { subteam_id: userGroupId }) => {
    const group = { teamId: request.teamId, userGroupId };
    if (!(await isUserGroupKnown(group))) return;
    const users = (await usersInGroup(request.client, userGroupId)) ?? [];
    await refreshUserGroup(automatic(contextOf(deps, { ...request, userId: '' })), group, users);
  });
}

/** The roles of people deactivated in Slack don't count until they are reactivated. Names are those of the API. */
function registerStandings(app: SlackApp, deps: Deps): void {
  for (const name of ['user_change', 'team_join'] as const) {
    onEventOnce(app, deps, name, async (request, { user }) => {
      const standing = {
        teamId: request.teamId,
        userId: user.id,
        isDeactivated: await isDeactivated(request.client, user),
      };
      await noteStanding(automatic(contextOf(deps, { ...request, userId: '' })), standing);
      await noteName(standing, nameIn(user));
    });
  }
}

/** Performs an action on a member and shows the updated list, even if it was refused. */
async function andShow(
  request: RequestContext,
  deps: Deps,
  place: Place,
  viewId: string,
  work: (ctx: Ctx) => Promise<void>,
): Promise<void> {
  try {
    await work(contextOf(deps, request));
  } catch (error) {
    // a menu keeps its choice until it is rebuilt
    if (error instanceof Refusal && error.code !== 'account_not_found') await show(request, deps, place, viewId);
    throw error;
  }
  await show(request, deps, place, viewId);
}

async function show(request: RequestContext, deps: Deps, place: Place, viewId: string): Promise<void> {
  const view = await membersModal(contextOf(deps, request), { ...place, turn: place.turn + 1 }).catch(
    (error: unknown) => {
      // the person has just removed themselves
      if (error instanceof Refusal && error.code === 'account_not_found') return doneModal(TITLE, leaveText(undefined));
      throw error;
    },
  );
  await request.client.views.update({ view_id: viewId, view });
}

/** Updates the list below a form. It may have been closed meanwhile. */
async function showBelow(request: RequestContext, deps: Deps, { more }: Origin): Promise<void> {
  const place = placeIn(more.place);
  if (!place || more.view === undefined) return;
  await show(request, deps, place, more.view).catch((error: unknown) => {
    request.log.info({ err: error }, 'a list of members could not be updated');
  });
}

async function membersModal(plain: Ctx, place: Place): Promise<ModalView> {
  const ctx = await entering(plain, place.account);
  const { account, role } = ctx.known;
  const mayChange = role === null || role === 'owner';
  const page = await listMembers(ctx, place.account, { page: place.page, size: SIZE });
  const me = ctx.actor.kind === 'person' ? ctx.actor.userId : '';
  const leave = button('Leave account', LEAVE, {
    confirm: {
      title: 'Leave this account?',
      text: 'You’ll lose access until an owner adds you again.',
      confirm: 'Leave',
      danger: true,
    },
  });
  return modal({
    title: TITLE,
    metadata: JSON.stringify({ ...place, page: page.page }),
    blocks: [
      section(`*${escapeMrkdwn(account.name)}* · ${count(page.total, 'member')}`),
      actions([...(mayChange ? [button('Invite', INVITE_OPEN, { style: 'primary' })] : []), leave]),
      ...page.items.flatMap((member) => memberBlocks(member, { mayChange, isMe: member.id === me, turn: place.turn })),
      ...(mayChange ? [] : [context('Owners can invite and remove members, and change roles.')]),
      ...pager({ page: page.page, pages: page.pages, actionId: PAGE, value: {} }),
    ],
  });
}

function memberBlocks(
  member: MemberSummary,
  { mayChange, isMe, turn }: { mayChange: boolean; isMe: boolean; turn: number },
): KnownBlock[] {
  const people = member.kind === 'usergroup' ? ` · user group of ${count(member.people, 'person', 'people')}` : '';
  const text = `${whoText(member.id)}${isMe ? ' (you)' : ''} · *${roleName(member.role)}*${people}${member.isDeactivated ? ' · deactivated in Slack' : ''} · since ${day(member.since)}`;
  if (!mayChange) return [section(text)];
  const initial = ROLE_CHOICES.find(({ value }) => value === member.role);
  const remove = button('Remove member', REMOVE, {
    value: target({ name: member.id }),
    style: 'danger',
    confirm: {
      title: 'Remove this member?',
      text: 'They lose access to the account. Their past actions stay in the event log.',
      confirm: 'Remove member',
      danger: true,
    },
  });
  return [
    section(text),
    actions([staticSelect(ROLE, ROLE_CHOICES, { initial }), remove], `member ${member.id} ${turn}`),
  ];
}

function readPlace(action: Action): Place | undefined {
  return placeIn(action.view?.private_metadata);
}

function placeIn(metadata: string | undefined): Place | undefined {
  try {
    return placeSchema.parse(JSON.parse(metadata ?? ''));
  } catch {
    return undefined;
  }
}
