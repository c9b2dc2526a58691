import { type MoveDoc, Moves, OpenMoves } from './moves.ts';

/** Identifies a request. */
export type MoveId = Pick<MoveDoc, '_id' | 'accountId'>;

/** A request of an account; null if there is none. */
export async function moveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId }).lean();
}

/** A pending request; null if it isn't pending. */
export async function openMoveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId, state: 'open' }).lean();
}

/** A request whose messages don't show its current state yet; null if they do. */
export async function unshownMoveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId, unshown: true }).lean();
}

/**
 * Other people's pending requests that a person hasn't approved, oldest first; optionally only those that concern some
 * groups.
 */
export async function openMovesToApprove(
  accountId: string,
  userId: string,
  { asked, limit }: { readonly asked: readonly string[] | undefined; readonly limit: number },
): Promise<MoveDoc[]> {
  return Moves.find({
    ...{ accountId, state: 'open', askedBy: { $ne: userId }, 'approvals.userId': { $ne: userId } },
    ...(asked && { asked: { $in: [...asked] } }),
  })
    .sort({ askedAt: 1 })
    .limit(limit)
    .lean();
}

/** Some of an account's requests. */
export async function movesByIds(accountId: string, ids: readonly string[]): Promise<MoveDoc[]> {
  return Moves.find({ _id: { $in: [...ids] }, accountId }).lean();
}

/** The requests of a person: pending ones first, newest first; then decided ones, latest decision first. */
export async function movesAskedBy(accountId: string, userId: string, limit: number): Promise<MoveDoc[]> {
  return Moves.aggregate<MoveDoc>([
    { $match: { accountId, askedBy: userId } },
    { $set: { isOpen: { $eq: ['$state', 'open'] } } },
    { $sort: { isOpen: -1, decidedAt: -1, askedAt: -1 } },
    { $limit: limit },
    { $unset: 'isOpen' },
  ]);
}

/**
 * Which of these projects have a pending request. Looks up project IDs only: callers must have found them in their
 * account.
 */
export async function projectIdsWithOpenMove(projectIds: readonly string[]): Promise<string[]> {
  const open = await OpenMoves.find({ _id: { $in: [...projectIds] } }, { _id: 1 }).lean();
  return open.map(({ _id }) => _id);
}

/** The open move request for a project; null if there is none. */
export async function openMoveOf(accountId: string, projectId: string): Promise<MoveDoc | null> {
  return Moves.findOne({ accountId, state: 'open', 'projects.projectId': projectId }).lean();
}

// queries for background jobs across all accounts; each item names its account

const NAME = { accountId: 1 } as const;

/** Requests whose messages don't show their current state yet, oldest first. */
export function eachUnshownMove(): AsyncIterable<MoveId> {
  return Moves.find({ unshown: true }, NAME).sort({ askedAt: 1 }).lean().cursor();
}

/** Pending requests that have expired. */
export function eachMoveToExpire(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', expiresAt: { $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Pending requests whose approvers have to be reminded. */
export function eachMoveToRemind(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Pending requests, oldest first. */
export function eachOpenMove(): AsyncIterable<MoveDoc> {
  return Moves.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}
