import { mayApprove } from '../billing/move.ts';
import { periodName, spanOf } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import { purposeOf } from '../billing/role.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { type GroupDoc, Groups, Projects } from '../store/groups.ts';
import { type MoveDoc, type MoveState, Moves, type MovingProject, OpenMoves } from '../store/moves.ts';
import { inTransaction } from '../store/transaction.ts';
import { type Actor, actorName, type Ctx } from './context.ts';
import { record } from './log.ts';
import { applyMove, earliestFor, groupsConcerned, type MembershipsOf, membershipsOf } from './move-apply.ts';
import { peopleOf } from './move-people.ts';
import { admit } from './rights.ts';

export interface Decision {
  readonly accountId: string;
  readonly requestId: string;
  /** Where some of the projects can't be moved any more: move the others, or none. */
  readonly ifSomeCant?: 'others' | 'none';
  /** The instant that the approver was shown, where the one that was asked for lies in an invoiced period by now. */
  readonly earliest?: Date;
}

/** What an approval came to: `waiting` for further ones. */
export interface Approved {
  readonly outcome: 'moved' | 'waiting' | 'none_moved';
  readonly request: MoveDoc;
}

/** A project that can't be moved any more, and why. */
interface Stuck {
  readonly project: MovingProject;
  readonly why: string;
}

/**
 * Approves a move, and makes it when that was the last approval that it needed: decision, memberships, estimates and
 * events are one transaction. Whoever comes too late is told what had happened.
 *
 * @throws {Refusal} `move_settled`, `move_not_found`, `not_an_approver`, `move_new_date` with the new earliest date,
 * `move_some_cant` with which projects and why, `move_refused` when nothing of it can be done any more
 */
export async function approveMove(ctx: Ctx, decision: Decision): Promise<Approved> {
  const { account } = await admit(ctx, decision.accountId, 'see');
  const approved = await inTransaction(() => approve(ctx, account, decision));
  nudgeAll(ctx);
  return approved;
}

/** Rejects a move, with a reason. @throws {Refusal} as `approveMove`, and `invalid_input` without a reason */
export async function rejectMove(ctx: Ctx, decision: Decision & { reason: string }): Promise<MoveDoc> {
  const { account } = await admit(ctx, decision.accountId, 'see');
  const reason = decision.reason.trim();
  if (reason === '') throw new Refusal('invalid_input', 'Say why.', { fields: { reason: 'Say why.' } });
  const rejected = await inTransaction(async () => {
    const request = await openRequest(ctx, account, decision.requestId);
    await assertApprover(ctx.actor, account, request);
    return settle(ctx, request, 'rejected', reason);
  });
  nudgeAll(ctx);
  return rejected;
}

/** Takes back what one has asked for. @throws {Refusal} `move_settled`, `move_not_found`, `not_yours` */
export async function withdrawMove(ctx: Ctx, of: { accountId: string; requestId: string }): Promise<MoveDoc> {
  const { account } = await admit(ctx, of.accountId, 'see');
  const withdrawn = await inTransaction(async () => {
    const request = await openRequest(ctx, account, of.requestId);
    if (ctx.actor.kind === 'person' && request.askedBy !== ctx.actor.userId) {
      throw new Refusal('not_yours', 'Only who asked for a move can withdraw it.', { people: [request.askedBy] });
    }
    return settle(ctx, request, 'withdrawn', null);
  });
  nudgeAll(ctx);
  return withdrawn;
}

/** Ends what nobody decided in time, and reminds of what waits; both once, however often it runs. @returns how many */
export async function tendMoves(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const over = await Moves.find({ state: 'open', expiresAt: { $lte: now } }, { _id: 1 })
    .limit(100)
    .lean();
  for (const { _id } of over) {
    await inTransaction(async () => {
      const request = await Moves.findOne({ _id, state: 'open' }).lean();
      if (request) await settle(ctx, request, 'expired', null);
    });
  }
  const waiting = await Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, { _id: 1 })
    .limit(100)
    .lean();
  for (const { _id } of waiting) await inTransaction(() => remind(ctx, _id));
  if (over.length + waiting.length > 0) ctx.nudge('number-events');
  return over.length + waiting.length;
}

async function approve(ctx: Ctx, account: AccountDoc, decision: Decision): Promise<Approved> {
  const request = await openRequest(ctx, account, decision.requestId);
  await assertApprover(ctx.actor, account, request);
  const approvals = [...request.approvals.filter(({ userId }) => userId !== actorName(ctx.actor))];
  approvals.push({ userId: actorName(ctx.actor), at: ctx.clock.now() });
  if (!(await isEnough(account, request, approvals))) {
    await Moves.updateOne({ _id: request._id }, { $set: { approvals, unshown: true }, $inc: { version: 1 } });
    await note(ctx, request, 'move_approval_given', `Approved the move of ${what(request)}; more approvals are needed`);
    return { outcome: 'waiting', request: { ...request, approvals } };
  }
  return make(ctx, account, { ...request, approvals }, decision);
}

/** Makes the move as far as it can still be made. */
async function make(ctx: Ctx, account: AccountDoc, request: MoveDoc, decision: Decision): Promise<Approved> {
  const to = await Groups.findOne({ _id: request.toGroupId, accountId: account._id, state: 'active' }).lean();
  if (!to) return none(ctx, request, 'The group that it was to go into is deleted.');
  const memberships = await membershipsOf(request.projects.map(({ projectId }) => projectId));
  const at = await instantOf(account, request, memberships, decision.earliest);
  const stuck = await stuckOf(request, memberships);
  const projects = request.projects.filter((project) => !stuck.some((one) => one.project === project));
  if (projects.length === 0) return none(ctx, request, reasonsOf(stuck));
  if (stuck.length > 0 && decision.ifSomeCant === undefined) throw someCant(stuck, projects.length);
  if (stuck.length > 0 && decision.ifSomeCant === 'none') return none(ctx, request, reasonsOf(stuck));
  const groups = await groupsConcerned(memberships, to._id, at);
  await applyMove(ctx, account, { projects, memberships, to, groups, at, requestId: request._id });
  const outcome = stuck.length === 0 ? null : `Not moved: ${reasonsOf(stuck)}`;
  const settled = await settle(ctx, { ...request, effectAt: at }, 'approved', outcome);
  return { outcome: 'moved', request: settled };
}

async function none(ctx: Ctx, request: MoveDoc, why: string): Promise<Approved> {
  return { outcome: 'none_moved', request: await settle(ctx, request, 'refused', why) };
}

/** The instant of the move; where its period is invoiced by now, the new earliest one has to be confirmed. */
async function instantOf(
  account: AccountDoc,
  request: MoveDoc,
  memberships: MembershipsOf,
  confirmed: Date | undefined,
): Promise<Date> {
  const groups = await groupsConcerned(memberships, request.toGroupId, request.effectAt);
  const wanted = earliestFor(account, request.effectAt, []);
  const earliest = earliestFor(account, request.effectAt, groups);
  if (earliest <= wanted) return request.effectAt;
  const { begin } = spanOf(earliest, account.timeZone);
  if (confirmed?.getTime() === begin.getTime()) return begin;
  throw new Refusal(
    'move_new_date',
    `${periodName(wanted)} is invoiced by now: the move can begin with ${periodName(earliest)} at the earliest.`,
    { fields: { earliest: begin.toISOString() } },
  );
}

async function stuckOf(request: MoveDoc, memberships: MembershipsOf): Promise<Stuck[]> {
  const there = new Set(await Projects.distinct('_id', { _id: { $in: request.projects.map((one) => one.projectId) } }));
  return request.projects.flatMap((project) => {
    if (!there.has(project.projectId)) return [{ project, why: 'is deleted' }];
    const holder = memberships.get(project.projectId)?.find(({ to }) => to === null)?.billingGroupId;
    if (holder !== project.fromGroupId) return [{ project, why: 'was moved otherwise meanwhile' }];
    return [];
  });
}

/** Whether every group that is asked has as many approvals as it needs. */
async function isEnough(account: AccountDoc, request: MoveDoc, approvals: MoveDoc['approvals']): Promise<boolean> {
  const people = await peopleOf(account._id);
  const groups = await Groups.find({ _id: { $in: [...request.asked] } }).lean();
  return groups.every((group) => {
    const counting = approvals.filter(({ userId }) => {
      const person = people.find((one) => one.userId === userId);
      return person && mayApprove(person, group, request.askedBy);
    });
    return counting.length >= request.needed;
  });
}

/** Asked anew within the transaction: a role may have gone since the message was sent. */
async function assertApprover(actor: Actor, account: AccountDoc, request: MoveDoc): Promise<void> {
  if (actor.kind !== 'person') return;
  const people = await peopleOf(account._id);
  const groups: GroupDoc[] = await Groups.find({ _id: { $in: [...request.asked] } }).lean();
  const able = people.filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)));
  if (able.some(({ userId }) => userId === actor.userId)) return;
  const isOwn = actor.userId === request.askedBy;
  throw new Refusal(
    'not_an_approver',
    isOwn
      ? 'Nobody decides what they have asked for themselves.'
      : `To ${purposeOf('approve_moves')}, one needs the role of approver, billing admin or owner.`,
    { people: able.slice(0, 5).map(({ userId }) => userId) },
  );
}

/** @throws {Refusal} `move_settled` with who decided, when and how; `move_not_found` */
async function openRequest(ctx: Ctx, account: AccountDoc, requestId: string): Promise<MoveDoc> {
  const request = await Moves.findOne({ _id: requestId, accountId: account._id }).lean();
  if (!request) throw new Refusal('move_not_found', 'There is no such request any more.');
  if (request.state === 'open') return request;
  const { state, decidedBy, decidedAt } = request;
  ctx.log.info({ requestId, state }, 'a move that was settled before');
  const when = decidedAt ? ` on ${decidedAt.toISOString().slice(0, 16).replace('T', ' at ')} UTC` : '';
  throw new Refusal('move_settled', `This move was ${state} already${when}.`, {
    people: decidedBy?.startsWith('U') || decidedBy?.startsWith('W') ? [decidedBy] : [],
  });
}

const EVENT_OF = {
  approved: 'move_approved',
  rejected: 'move_rejected',
  withdrawn: 'move_withdrawn',
  expired: 'move_expired',
  refused: 'move_refused',
} as const;

/** Ends a request; its projects are free for another one. */
async function settle(
  ctx: Ctx,
  request: MoveDoc,
  state: Exclude<MoveState, 'open'>,
  outcome: string | null,
): Promise<MoveDoc> {
  const { approvals, effectAt } = request;
  const settled = { state, outcome, approvals, effectAt, decidedBy: actorName(ctx.actor), decidedAt: ctx.clock.now() };
  const { matchedCount } = await Moves.updateOne(
    { _id: request._id, state: 'open' },
    { $set: { ...settled, unshown: true }, $inc: { version: 1 } },
  );
  if (matchedCount === 0) throw new Error(`Request ${request._id} was settled at the same time`);
  await OpenMoves.deleteMany({ requestId: request._id });
  const because = outcome === null ? '' : `: ${outcome}`;
  await note(ctx, request, EVENT_OF[state], `${capital(state)} the move of ${what(request)}${because}`);
  return { ...request, ...settled };
}

async function remind(ctx: Ctx, requestId: string): Promise<void> {
  const before = await Moves.findOneAndUpdate(
    { _id: requestId, state: 'open', remindAt: { $ne: null } },
    { $set: { remindAt: null, unshown: true }, $inc: { version: 1 } },
  ).lean();
  if (before) await note(ctx, before, 'move_reminded', `Reminded approvers of the move of ${what(before)}`);
}

async function note(
  ctx: Ctx,
  request: MoveDoc,
  type: `move_${string}` & Parameters<typeof record>[1]['type'],
  description: string,
): Promise<void> {
  await record(ctx, {
    accountId: request.accountId,
    type,
    description,
    billingGroupId: request.toGroupId,
    before: { state: 'open' },
    after: { requestId: request._id },
  });
}

function someCant(stuck: readonly Stuck[], others: number): Refusal {
  return new Refusal('move_some_cant', `Some can't be moved any more: ${reasonsOf(stuck)}`, {
    fields: { others: String(others) },
  });
}

function reasonsOf(stuck: readonly Stuck[]): string {
  return stuck
    .slice(0, 10)
    .map(({ project, why }) => `${project.label ?? project.name} ${why}.`)
    .join(' ');
}

function what({ projects }: MoveDoc): string {
  const [first] = projects;
  return projects.length === 1 && first ? `project ${first.name}` : `${projects.length} projects`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function nudgeAll(ctx: Ctx): void {
  for (const tick of ['number-events', 'estimates', 'moves'] as const) ctx.nudge(tick);
}
