import { z } from 'zod';
import { toFixedMinor } from '../../billing/money/money.ts';
import { claimCredit, listCredits } from '../../services/credits/credits.ts';
import { listEvents } from '../../services/events/event-lists.ts';
import { knownGroup } from '../../services/groups/group-details.ts';
import type { Once } from '../../services/kit/keyed-requests.ts';
import { askMove } from '../../services/moves/move-ask.ts';
import { projectsIn } from '../../services/projects/group-projects.ts';
import { findProjects } from '../../services/projects/project-lists.ts';
import { creditBody } from '../bodies/credit-body.ts';
import { eventBodies } from '../bodies/event-body.ts';
import { fromCursor, nextCursor, partOf, toCursor, USUAL_LIMIT } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { type Caller, callerIn, json, type Reply, type Route, route } from '../route.ts';
import { idSchema, messageSchema, pagingSchema } from '../schemas/common.ts';
import { groupParams } from '../schemas/invoice.ts';
import {
  assignInput,
  claimInput,
  creditAnswer,
  creditsAnswer,
  eventsAnswer,
  projectsAnswer,
  requestedAnswer,
} from '../schemas/lists.ts';

const PROJECTS = 'projects';
const CREDITS = 'credits';
const EVENTS = 'events';
/** The most credits that are read for a group. */
const MOST_CREDITS = 100_000;

const assigned = {
  200: { description: 'The projects are in the group', schema: messageSchema },
  202: { description: 'The move needs approval first', schema: requestedAnswer },
};

export const listRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/billing-group/{id}/projects',
    operation: 'listBillingGroupProjects',
    tag: 'Projects',
    summary: 'The projects of a billing group, by name',
    access: 'billing:read',
    params: groupParams,
    query: pagingSchema,
    answers: { 200: { description: 'The projects', schema: projectsAnswer } },
    async run({ caller, params, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const part = partOf(PROJECTS, query);
      const { items, next } = await projectsIn(ctx, { accountId, billingGroupId: resolvedId('bg', params.id) }, part);
      const projects = items.map(({ name, estimate, credits, currency }) => ({
        project_name: name,
        estimated_balance: toFixedMinor(estimate, currency),
        available_credits: toFixedMinor(credits, currency),
      }));
      return json({ projects, ...nextCursor(PROJECTS, part, next) });
    },
  }),
  route({
    method: 'post',
    path: '/billing-group/{id}/projects-assign',
    operation: 'assignProjects',
    tag: 'Projects',
    summary: 'Assign projects to a billing group, all or none',
    access: 'billing:write',
    params: groupParams,
    body: assignInput,
    answers: assigned,
    run: ({ caller, params, body, once }) => assign(callerIn({ caller }), params.id, body.projects_names, once),
  }),
  route({
    method: 'post',
    path: '/billing-group/{id}/project-assign/{project}',
    operation: 'assignProject',
    tag: 'Projects',
    summary: 'Assign a project to a billing group',
    access: 'billing:write',
    params: groupParams.extend({ project: idSchema.meta({ description: 'The project’s name' }) }),
    answers: assigned,
    run: ({ caller, params, once }) => assign(callerIn({ caller }), params.id, [params.project], once),
  }),
  route({
    method: 'get',
    path: '/billing-group/{id}/credits',
    operation: 'listBillingGroupCredits',
    tag: 'Credits',
    summary: 'The credits of a billing group, newest first',
    access: 'billing:read',
    params: groupParams,
    query: pagingSchema,
    answers: { 200: { description: 'The credits', schema: creditsAnswer } },
    run: ({ caller, params, query }) => credits(callerIn({ caller }), resolvedId('bg', params.id), query),
  }),
  route({
    method: 'post',
    path: '/billing-group/{id}/credits',
    operation: 'claimBillingGroupCredit',
    tag: 'Credits',
    summary: 'Claim a credit code for a billing group',
    access: 'billing:write',
    params: groupParams,
    body: claimInput,
    answers: { 200: { description: 'The credit', schema: creditAnswer } },
    async run({ caller, params, body, once }) {
      const { ctx, accountId } = callerIn({ caller });
      const claim = { accountId, code: body.code, billingGroupId: resolvedId('bg', params.id) };
      return json({ credit: await once(async () => creditBody(await claimCredit(ctx, claim))) });
    },
  }),
  route({
    method: 'get',
    path: '/billing-group/{id}/events',
    operation: 'listBillingGroupEvents',
    tag: 'Events',
    summary: 'The events of a billing group, newest first',
    access: 'billing:read',
    params: groupParams,
    query: pagingSchema,
    answers: { 200: { description: `The events, ${USUAL_LIMIT} without a limit`, schema: eventsAnswer } },
    run: ({ caller, params, query }) => events(callerIn({ caller }), resolvedId('bg', params.id), query),
  }),
];

interface Paging {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Takes effect from the start of the open month, as in the published API. */
async function assign({ ctx, accountId }: Caller, id: string, names: readonly string[], once: Once): Promise<Reply> {
  const billingGroupId = resolvedId('bg', id);
  await knownGroup(ctx, accountId, billingGroupId);
  const projects = await findProjects(ctx, accountId, names);
  const requestId = await once(async () => {
    const result = await askMove(ctx, {
      accountId,
      projectIds: projects.map(({ _id }) => _id),
      toGroupId: billingGroupId,
      effect: 'period_start',
      reason: 'Requested through the Invoice API',
    });
    return result.kind === 'requested' ? shownId(result.request._id) : null;
  });
  if (requestId !== null) {
    const message = 'The move is pending approval';
    const headers = { location: `/v1/move-requests/${requestId}` };
    return { ...json({ message, request_id: requestId }, 202), headers };
  }
  return json({ message: names.length === 1 ? 'Project assigned' : 'Projects assigned' });
}

/** The latest claim first, in a fixed order, so that a cursor can be found again. */
async function credits({ ctx, accountId }: Caller, billingGroupId: string, query: Paging): Promise<Reply> {
  await knownGroup(ctx, accountId, billingGroupId);
  const part = partOf(CREDITS, query);
  const { items } = await listCredits(ctx, accountId, { billingGroupId, page: 1, size: MOST_CREDITS });
  const placed = items
    .map((credit) => ({ credit, place: `${credit.claimedAt.toISOString()} ${credit.id}` }))
    .sort((a, b) => (a.place < b.place ? 1 : -1))
    .filter(({ place }) => part.after === undefined || place < part.after);
  const shown = placed.slice(0, part.limit);
  const next = placed.length > shown.length ? shown.at(-1)?.place : undefined;
  return json({ credits: shown.map(({ credit }) => creditBody(credit)), ...nextCursor(CREDITS, part, next) });
}

async function events(caller: Caller, billingGroupId: string, query: Paging): Promise<Reply> {
  const { ctx, accountId } = caller;
  await knownGroup(ctx, accountId, billingGroupId);
  const { limit = USUAL_LIMIT, cursor } = query;
  const place = cursor === undefined ? undefined : entryNumber(fromCursor(EVENTS, cursor));
  const page = await listEvents(ctx, accountId, {
    billingGroupId,
    size: limit,
    ...(place !== undefined && { cursor: { olderThan: place } }),
  });
  const isPaged = query.limit !== undefined || cursor !== undefined;
  const last = page.older && page.items.at(-1);
  return json({
    events: await eventBodies(caller, page.items),
    ...(isPaged && { next_cursor: last ? toCursor(EVENTS, String(last.logEntryId)) : null }),
  });
}

function entryNumber(place: string): number {
  const number = z
    .string()
    .regex(/^\d{1,15}$/)
    .safeParse(place);
  if (!number.success) throw apiError(400, 'invalid_input', 'cursor: Not a valid cursor for this list.');
  return Number(number.data);
}
