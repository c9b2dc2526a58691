import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { Refusal } from '../../src/billing/refusal.ts';
import { admit } from '../../src/services/access/rights.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { MAX_LEADS_PER_PROJECT, setProjectLeads } from '../../src/services/projects/project-leads.ts';
import { getProject } from '../../src/services/projects/project-overview.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import { input, multiExternalSelect, multiUsersSelect, section } from '../../src/slack/blocks/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { assertPeople, listUserGroups, type SlackUserGroup, usersInGroup } from '../../src/slack/web-api/people.ts';
import { readTarget } from '../kit/action-target.ts';
import { matching } from '../kit/choices.ts';
import { projectTitle } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import { PROJECT_LEADS_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { whoText } from '../kit/person.ts';
import { chosenItems } from '../kit/typed-fields.ts';
import { keptUserGroups, readUserGroup, userGroupChoice } from '../kit/user-group-menu.ts';

const TITLE = 'Project leads';
const FORM = 'project.leads';
const USERS = 'project.leads.users';
const GROUPS = 'project.leads.groups';
const HINT =
  'Leads see the project under “My projects”, can be notified about it and answer for its unusual costs. Being a lead gives them no other permissions.';

const typedSchema = z.object({
  users: chosenItems,
  groups: chosenItems.transform((all) => all.map(readUserGroup)),
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the form for the leads of the project in the origin. */
export async function openLeads(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin } = await find();
    await admit(ctx, origin.account, 'edit_groups');
    const { leads = [] } = await getProject(ctx, origin.account, projectOf(origin));
    return form(ctx, origin, {
      users: leads.filter(({ kind }) => kind === 'user').map(({ id }) => id),
      groups: await named(
        request,
        leads.filter(({ kind }) => kind === 'usergroup').map(({ id }) => id),
      ),
    });
  });
}

/** Registers the form for a project's leads. */
export function registerProjectLeads(app: SlackApp, deps: Deps): void {
  const userGroups = keptUserGroups(deps);
  onAction(app, PROJECT_LEADS_OPEN, (request, action) =>
    openLeads(request, async () => {
      const { account, project } = readTarget(action.value);
      return { ctx: contextOf(deps, request), origin: originOf(request, { account, more: { project } }) };
    }),
  );
  onOptions(app, GROUPS, async (request, { typed }) =>
    matching((await userGroups(request)).map(userGroupChoice), typed.replace(/^@/, '')),
  );
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse: (values) => ({ ok: typedSchema.parse(values) }),
    again: (typed, origin, fault, ctx) => form(ctx, origin, typed, fault),
    work: (ctx, typed, origin, request) => save(ctx, typed, origin, request),
  });
}

async function save(ctx: Ctx, { users, groups }: Typed, origin: Origin, request: RequestContext): Promise<string> {
  const { account: accountId } = origin;
  // before Slack is asked: people without permission learn nothing about others
  await admit(ctx, accountId, 'edit_groups');
  const projectId = projectOf(origin);
  const { leads: before = [] } = await getProject(ctx, accountId, projectId);
  const isNew = (id: string) => !before.some((one) => one.id === id);
  await assertPeople(request.client, request.teamId, users.filter(isNew));
  const userGroups: { id: string; users?: readonly string[] | undefined }[] = [];
  for (const { id } of groups) userGroups.push(isNew(id) ? { id, users: await usersOf(request, id) } : { id });
  const { project, outsiders } = await setProjectLeads(ctx, { accountId, projectId, users, userGroups });
  const ids = [...users, ...groups.map(({ id }) => id)];
  const title = `*${projectTitle(project)}*`;
  if (ids.length === 0) return `${title} no longer has any leads.`;
  const done = `${title} is now led by ${ids.map(whoText).join(', ')}.`;
  if (outsiders.length === 0) return done;
  const who = outsiders.map(whoText).join(', ');
  return `${done}\n:warning: ${who} can’t see the project without a role in the account. An owner can add members with \`/billing members\`.`;
}

/**
 * The users of a user group; undefined if Slack can't say them now.
 *
 * @throws {Refusal} `not_of_this_workspace` if it has no such group
 */
async function usersOf(request: RequestContext, id: string): Promise<readonly string[] | undefined> {
  const users = await usersInGroup(request.client, id).catch((error: unknown) => {
    request.log.warn({ err: error, userGroupId: id }, 'the users of a user group could not be read');
    return 'unknown' as const;
  });
  if (users === 'unknown') return undefined;
  if (users) return users;
  throw new Refusal('not_of_this_workspace', { because: 'user_group_gone' }, { fields: ['groups'] });
}

/** User groups with their names. If Slack can't say them now, the form still opens, with IDs. */
async function named(request: RequestContext, ids: readonly string[]): Promise<SlackUserGroup[]> {
  if (ids.length === 0) return [];
  const all = await listUserGroups(request.client).catch((error: unknown) => {
    request.log.warn({ err: error }, 'the names of user groups could not be read');
    return [];
  });
  return ids.map((id) => all.find((group) => group.id === id) ?? { id, name: id, handle: id });
}

async function form(ctx: Ctx, origin: Origin, { users, groups }: Typed, fault?: string): Promise<ModalView> {
  const project = await getProject(ctx, origin.account, projectOf(origin));
  const max = MAX_LEADS_PER_PROJECT;
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Save',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      section(`*${projectTitle(project)}*`),
      input('users', 'People', multiUsersSelect(USERS, { initial: users, max }), { optional: true, hint: HINT }),
      input('groups', 'User groups', multiExternalSelect(GROUPS, { initial: groups.map(userGroupChoice), max }), {
        optional: true,
        hint: 'Everyone in the group leads the project, including people who join later.',
      }),
    ],
  });
}

function projectOf({ more }: Origin): string {
  return more.project ?? '';
}
