import { getMove, type MoveSummary } from '../../services/moves/move-read.ts';
import { resolvedId, shownId } from '../ids.ts';
import { callerIn, json, type Route, route } from '../route.ts';
import { time } from '../schemas/common.ts';
import { type MoveBody, moveAnswer, moveParams } from '../schemas/moves.ts';

export const moveRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/move-requests/{id}',
    operation: 'getMoveRequest',
    tag: 'Projects',
    summary: 'A request to move projects, and what became of it',
    access: 'billing:read',
    params: moveParams,
    answers: { 200: { description: 'The request', schema: moveAnswer } },
    async run({ caller, params }) {
      const { ctx, accountId } = callerIn({ caller });
      return json({ move_request: moveBody(await getMove(ctx, accountId, resolvedId('mov', params.id))) });
    },
  }),
];

export function moveBody(move: MoveSummary): MoveBody {
  const { state, reason, decidedAt, outcome } = move;
  return {
    request_id: shownId(move._id),
    state,
    projects: move.projects.map(({ name, fromGroupId }) => ({
      project_name: name,
      from_billing_group_id: shownId(fromGroupId),
    })),
    billing_group_id: shownId(move.toGroupId),
    billing_group_name: move.toGroupName,
    effective_from: time(move.effectAt),
    reason,
    requested_by: move.askedBy,
    request_time: time(move.askedAt),
    decided_by: move.decidedBy,
    decide_time: decidedAt && time(decidedAt),
    expire_time: time(move.expiresAt),
    outcome,
  };
}
