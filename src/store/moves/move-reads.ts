import { type MoveDoc, Moves, OpenMoves } from './moves.ts';

/** Names a request. */
export type MoveId = Pick<MoveDoc, '_id' | 'accountId'>;

/** A request of an account; null where there is none. */
export async function moveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId }).lean();
}

/** A request that waits for its decision; null for one that doesn't. */
export async function openMoveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId, state: 'open' }).lean();
}

/** A request whose messages don't show yet what it has come to; null where they do. */
export async function unshownMoveById(accountId: string, id: string): Promise<MoveDoc | null> {
  return Moves.findOne({ _id: id, accountId, unshown: true }).lean();
}

/** Open requests of other people that a person has not approved, the oldest first; those that ask one of some groups where they are named. */
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

/** The requests of a person: the open ones first, the newest before others, then the decided ones, the last decided first. */
export async function movesAskedBy(accountId: string, userId: string, limit: number): Promise<MoveDoc[]> {
  return Moves.aggregate<MoveDoc>([
    { $match: { accountId, askedBy: userId } },
    { $set: { isOpen: { $eq: ['$state', 'open'] } } },
    { $sort: { isOpen: -1, decidedAt: -1, askedAt: -1 } },
    { $limit: limit },
    { $unset: 'isOpen' },
  ]);
}

/** Which of these projects have an open request. Projects are known by their IDs alone: anyone who asks has found them in their account. */
export async function projectIdsWithOpenMove(projectIds: readonly string[]): Promise<string[]> {
  const open = await OpenMoves.find({ _id: { $in: [...projectIds] } }, { _id: 1 }).lean();
  return open.map(({ _id }) => _id);
}

// what background jobs go through, of all accounts; each item names its account

const NAME = { accountId: 1 } as const;

/** Requests whose messages don't show yet what they have come to, the oldest first. */
export function eachUnshownMove(): AsyncIterable<MoveId> {
  return Moves.find({ unshown: true }, NAME).sort({ askedAt: 1 }).lean().cursor();
}

/** Open requests whose time is over. */
export function eachMoveToExpire(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', expiresAt: { $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Open requests whose approvers are to be reminded. */
export function eachMoveToRemind(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Open requests, the oldest first. */
export function eachOpenMove(): AsyncIterable<MoveDoc> {
  return Moves.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}
