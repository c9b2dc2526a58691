import { may } from '../../billing/account/role.ts';
import { mayApprove } from '../../billing/move/move.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type AccountDoc, Accounts } from '../../store/accounts/accounts.ts';
import { Groups } from '../../store/groups/groups.ts';
import { type MoveCopy, type MoveDoc, Moves } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';
import { peopleOf } from './move-people.ts';

/** As many requests as are shown to one person at once. */
const MOST_SHOWN = 20;
/** Longer than Slack is given for an answer, so that nobody else begins while one is awaited. */
const TURN_MS = 20_000;

/** Names a request. */
export type MoveId = Pick<MoveDoc, '_id' | 'accountId'>;

/** A request as it is shown. */
export interface MoveSummary extends MoveDoc {
  readonly toGroupName: string;
  /** Names of the groups that the projects are in, without repetition. */
  readonly fromGroupNames: readonly string[];
  /** The account's, in which the day is read on which the move takes effect. */
  readonly timeZone: string;
}

/** One request. @throws {Refusal} `move_not_found` */
export async function getMove(ctx: Ctx, accountId: string, requestId: string): Promise<MoveSummary> {
  const { account } = await admit(ctx, accountId, 'see');
  const request = await Moves.findOne({ _id: requestId, accountId }).lean();
  const [summary] = request ? await withNames([request], account) : [];
  if (!summary) throw new Refusal('move_not_found');
  return summary;
}

/**
 * Open requests that wait for the person who asks, the oldest first, at most twenty: those that they may decide and have
 * not approved yet. Three queries, and those of the admission.
 */
export async function openMovesFor(ctx: Ctx, accountId: string): Promise<MoveSummary[]> {
  const { account, role } = await admit(ctx, accountId, 'see');
  const { actor } = ctx;
  if (actor.kind !== 'person' || role === null) return [];
  const { userId } = actor;
  const named = may(role, 'approve_moves')
    ? undefined
    : await Groups.distinct('_id', { accountId, approverIds: userId });
  if (named?.length === 0) return [];
  const open = await Moves.find({
    accountId,
    state: 'open',
    askedBy: { $ne: userId },
    'approvals.userId': { $ne: userId },
    ...(named && { asked: { $in: named } }),
  })
    .sort({ askedAt: 1 })
    .limit(MOST_SHOWN)
    .lean();
  return open.length === 0 ? [] : withNames(open, account);
}

/** Requests whose messages do not show yet what they have come to, for the job that sees to it. */
export function unshownMoves(): AsyncIterable<MoveId> {
  return Moves.find({ unshown: true }, { accountId: 1 }).sort({ askedAt: 1 }).lean().cursor();
}

/**
 * Sees to a request's messages as the only process that does: Slack takes the same message from two of them twice.
 * Where another one is at it, or nothing is left to be shown, nothing is done.
 *
 * @param see gets the request as it is by then, and a way to hold on to the turn before each further step, which throws
 * when the turn is another's by now
 */
export async function holdMove(
  requestId: string,
  see: (move: MoveSummary, hold: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const turn = await Hold.claim(`move:${requestId}`, TURN_MS);
  if (!turn) return;
  const hold = async () => turn.assert();
  try {
    const request = await Moves.findOne({ _id: requestId, unshown: true }).lean();
    if (!request) return;
    const account = await Accounts.findById(request.accountId).orFail().lean();
    const [move] = await withNames([request], account);
    if (move) await see(move, hold);
  } finally {
    await turn.free();
  }
}

/** Notes where a request's message stands, or is about to: before it is sent, so that one of unknown fate is found again. */
export async function noteCopies(requestId: string, copies: readonly MoveCopy[]): Promise<void> {
  await Moves.updateOne({ _id: requestId }, { $set: { copies } });
}

/** Notes that one of the messages stands, as soon as it does. */
export async function noteCopy(requestId: string, { channelId, ts }: MoveCopy): Promise<void> {
  await Moves.updateOne({ _id: requestId, 'copies.channelId': channelId }, { $set: { 'copies.$.ts': ts } });
}

/**
 * Notes that every message shows a version of the request. Where there is a later one by now it is to be shown again:
 * another process may have shown it before this one put the older in its place.
 */
export async function markShown(requestId: string, version: number): Promise<void> {
  const { matchedCount } = await Moves.updateOne({ _id: requestId, version }, { $unset: { unshown: 1 } });
  if (matchedCount === 0) await Moves.updateOne({ _id: requestId }, { $set: { unshown: true } });
}

/** Who may decide a request: those that are asked directly where the account has no channel for it. */
export async function approversOf(request: MoveDoc): Promise<string[]> {
  const people = await peopleOf(request.accountId);
  const groups = await Groups.find({ _id: { $in: [...request.asked] } }, { approverIds: 1 }).lean();
  return people
    .filter((person) => groups.some((group) => mayApprove(person, group, request.askedBy)))
    .map(({ userId }) => userId);
}

async function withNames(
  requests: readonly MoveDoc[],
  { timeZone }: Pick<AccountDoc, 'timeZone'>,
): Promise<MoveSummary[]> {
  const ids = requests.flatMap(({ toGroupId, projects }) => [toGroupId, ...projects.map((one) => one.fromGroupId)]);
  const groups = await Groups.find({ _id: { $in: [...new Set(ids)] } }, { name: 1 }).lean();
  const nameOf = (id: string) => groups.find(({ _id }) => _id === id)?.name ?? '';
  return requests.map((request) => ({
    ...request,
    timeZone,
    toGroupName: nameOf(request.toGroupId),
    fromGroupNames: [...new Set(request.projects.map(({ fromGroupId }) => nameOf(fromGroupId)))],
  }));
}
