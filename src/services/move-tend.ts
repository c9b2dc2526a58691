import { type MoveDoc, Moves } from '../store/moves.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Ctx } from './context.ts';
import { eachOfAll, eachStep, type Loop } from './each-of-all.ts';
import { note, settle, what } from './move-settle.ts';

/** As many at a time; the next tick goes on. */
const BATCH = 100;

type MoveId = Pick<MoveDoc, '_id' | 'accountId'>;
const name = ({ _id: id, accountId }: MoveId) => ({ id, accountId });
const EXPIRING: Loop<MoveId> = { kind: 'move-expiry', name, what: 'expire a move request', most: BATCH };
const REMINDING: Loop<MoveId> = {
  ...{ kind: 'move-reminder', name, most: BATCH },
  what: 'remind the approvers of a move request',
};

/** Ends what nobody decided in time, and reminds of what waits; both once, however often it runs. @returns how many */
export async function tendMoves(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const over = Moves.find({ state: 'open', expiresAt: { $lte: now } }, { accountId: 1 }).lean();
  const waiting = Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, { accountId: 1 }).lean();
  let done = 0;
  const each = (loop: Loop<MoveId>, moves: typeof over, work: (id: string) => Promise<void>) =>
    eachOfAll(ctx, loop, moves.cursor(), async ({ _id }) => {
      await inTransaction(() => work(_id));
      done += 1;
    });
  try {
    await eachStep(ctx, {
      expire: () => each(EXPIRING, over, (id) => expire(ctx, id)),
      remind: () => each(REMINDING, waiting, (id) => remind(ctx, id)),
    });
  } finally {
    if (done > 0) ctx.nudge('number-events');
  }
  return done;
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
