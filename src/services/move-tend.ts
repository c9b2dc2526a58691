import { Moves } from '../store/moves.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Ctx } from './context.ts';
import { note, settle, what } from './move-settle.ts';

/** As many at a time; the next tick goes on. */
const BATCH = 100;

/** Ends what nobody decided in time, and reminds of what waits; both once, however often it runs. @returns how many */
export async function tendMoves(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const over = await Moves.find({ state: 'open', expiresAt: { $lte: now } }, { _id: 1 })
    .limit(BATCH)
    .lean();
  for (const { _id } of over) await inTransaction(() => expire(ctx, _id));
  const waiting = await Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, { _id: 1 })
    .limit(BATCH)
    .lean();
  for (const { _id } of waiting) await inTransaction(() => remind(ctx, _id));
  if (over.length + waiting.length > 0) ctx.nudge('number-events');
  return over.length + waiting.length;
}

async function expire(ctx: Ctx, requestId: string): Promise<void> {
  const request = await Moves.findOne({ _id: requestId, state: 'open' }).lean();
  if (request) await settle(ctx, request, 'expired', null);
}

async function remind(ctx: Ctx, requestId: string): Promise<void> {
  const before = await Moves.findOneAndUpdate(
    { _id: requestId, state: 'open', remindAt: { $ne: null } },
    { $set: { remindAt: null, unshown: true }, $inc: { version: 1 } },
  ).lean();
  if (before) await note(ctx, before, 'move_reminded', `Reminded approvers of the move of ${what(before)}`);
}
