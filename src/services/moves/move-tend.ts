import { isDeepStrictEqual } from 'node:util';
import { periodAt } from '../../billing/period/period.ts';
import { Accounts } from '../../store/accounts/accounts.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { type MoveDoc, Moves } from '../../store/moves/moves.ts';
import { eachOfAll, eachStep, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { factsOf } from './move-preview.ts';
import { note, settle, what } from './move-settle.ts';

/** As many at a time; the next tick goes on. */
const BATCH = 100;

type MoveId = Pick<MoveDoc, '_id' | 'accountId'>;
const name = ({ _id: id, accountId }: MoveId) => ({ id, accountId });
const EXPIRING: Loop<MoveId> = {
  ...{ kind: 'move-expiry', whole: 'all accounts', name, most: BATCH, inTurn: true },
  what: 'expire a move request',
};
const REMINDING: Loop<MoveId> = {
  ...{ kind: 'move-reminder', whole: 'all accounts', name, most: BATCH, inTurn: true },
  what: 'remind the approvers of a move request',
};

const UPDATING: Loop<MoveDoc> = {
  ...{ kind: 'move-facts', whole: 'all accounts', name, most: BATCH, inTurn: true },
  what: 'update the cost impact of a move request',
};

/** Ends what nobody decided in time, and reminds of what waits; both once, however often it runs. @returns how many */
export async function tendMoves(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const over = Moves.find({ state: 'open', expiresAt: { $lte: now } }, { accountId: 1 }).lean();
  const waiting = Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, { accountId: 1 }).lean();
  let done = 0;
  const each = (loop: Loop<MoveId>, moves: typeof over, work: (tx: Change, id: string) => Promise<void>) =>
    eachOfAll(ctx, loop, moves.cursor(), async ({ _id }) => {
      await inTransaction(ctx, (tx) => work(tx, _id));
      done += 1;
    });
  await eachStep(ctx, {
    expire: () => each(EXPIRING, over, expire),
    remind: () => each(REMINDING, waiting, remind),
    facts: () => updateFacts(ctx),
  });
  return done;
}

/** Updates the cost impact of open requests; their messages and the Home follow where that has changed. */
async function updateFacts(ctx: Ctx): Promise<void> {
  const open = Moves.find({ state: 'open' }).sort({ askedAt: 1 }).lean();
  let isChanged = false;
  const update = async (move: MoveDoc) => {
    if (!(await mayHaveChanged(ctx, move))) return;
    isChanged = (await inTransaction(ctx, (tx) => updateFactsOf(tx, move._id))) || isChanged;
  };
  await eachOfAll(ctx, UPDATING, open.cursor(), update);
  if (isChanged) ctx.nudge('home');
}

/** Whether an estimate was computed, or a month has begun, since a request's facts were. */
async function mayHaveChanged(ctx: Ctx, { accountId, factsAt }: MoveDoc): Promise<boolean> {
  const account = await Accounts.findById(accountId, { timeZone: 1 }).lean();
  if (!account || !factsAt) return account !== null;
  const period = periodAt(ctx.clock.now(), account.timeZone);
  if (periodAt(factsAt, account.timeZone) !== period) return true;
  return (await Invoices.exists({ accountId, period, computedAt: { $gte: factsAt } })) !== null;
}

/** @returns whether they are others now */
async function updateFactsOf(tx: Change, requestId: string): Promise<boolean> {
  const request = await Moves.findOne({ _id: requestId, state: 'open' }).lean();
  const account = request && (await Accounts.findById(request.accountId).lean());
  if (!request || !account) return false;
  const { toGroupId, effect, effectAt: at, version } = request;
  const now = tx.clock.now();
  const projectIds = request.projects.map(({ projectId }) => projectId);
  const facts = await factsOf(tx, account, now, { projectIds, toGroupId, effect, at });
  const isChanged = !isDeepStrictEqual(facts, request.facts);
  const shown = isChanged
    ? { $set: { facts, factsAt: now, unshown: true }, $inc: { version: 1 } }
    : { $set: { factsAt: now } };
  await Moves.updateOne({ _id: requestId, state: 'open', version }, shown);
  return isChanged;
}

async function expire(tx: Change, requestId: string): Promise<void> {
  const request = await Moves.findOne({ _id: requestId, state: 'open' }).lean();
  if (request) await settle(tx, request, 'expired', null);
}

async function remind(tx: Change, requestId: string): Promise<void> {
  const before = await Moves.findOneAndUpdate(
    { _id: requestId, state: 'open', remindAt: { $ne: null } },
    { $set: { remindAt: null, unshown: true }, $inc: { version: 1 } },
  ).lean();
  if (before) await note(tx, before, 'move_reminded', `Reminded approvers of the move of ${what(before)}`);
}
