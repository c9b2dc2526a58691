import type { Effect } from '../billing/move.ts';
import { effectInstant, groupsAsked, isThere, mayApprove } from '../billing/move.ts';
import { periodName } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { type GroupDoc, Groups, Projects } from '../store/groups.ts';
import { newId } from '../store/ids.ts';
import { type MoveDoc, Moves, type MovingProject, OpenMoves } from '../store/moves.ts';
import { inTransaction } from '../store/transaction.ts';
import { actorName, type Ctx } from './context.ts';
import { activeGroup } from './groups.ts';
import { record } from './log.ts';
import { applyMove, earliestFor, groupsConcerned, type MembershipsOf, membershipsOf } from './move-apply.ts';
import { peopleOf } from './move-people.ts';
import { admit } from './rights.ts';

/** As many projects as one request takes (invoice-api.md, projects-assign). */
export const MOST_PROJECTS = 1024;
/** Until whoever may approve is reminded, and until a request that nobody decided ends. */
const REMIND_AFTER_MS = 24 * 3_600_000;
const EXPIRE_AFTER_MS = 7 * 24 * 3_600_000;
const MOST_NAMED = 5;

export interface MoveInput {
  readonly accountId: string;
  readonly projectIds: readonly string[];
  readonly toGroupId: string;
  readonly effect: Effect;
  readonly reason: string;
}

/** What came of asking: `there` are projects that were in the group already. */
export type AskResult = {
  readonly to: Pick<GroupDoc, '_id' | 'name'>;
  readonly projects: readonly MovingProject[];
  readonly there: readonly MovingProject[];
  readonly at: Date;
} & ({ readonly kind: 'moved' | 'nothing' } | { readonly kind: 'requested'; readonly request: MoveDoc });

/**
 * Asks that projects be put into another group of their account: at once where the account's policy asks nobody, else
 * as a request that approvers decide. Safe to repeat: projects that are there already are passed over, and a project
 * has at most one open request.
 *
 * @throws {Refusal} `invalid_input`, `project_not_found`, `billing_group_not_found`, `move_open_already` with the
 * projects' names, `period_already_invoiced`, `no_approver` with whom to add, `role_needed`
 */
export async function askMove(ctx: Ctx, input: MoveInput): Promise<AskResult> {
  const { account } = await admit(ctx, input.accountId, 'edit_projects');
  const ids = [...new Set(input.projectIds)];
  if (ids.length === 0 || ids.length > MOST_PROJECTS) {
    throw faultIn('projects', ids.length === 0 ? 'Choose a project.' : `At most ${MOST_PROJECTS} projects at once.`);
  }
  const result = await inTransaction(() => ask(ctx, account, { ...input, projectIds: ids }));
  ctx.nudge('number-events');
  ctx.nudge('estimates');
  if (result.kind === 'requested') ctx.nudge('moves');
  return result;
}

/** Projects with the group that each is in at an instant. @throws {Refusal} `project_not_found` */
export async function movingProjects(
  accountId: string,
  projectIds: readonly string[],
  memberships: MembershipsOf,
): Promise<MovingProject[]> {
  const docs = await Projects.find({ accountId, _id: { $in: [...projectIds] } })
    .sort({ nameKey: 1 })
    .lean();
  if (docs.length !== projectIds.length) {
    throw new Refusal('project_not_found', 'One of the projects is not there any more.', {
      wayOut: 'Type `/billing projects` to see them all.',
      fields: { projects: 'One of the projects is not there any more.' },
    });
  }
  return docs.map(({ _id, name, label }) => ({
    projectId: _id,
    name,
    label,
    fromGroupId: memberships.get(_id)?.find((one) => one.to === null)?.billingGroupId ?? '',
  }));
}

async function ask(ctx: Ctx, account: AccountDoc, input: MoveInput): Promise<AskResult> {
  const to = await activeGroup(account._id, input.toGroupId);
  const now = ctx.clock.now();
  const at = effectInstant(input.effect, now, account.timeZone);
  const memberships = await membershipsOf(input.projectIds);
  const all = await movingProjects(account._id, input.projectIds, memberships);
  const there = all.filter(({ projectId }) => isThere(memberships.get(projectId) ?? [], to._id, at));
  const projects = all.filter((project) => !there.includes(project));
  const common = { to, projects, there, at };
  if (projects.length === 0) return { ...common, kind: 'nothing' };
  await assertNoneOpen(projects);
  const groups = await groupsConcerned(memberships, to._id, at);
  assertNotInvoiced(account, at, groups);
  const asked = groupsAsked(
    account.approvalPolicy,
    projects.map((one) => one.fromGroupId),
    to._id,
  );
  if (asked.length === 0) {
    await applyMove(ctx, account, { projects, memberships, to, groups, at, requestId: null });
    return { ...common, kind: 'moved' };
  }
  const request = await openRequest(ctx, account, input, { projects, to, at, asked });
  return { ...common, kind: 'requested', request };
}

async function openRequest(
  ctx: Ctx,
  account: AccountDoc,
  input: MoveInput,
  of: { projects: readonly MovingProject[]; to: GroupDoc; at: Date; asked: readonly string[] },
): Promise<MoveDoc> {
  const askedBy = actorName(ctx.actor);
  const askedAt = ctx.clock.now();
  const { needed } = account.approvalPolicy;
  await assertApprovers(account, of.asked, askedBy, needed);
  const request: MoveDoc = {
    _id: newId('mov'),
    accountId: account._id,
    projects: of.projects,
    toGroupId: of.to._id,
    effect: input.effect,
    effectAt: of.at,
    reason: input.reason.trim(),
    askedBy,
    askedAt,
    state: 'open',
    asked: of.asked,
    needed,
    approvals: [],
    decidedBy: null,
    decidedAt: null,
    outcome: null,
    remindAt: new Date(askedAt.getTime() + REMIND_AFTER_MS),
    expiresAt: new Date(askedAt.getTime() + EXPIRE_AFTER_MS),
    copies: [],
    version: 1,
    unshown: true,
  };
  await OpenMoves.insertMany(of.projects.map(({ projectId }) => ({ _id: projectId, requestId: request._id })));
  await Moves.create([request]);
  const what = of.projects.length === 1 ? `project ${of.projects[0]?.name}` : `${of.projects.length} projects`;
  await record(ctx, {
    accountId: account._id,
    type: 'move_requested',
    description: `Asked to move ${what} to billing group "${of.to.name}"`,
    billingGroupId: of.to._id,
    ...(of.projects.length === 1 && of.projects[0] && { projectId: of.projects[0].projectId }),
    after: {
      requestId: request._id,
      projects: of.projects.map(({ projectId }) => projectId),
      from: of.at.toISOString(),
    },
  });
  return request;
}

async function assertNoneOpen(projects: readonly MovingProject[]): Promise<void> {
  const open = await OpenMoves.find({ _id: { $in: projects.map(({ projectId }) => projectId) } }, { _id: 1 }).lean();
  if (open.length === 0) return;
  const names = projects.filter(({ projectId }) => open.some(({ _id }) => _id === projectId)).map(({ name }) => name);
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  const sentence = `A move is open already for ${names.slice(0, MOST_NAMED).join(', ')}${more}.`;
  throw new Refusal('move_open_already', sentence, {
    wayOut: 'Wait for its decision, or let whoever asked withdraw it.',
    fields: { projects: sentence },
  });
}

function assertNotInvoiced(account: AccountDoc, at: Date, groups: readonly GroupDoc[]): void {
  const wanted = earliestFor(account, at, []);
  const earliest = earliestFor(account, at, groups);
  if (earliest <= wanted) return;
  const sentence = `${periodName(wanted)} is invoiced already: the earliest is the start of ${periodName(earliest)}.`;
  throw new Refusal('period_already_invoiced', sentence, { fields: { effect: sentence } });
}

/** A request that nobody could approve would only wait for its end. */
async function assertApprovers(
  account: AccountDoc,
  asked: readonly string[],
  askedBy: string,
  needed: number,
): Promise<void> {
  const people = await peopleOf(account._id);
  const groups = await Groups.find({ _id: { $in: [...asked] } }).lean();
  for (const group of groups) {
    const able = people.filter((person) => mayApprove(person, group, askedBy));
    if (able.length >= needed) continue;
    const owners = people.filter(({ role }) => role === 'owner').map(({ userId }) => userId);
    const short = able.length === 0 ? 'Nobody but you could approve' : `Only ${able.length} of ${needed} could approve`;
    throw new Refusal('no_approver', `${short} a move into “${group.name}”.`, {
      wayOut: 'An owner can add an approver: `/billing members add @person approver`.',
      people: owners,
    });
  }
}

function faultIn(field: string, sentence: string): Refusal {
  return new Refusal('invalid_input', sentence, { fields: { [field]: sentence } });
}
