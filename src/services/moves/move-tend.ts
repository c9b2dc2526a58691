import { isDeepStrictEqual } from 'node:util';
import { periodAt } from '../../billing/period/period.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import { isAnyComputedSince } from '../../store/invoicing/invoice-reads.ts';
import {
  eachMoveToExpire,
  eachMoveToRemind,
  eachOpenMove,
  type MoveId,
  openMoveById,
} from '../../store/moves/move-reads.ts';
import { confirmMoveFacts, markReminded, setMoveFacts } from '../../store/moves/move-writes.ts';
import type { MoveDoc } from '../../store/moves/moves.ts';
import { eachOfAll, eachStep, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { factsOf } from './move-preview.ts';
import { note, settle, what } from './move-settle.ts';

/** How many are processed at a time; the next tick continues. */
const BATCH = 100;

const name = ({ _id: id, accountId }: MoveId) => ({ id, accountId });
const EXPIRING: Loop<MoveId> = {
  ...{ kind: 'move-expiry', whole: 'everywhere', name, most: BATCH, inTurn: true },
  what: 'expire a move request',
};
const REMINDING: Loop<MoveId> = {
  ...{ kind: 'move-reminder', whole: 'everywhere', name, most: BATCH, inTurn: true },
  what: 'remind the approvers of a move request',
};

const UPDATING: Loop<MoveDoc> = {
  ...{ kind: 'move-facts', whole: 'everywhere', name, most: BATCH, inTurn: true },
  what: 'update the cost impact of a move request',
};

/**
 * Ends requests that weren't decided in time, and sends reminders of pending ones; each only once. @returns how many
 */
export async function tendMoves(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  let done = 0;
  const each = (loop: Loop<MoveId>, moves: AsyncIterable<MoveId>, work: (tx: Change, move: MoveId) => Promise<void>) =>
    eachOfAll(ctx, loop, moves, async (move) => {
      await inTransaction(ctx, (tx) => work(tx, move));
      done += 1;
    });
  await eachStep(ctx, {
    expire: () => each(EXPIRING, eachMoveToExpire(now), expire),
    remind: () => each(REMINDING, eachMoveToRemind(now), remind),
    facts: () => updateFacts(ctx),
  });
  return done;
}

/** Updates the cost impact of pending requests. Their messages and the Home follow if it has changed. */
async function updateFacts(ctx: Ctx): Promise<void> {
  let isChanged = false;
  await eachOfAll(ctx, UPDATING, eachOpenMove(), async (move) => {
    if (!(await mayHaveChanged(ctx, move))) return;
    isChanged = (await inTransaction(ctx, (tx) => updateFactsOf(tx, move))) || isChanged;
  });
  if (isChanged) ctx.nudge('home');
}

/** Whether an estimate was calculated, or a month has started, since a request's cost impact was calculated. */
async function mayHaveChanged(ctx: Ctx, { accountId, factsAt }: MoveDoc): Promise<boolean> {
  const account = await accountById(accountId);
  if (!account || !factsAt) return account !== null;
  const period = periodAt(ctx.clock.now(), account.timeZone);
  return periodAt(factsAt, account.timeZone) !== period || isAnyComputedSince(accountId, period, factsAt);
}

/** @returns whether it changed */
async function updateFactsOf(tx: Change, { accountId, _id }: MoveId): Promise<boolean> {
  const request = await openMoveById(accountId, _id);
  const account = request && (await accountById(accountId));
  if (!request || !account) return false;
  const { toGroupId, effect, effectAt: at } = request;
  const now = tx.clock.now();
  const projectIds = request.projects.map(({ projectId }) => projectId);
  const facts = await factsOf(tx, account, now, { projectIds, toGroupId, effect, at });
  const isChanged = !isDeepStrictEqual(facts, request.facts);
  if (isChanged) await setMoveFacts(tx, request, facts, now);
  else await confirmMoveFacts(tx, request, now);
  return isChanged;
}

async function expire(tx: Change, { accountId, _id }: MoveId): Promise<void> {
  const request = await openMoveById(accountId, _id);
  const account = request && (await accountById(accountId));
  if (request && account) await settle(tx, account, request, 'expired', null);
}

async function remind(tx: Change, move: MoveId): Promise<void> {
  const before = await markReminded(tx, move);
  if (before) await note(tx, before, 'move_reminded', `Reminded approvers of the move of ${what(before)}`);
}
