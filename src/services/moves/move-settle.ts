import { titleOfProject } from '../../billing/group/names.ts';
import { count } from '../../billing/money/count.ts';
import { effectiveDateText } from '../../billing/move/effective-date.ts';
import { mayApprove } from '../../billing/move/move.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { moveById } from '../../store/moves/move-reads.ts';
import { endMove } from '../../store/moves/move-writes.ts';
import type { MoveDoc, MoveState } from '../../store/moves/moves.ts';
import { type Actor, actorName, type Ctx } from '../kit/context.ts';
import type { Change, ChangeEvent } from '../kit/transaction.ts';
import { groupsToDecide, peopleOf } from './move-people.ts';

/** How a request can end. */
export type Settled = Exclude<MoveState, 'open'>;

const EVENT_OF = {
  approved: 'move_approved',
  rejected: 'move_rejected',
  withdrawn: 'move_withdrawn',
  expired: 'move_expired',
  refused: 'move_refused',
} as const;

const MOST_NAMED = 5;

/** A pending request. @throws {Refusal} `move_settled` with who decided, when and how; `move_not_found` */
export async function openRequest(ctx: Ctx, account: AccountDoc, requestId: string): Promise<MoveDoc> {
  const request = await moveById(account._id, requestId);
  if (!request) throw new Refusal('move_not_found');
  if (request.state === 'open') return request;
  const { state, decidedBy, decidedAt } = request;
  ctx.log.info({ requestId, state }, 'a move that was already settled');
  const settled = { state, decidedAt: decidedAt ?? null, timeZone: account.timeZone };
  throw new Refusal('move_settled', settled, { people: decidedBy && /^[UW]/.test(decidedBy) ? [decidedBy] : [] });
}

/**
 * Ensures that the caller may decide a request, based on current roles, which may have changed since the message was
 * sent. Must be called in the transaction of the decision.
 *
 * @throws {Refusal} `not_an_approver` with some people who are
 */
export async function assertApprover(actor: Actor, account: AccountDoc, request: MoveDoc): Promise<void> {
  if (actor.kind === 'automation' || actor.kind === 'operator') return;
  const people = await peopleOf(account._id);
  const groups = await groupsToDecide(account, request.asked);
  const able = people.filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)));
  if (able.some(({ userId }) => userId === actorName(actor))) return;
  const isOwn = actorName(actor) === request.askedBy;
  throw new Refusal('not_an_approver', { isOwn }, { people: able.slice(0, MOST_NAMED).map(({ userId }) => userId) });
}

/** Ends a request with its outcome, so that its projects can be in another request. */
export async function settle(
  tx: Change,
  { timeZone }: Pick<AccountDoc, 'timeZone'>,
  request: MoveDoc,
  state: Settled,
  outcome: string | null,
): Promise<MoveDoc> {
  const { approvals, effectAt, wantedAt, facts } = request;
  const kept = { approvals, effectAt, ...(wantedAt && { wantedAt }), ...(facts && { facts }) };
  const settled = { state, outcome, ...kept, decidedBy: actorName(tx.actor), decidedAt: tx.clock.now() };
  if (!(await endMove(tx, request, settled))) throw new Error(`Request ${request._id} was settled at the same time`);
  tx.nudge('moves');
  const because = outcome === null ? '' : `: ${outcome}`;
  const date = wantedAt ? `, effective ${effectiveDateText(request, timeZone)}` : '';
  await note(tx, request, EVENT_OF[state], `${endText(state, what(request))}${date}${because}`, state);
  return { ...request, ...settled };
}

/** Logs the outcome of a request. */
export async function note(
  tx: Change,
  request: MoveDoc,
  type: `move_${string}` & ChangeEvent['type'],
  description: string,
  state: MoveState = 'open',
): Promise<void> {
  const [first] = request.projects;
  await tx.record({
    accountId: request.accountId,
    type,
    description,
    billingGroupId: request.toGroupId,
    ...(request.projects.length === 1 && first && { projectId: first.projectId }),
    before: { state: 'open' },
    after: { state, requestId: request._id, effectAt: request.effectAt.toISOString() },
  });
}

/** The move of a request, as described in the log. */
export function what({ projects }: MoveDoc): string {
  const [first] = projects;
  return projects.length === 1 && first ? `project ${titleOfProject(first)}` : count(projects.length, 'project');
}

/** The outcome of a request, as described in the log. */
function endText(state: Settled, moved: string): string {
  switch (state) {
    case 'approved':
      return `Approved the move of ${moved}`;
    case 'rejected':
      return `Rejected the move of ${moved}`;
    case 'withdrawn':
      return `Withdrew the request to move ${moved}`;
    case 'expired':
      return `The request to move ${moved} expired`;
    case 'refused':
      return `The move of ${moved} could not be made`;
  }
}
