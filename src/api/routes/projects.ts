import { nameKey } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import { listCredits } from '../../services/credits/credits.ts';
import { listEvents } from '../../services/events/event-lists.ts';
import { findProject } from '../../services/projects/project-lists.ts';
import { createProject } from '../../services/projects/projects.ts';
import { actorNames } from '../../services/workspaces/people.ts';
import { fullProjectBody, membershipBody } from '../bodies/account-bodies.ts';
import { type ProjectInGroup, projectsInGroups } from '../bodies/account-projects.ts';
import { creditBody } from '../bodies/credit-body.ts';
import { actorBody } from '../bodies/event-body.ts';
import { USUAL_LIMIT } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { organizationRoute } from '../requests/organization-route.ts';
import { assertOwn } from '../requests/own-account.ts';
import { type Caller, callerIn, json, type Route, route } from '../route.ts';
import {
  fullProjectAnswer,
  fullProjectsAnswer,
  newProjectSchema,
  projectCreditsAnswer,
  projectEventsAnswer,
  projectParams,
} from '../schemas/accounts.ts';
import { pagingSchema, time } from '../schemas/common.ts';
import { newOrgProjectSchema, orgProjectParams, orgProjectSchema, orgProjectsAnswer } from '../schemas/organization.ts';

const TAG = 'Projects';
/** The most credits that are read for a group. */
const MOST_CREDITS = 100_000;

export const projectRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/project',
    operation: 'listProjects',
    tag: TAG,
    summary: 'The account’s projects with their billing groups, by name',
    access: 'billing:read',
    answers: { 200: { description: 'The projects', schema: fullProjectsAnswer } },
    async run(sent) {
      const caller = callerIn(sent);
      const { projects, toUsd } = await projectsInGroups(caller);
      const names = projects.map(({ project }) => project.name);
      return json({
        projects: projects.map(({ project, group }) => fullProjectBody(project, group, toUsd)),
        ...membershipBody(caller, names),
      });
    },
  }),
  route({
    method: 'post',
    path: '/project',
    operation: 'createProject',
    tag: TAG,
    summary: 'Create a project in a billing group',
    access: 'billing:write',
    body: newProjectSchema,
    answers: { 200: { description: 'The project', schema: fullProjectAnswer } },
    async run({ body, once, ...sent }) {
      const caller = callerIn(sent);
      if (body.account_id !== undefined) assertOwn(caller, body.account_id);
      const groupId = body.billing_group_id ?? (await groupOfSource(caller, body));
      const project = await once(() => create(caller, body.project, groupId));
      return full(caller, project);
    },
  }),
  route({
    method: 'get',
    path: '/project/{project}',
    operation: 'getProject',
    tag: TAG,
    summary: 'A project with its billing group',
    access: 'billing:read',
    params: projectParams,
    answers: { 200: { description: 'The project', schema: fullProjectAnswer } },
    run: ({ params, ...sent }) => full(callerIn(sent), params.project),
  }),
  route({
    method: 'get',
    path: '/project/{project}/credits',
    operation: 'listProjectCredits',
    tag: 'Credits',
    summary: 'The credits that only pay for this project',
    access: 'billing:read',
    params: projectParams,
    answers: { 200: { description: 'The credits', schema: projectCreditsAnswer } },
    async run({ params, ...sent }) {
      const caller = callerIn(sent);
      const { ctx, accountId } = caller;
      const { project } = await one(caller, params.project);
      const { billingGroupId } = project;
      const { items } = await listCredits(ctx, accountId, { billingGroupId, page: 1, size: MOST_CREDITS });
      const own = items.filter((credit) => credit.project?.name === project.name);
      return json({ credits: own.map(creditBody) });
    },
  }),
  route({
    method: 'get',
    path: '/project/{project}/events',
    operation: 'listProjectEvents',
    tag: 'Events',
    summary: 'The events of a project, newest first',
    access: 'billing:read',
    params: projectParams,
    query: pagingSchema.pick({ limit: true }),
    answers: { 200: { description: `The events, ${USUAL_LIMIT} without a limit`, schema: projectEventsAnswer } },
    async run({ params, query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const { _id: projectId } = await findProject(ctx, accountId, params.project);
      const { items } = await listEvents(ctx, accountId, { projectId, size: query.limit ?? USUAL_LIMIT });
      const people = await actorNames(
        ctx,
        accountId,
        items.map(({ actor }) => actor),
      );
      const events = items.map(({ logEntryId, actor, description, type, at }) => ({
        ...{ id: String(logEntryId), ...actorBody(actor, people), event_desc: description, event_type: type },
        ...{ service_name: '', time: time(at) },
      }));
      return json({ events });
    },
  }),
  organizationRoute({
    method: 'get',
    path: '/projects',
    operation: 'listOrganizationProjects',
    tag: 'Organizations',
    summary: 'The projects of an organization, by name',
    answers: { 200: { description: 'The projects', schema: orgProjectsAnswer } },
    async run({ caller }) {
      const { projects } = await projectsInGroups(caller);
      return json({ projects: projects.map(orgProjectBody), total_project_count: projects.length });
    },
  }),
  organizationRoute({
    method: 'post',
    path: '/projects',
    operation: 'createOrganizationProject',
    tag: 'Organizations',
    summary: 'Create a project in a billing group',
    access: 'billing:write',
    body: newOrgProjectSchema,
    answers: { 200: { description: 'The project', schema: orgProjectSchema } },
    async run({ caller, body, once }) {
      if (body.parent_id !== undefined) assertOwn(caller, body.parent_id);
      const name = await once(() => create(caller, body.project_id, body.billing_group_id));
      return json(inOrganization(await one(caller, name)));
    },
  }),
  organizationRoute({
    method: 'get',
    path: '/project/{project}',
    operation: 'getOrganizationProject',
    tag: 'Organizations',
    summary: 'A project of an organization',
    params: orgProjectParams,
    answers: { 200: { description: 'The project', schema: orgProjectSchema } },
    async run({ caller, params }) {
      return json(inOrganization(await one(caller, params.project)));
    },
  }),
];

/** @returns the project's name */
async function create({ ctx, accountId }: Caller, name: string, group: string | undefined): Promise<string> {
  const input = { accountId, name, ...(group !== undefined && { billingGroupId: resolvedId('bg', group) }) };
  return (await createProject(ctx, input)).project.name;
}

/** The billing group of the project to copy, if asked for it. @throws {ApiError} 400 for a copy of anything else */
async function groupOfSource(
  caller: Caller,
  {
    copy_from_project: source,
    use_source_project_billing_group: isWanted = false,
  }: {
    readonly copy_from_project?: string | undefined;
    readonly use_source_project_billing_group?: boolean | undefined;
  },
): Promise<string | undefined> {
  if (source === undefined) return undefined;
  if (isWanted) return (await one(caller, source)).group.id;
  const message = 'copy_from_project: Only the billing group can be copied, with use_source_project_billing_group.';
  throw apiError(400, 'invalid_input', message);
}

async function full(caller: Caller, name: string) {
  const { projects, toUsd } = await projectsInGroups(caller);
  const { project, group } = named(projects, name);
  return json({ project: fullProjectBody(project, group, toUsd) });
}

async function one(caller: Caller, name: string): Promise<ProjectInGroup> {
  return named((await projectsInGroups(caller)).projects, name);
}

function named(projects: readonly ProjectInGroup[], name: string): ProjectInGroup {
  const key = nameKey(name);
  const found = projects.find(({ project }) => nameKey(project.name) === key);
  if (!found) throw new Refusal('project_not_found', { name });
  return found;
}

function orgProjectBody({ project, group }: ProjectInGroup) {
  const accountId = shownId(group.account._id);
  return {
    project_id: project.name,
    account_id: accountId,
    billing_group_id: shownId(group.id),
    parent_id: accountId,
    ...{ end_of_life_extension: {}, tags: {}, tech_emails: [] },
  };
}

function inOrganization(found: ProjectInGroup) {
  return { ...orgProjectBody(found), organization_id: shownId(found.group.account._id) };
}
