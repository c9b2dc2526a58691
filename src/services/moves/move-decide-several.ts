import { Refusal } from '../../billing/refusal.ts';
import type { Ctx } from '../kit/context.ts';
import { DoneBefore } from '../kit/request-keys.ts';
import { type Approved, approveMove, rejectionReason, rejectMove } from './move-decide.ts';
import { type MoveSummary, movesNamed } from './move-read.ts';

/** The decision, the same for each request. */
export interface SeveralDecisions {
  readonly accountId: string;
  readonly requestIds: readonly string[];
  readonly decision: { readonly kind: 'approve' } | { readonly kind: 'reject'; readonly reason: string };
}

/** The result for one request. */
export type DecisionResult = {
  /** The request before the decision; undefined if it does not exist. */
  readonly move: MoveSummary | undefined;
} & (
  | { readonly kind: 'approved'; readonly approved: Approved }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed' }
);

type Outcome = DecisionResult extends infer R ? (R extends DecisionResult ? Omit<R, 'move'> : never) : never;

/**
 * Approves or rejects several requests, each in its own transaction, so that a failing one doesn't affect the others. A
 * request stays pending if its effective date or projects have changed in the meantime: it has to be decided
 * individually.
 *
 * @returns the result for each, in the given order
 * @throws {Refusal} `invalid_input` for a rejection without a reason, `not_an_approver` for a person who may decide none
 */
export async function decideMoves(
  ctx: Ctx,
  { accountId, requestIds, decision }: SeveralDecisions,
): Promise<DecisionResult[]> {
  if (decision.kind === 'reject') rejectionReason(decision.reason);
  const ids = [...new Set(requestIds)];
  const moves = await movesNamed(ctx, accountId, ids);
  const results: DecisionResult[] = [];
  for (const requestId of ids) {
    const outcome = await decideOne(ctx, { accountId, requestId }, decision);
    results.push({ move: moves.find(({ _id }) => _id === requestId), ...outcome });
  }
  const refusals = results.flatMap((one) => (one.kind === 'refused' ? [one.refusal] : []));
  const [first] = refusals;
  if (first && refusals.length === ids.length && refusals.every(({ code }) => code === 'not_an_approver')) throw first;
  return results;
}

async function decideOne(
  ctx: Ctx,
  of: { readonly accountId: string; readonly requestId: string },
  decision: SeveralDecisions['decision'],
): Promise<Outcome> {
  try {
    if (decision.kind === 'approve') return { kind: 'approved', approved: await approveMove(ctx, of) };
    await rejectMove(ctx, { ...of, reason: decision.reason });
    return { kind: 'rejected' };
  } catch (error) {
    // this Slack request was already carried out
    if (error instanceof DoneBefore) throw error;
    if (error instanceof Refusal) return { kind: 'refused', refusal: error };
    ctx.log.error({ err: error, requestId: of.requestId }, 'one of several move requests could not be decided');
    return { kind: 'failed' };
  }
}
