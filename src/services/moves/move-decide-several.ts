import { Refusal } from '../../billing/refusal.ts';
import type { Ctx } from '../kit/context.ts';
import { DoneBefore } from '../kit/request-keys.ts';
import { type Approved, approveMove, rejectionReason, rejectMove } from './move-decide.ts';
import { type MoveSummary, movesNamed } from './move-read.ts';

/** What is decided, the same for each of the requests. */
export interface SeveralDecisions {
  readonly accountId: string;
  readonly requestIds: readonly string[];
  readonly decision: { readonly kind: 'approve' } | { readonly kind: 'reject'; readonly reason: string };
}

/** What became of one of the requests. */
export type DecisionResult = {
  /** As it was before; undefined where there is no such request. */
  readonly move: MoveSummary | undefined;
} & (
  | { readonly kind: 'approved'; readonly approved: Approved }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed' }
);

type Outcome = DecisionResult extends infer R ? (R extends DecisionResult ? Omit<R, 'move'> : never) : never;

/**
 * Approves or rejects several requests, each in its own transaction: one that can't be decided, or fails, keeps no other
 * from being decided. One whose effective date or projects have changed meanwhile stays open: that is agreed to by
 * deciding it alone.
 *
 * @returns what became of each, in the order given
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
    // the whole request was carried out before
    if (error instanceof DoneBefore) throw error;
    if (error instanceof Refusal) return { kind: 'refused', refusal: error };
    ctx.log.error({ err: error, requestId: of.requestId }, 'one of several move requests could not be decided');
    return { kind: 'failed' };
  }
}
