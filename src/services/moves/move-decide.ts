import { cleanName } from '../../billing/group/names.ts';
import { givenUp, mayApprove } from '../../billing/move/move.ts';
import { spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { activeGroupById } from '../../store/groups/group-reads.ts';
import { namesOfProjects } from '../../store/groups/project-reads.ts';
import { setApprovals } from '../../store/moves/move-writes.ts';
import type { MoveDoc, MovingProject } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import {
  applyMove,
  earliestFor,
  groupsConcerned,
  type MembershipsOf,
  membershipsAmong,
  membershipsByProject,
} from './move-apply.ts';
import { groupsToDecide, peopleOf } from './move-people.ts';
import { factsOf } from './move-preview.ts';
import { assertApprover, note, openRequest, settle, what } from './move-settle.ts';

/** How many of the projects that can no longer be moved are named, with the reason. */
const MOST_NAMED = 10;

export interface Decision {
  readonly accountId: string;
  readonly requestId: string;
  /** If some of the projects can no longer be moved: move the others, or none. */
  readonly ifSomeCant?: 'others' | 'none';
  /** The instant shown to the approver, if the requested one is now in an invoiced period. */
  readonly earliest?: Date;
}

/** The result of an approval: `waiting` for more approvals. */
export interface Approved {
  readonly outcome: 'moved' | 'waiting' | 'none_moved';
  /** How many projects were moved. */
  readonly moved: number;
  readonly request: MoveDoc;
  /** The account's time zone, for the day on which the move takes effect. */
  readonly timeZone: string;
}

/** A project that can no longer be moved, and why. */
interface Stuck {
  readonly project: MovingProject;
  readonly why: string;
}

/**
 * Approves a move, and carries it out if no more approvals are needed: decision, memberships, estimates and events are
 * one transaction. People who are too late learn how it was decided. Approving twice counts once.
 *
 * @throws {Refusal} `move_settled`, `move_not_found`, `not_an_approver`, `move_new_date` with the new earliest date,
 * `move_some_cant` with which projects and why
 */
export async function approveMove(ctx: Ctx, decision: Decision): Promise<Approved> {
  return inChange(ctx, decision.accountId, 'see', (tx, { account }) => approve(tx, account, decision));
}

/** Rejects a move, with a reason. @throws {Refusal} as `approveMove`, and `invalid_input` without a reason */
export async function rejectMove(ctx: Ctx, decision: Decision & { reason: string }): Promise<MoveDoc> {
  const reason = rejectionReason(decision.reason);
  return inChange(ctx, decision.accountId, 'see', async (tx, { account }) => {
    const request = await openRequest(tx, account, decision.requestId);
    await assertApprover(tx.actor, account, request);
    return settle(tx, account, request, 'rejected', reason);
  });
}

/** A rejection reason in its stored form. @throws {Refusal} `invalid_input` if it has no visible characters */
export function rejectionReason(typed: string): string {
  const reason = cleanName(typed);
  if (reason === '') throw new Refusal('invalid_input', { fields: { reason: 'Enter a reason.' } });
  return reason;
}

/**
 * Whether the caller can currently decide a request, before asking them for more. @throws {Refusal} as `approveMove`
 */
export async function assertDecidable(ctx: Ctx, of: { accountId: string; requestId: string }): Promise<void> {
  const { account } = await admit(ctx, of.accountId, 'see');
  await assertApprover(ctx.actor, account, await openRequest(ctx, account, of.requestId));
}

/** Withdraws the caller's own request. @throws {Refusal} `move_settled`, `move_not_found`, `not_yours` */
export async function withdrawMove(ctx: Ctx, of: { accountId: string; requestId: string }): Promise<MoveDoc> {
  return inChange(ctx, of.accountId, 'see', async (tx, { account }) => {
    const request = await openRequest(tx, account, of.requestId);
    const isOther = tx.actor.kind === 'person' || tx.actor.kind === 'token';
    if (isOther && request.askedBy !== actorName(tx.actor)) {
      throw new Refusal('not_yours', {}, { people: [request.askedBy] });
    }
    return settle(tx, account, request, 'withdrawn', null);
  });
}

async function approve(tx: Change, account: AccountDoc, decision: Decision): Promise<Approved> {
  const request = await openRequest(tx, account, decision.requestId);
  await assertApprover(tx.actor, account, request);
  const by = actorName(tx.actor);
  const isAgain = request.approvals.some(({ userId }) => userId === by);
  const approvals = isAgain ? request.approvals : [...request.approvals, { userId: by, at: tx.clock.now() }];
  if (await isEnough(account, request, approvals)) return make(tx, account, { ...request, approvals }, decision);
  if (!isAgain) {
    await setApprovals(tx, request, approvals);
    await note(tx, request, 'move_approval_given', `Approved the move of ${what(request)}. More approvals are needed`);
    tx.nudge('moves');
  }
  return { outcome: 'waiting', moved: 0, request: { ...request, approvals }, timeZone: account.timeZone };
}

/** Carries out the move, as far as that is still possible. */
async function make(tx: Change, account: AccountDoc, request: MoveDoc, decision: Decision): Promise<Approved> {
  const to = await activeGroupById(account._id, request.toGroupId);
  if (!to) return none(tx, account, request, 'The receiving billing group has been deleted.');
  const ids = request.projects.map(({ projectId }) => projectId);
  const all = await membershipsByProject(account._id, ids);
  const changed = await changedSince(request, all);
  const at = await instantOf(account, request, membershipsAmong(all, without(request.projects, changed)), decision);
  const stuck = [...changed, ...thereBy(request, without(request.projects, changed), all, at)];
  const projects = without(request.projects, stuck);
  if (projects.length === 0) return none(tx, account, request, reasonsOf(stuck));
  if (stuck.length > 0 && decision.ifSomeCant === undefined) throw someCant(stuck, projects.length);
  if (stuck.length > 0 && decision.ifSomeCant === 'none') return none(tx, account, request, reasonsOf(stuck));
  const memberships = membershipsAmong(all, projects);
  const groups = await groupsConcerned(account._id, memberships, to._id, at);
  // the state on which the decision is based
  const facts = await factsOf(tx, account, tx.clock.now(), {
    ...{ projectIds: projects.map(({ projectId }) => projectId), toGroupId: to._id, effect: request.effect, at },
  });
  await applyMove(tx, account, { projects, memberships, to, groups, at, requestId: request._id });
  const outcome = stuck.length === 0 ? null : `Not moved: ${reasonsOf(stuck)}`;
  const dated = { ...request, facts, ...(at > request.effectAt && { effectAt: at, wantedAt: request.effectAt }) };
  const settled = await settle(tx, account, dated, 'approved', outcome);
  return { outcome: 'moved', moved: projects.length, request: settled, timeZone: account.timeZone };
}

async function none(tx: Change, account: AccountDoc, request: MoveDoc, why: string): Promise<Approved> {
  const settled = await settle(tx, account, request, 'refused', why);
  return { outcome: 'none_moved', moved: 0, request: settled, timeZone: account.timeZone };
}

/** The instant of the move. If its period is now invoiced, the new earliest instant has to be confirmed. */
async function instantOf(
  account: AccountDoc,
  request: MoveDoc,
  memberships: MembershipsOf,
  { earliest: confirmed }: Decision,
): Promise<Date> {
  const groups = await groupsConcerned(account._id, memberships, request.toGroupId, request.effectAt);
  const wanted = earliestFor(account, request.effectAt, []);
  const earliest = earliestFor(account, request.effectAt, groups);
  if (earliest <= wanted) return request.effectAt;
  const { begin } = spanOf(earliest, account.timeZone);
  if (confirmed?.getTime() === begin.getTime()) return begin;
  throw new Refusal('move_new_date', { wanted, earliest, begin });
}

/** Projects that are no longer in the group they were in when the move was requested. */
async function changedSince(request: MoveDoc, memberships: MembershipsOf): Promise<Stuck[]> {
  const there = await namesOfProjects(
    request.accountId,
    request.projects.map(({ projectId }) => projectId),
  );
  return request.projects.flatMap((project) => {
    if (!there.has(project.projectId)) return [{ project, why: 'is deleted' }];
    const [from] = givenUp(memberships.get(project.projectId) ?? [], request.toGroupId, request.effectAt);
    if (from?.billingGroupId === project.fromGroupId) return [];
    return [{ project, why: 'has been moved in the meantime' }];
  });
}

/** Projects that are already in the target group at the instant, so that they don't have to be moved. */
function thereBy(
  { toGroupId }: MoveDoc,
  projects: readonly MovingProject[],
  memberships: MembershipsOf,
  at: Date,
): Stuck[] {
  return projects
    .filter(({ projectId }) => givenUp(memberships.get(projectId) ?? [], toGroupId, at).length === 0)
    .map((project) => ({ project, why: 'will already be in the group by then' }));
}

function without(projects: readonly MovingProject[], stuck: readonly Stuck[]): MovingProject[] {
  const ids = new Set(stuck.map(({ project }) => project.projectId));
  return projects.filter(({ projectId }) => !ids.has(projectId));
}

/** Whether every group involved has as many approvals as it needs, based on current roles. */
async function isEnough(account: AccountDoc, request: MoveDoc, approvals: MoveDoc['approvals']): Promise<boolean> {
  const people = await peopleOf(account._id);
  const groups = await groupsToDecide(account, request.asked);
  const given = people.filter(({ userId }) => approvals.some((approval) => approval.userId === userId));
  return groups.every(
    (group) => given.filter((person) => mayApprove(person, group, request.askedBy)).length >= request.needed,
  );
}

function someCant(stuck: readonly Stuck[], others: number): Refusal {
  return new Refusal('move_some_cant', { reasons: reasonsOf(stuck), others });
}

function reasonsOf(stuck: readonly Stuck[]): string {
  const named = stuck.slice(0, MOST_NAMED).map(({ project, why }) => `${project.label ?? project.name} ${why}.`);
  const more = stuck.length - named.length;
  return [...named, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}
