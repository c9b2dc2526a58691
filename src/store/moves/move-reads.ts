import type { Sight } from '../../billing/account/sight.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { type IdPart, pastId } from '../kit/ids.ts';
import { type MoveDoc, type MoveState, Moves, OpenMoves } from './moves.ts';

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
  {
    asked,
    sight,
    limit,
  }: { readonly asked: readonly string[] | undefined; readonly sight: Sight; readonly limit: number },
): Promise<MoveDoc[]> {
  return Moves.find({
    ...{ accountId, state: 'open', askedBy: { $ne: userId }, 'approvals.userId': { $ne: userId } },
    ...askedOf(asked, sight),
  })
    .sort({ askedAt: 1 })
    .limit(limit)
    .lean();
}

/** Approvers of one group aren't asked by another that is private. */
function askedOf(asked: readonly string[] | undefined, { hidden }: Sight) {
  if (asked) return { asked: { $in: asked.filter((id) => !hidden.includes(id)) } };
  return hidden.length === 0 ? {} : { asked: { $elemMatch: { $nin: [...hidden] } } };
}

/** Some of an account's requests. */
export async function movesByIds(accountId: string, ids: readonly string[]): Promise<MoveDoc[]> {
  return Moves.find({ _id: { $in: [...ids] }, accountId }).lean();
}

/** The requests from or to one of some groups, decided ones too. */
export async function moveIdsConcerning(accountId: string, groupIds: readonly string[]): Promise<string[]> {
  const ids = { $in: [...groupIds] };
  return distinctValues(Moves, '_id', { accountId, $or: [{ toGroupId: ids }, { 'projects.fromGroupId': ids }] });
}

/** Selects requests of an account. Absent conditions are met by all. */
export interface MoveSearch {
  readonly state?: MoveState | undefined;
  /** Only those that were made or decided at or after this instant. */
  readonly changedSince?: Date | undefined;
}

/** Requests of an account in the order of their IDs. */
export async function movesOfAccount(
  accountId: string,
  { state, changedSince }: MoveSearch,
  part: IdPart,
): Promise<MoveDoc[]> {
  const since = changedSince && { $gte: changedSince };
  return Moves.find({
    ...{ accountId, ...pastId(part) },
    ...(state !== undefined && { state }),
    ...(since && { $or: [{ askedAt: since }, { decidedAt: since }] }),
  })
    .sort({ _id: 1 })
    .limit(part.limit)
    .lean();
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

/** Which of these projects have a pending request. */
export async function projectIdsWithOpenMove(accountId: string, projectIds: readonly string[]): Promise<string[]> {
  const open = await OpenMoves.find({ accountId, _id: { $in: [...projectIds] } }, { _id: 1 }).lean();
  return open.map(({ _id }) => _id);
}

/** The open move request for a project; null if there is none. */
export async function openMoveOf(accountId: string, projectId: string): Promise<MoveDoc | null> {
  return Moves.findOne({ accountId, state: 'open', 'projects.projectId': projectId }).lean();
}

// queries for background jobs across all accounts; each item names its account

const NAME = { accountId: 1 } as const;

/** Across all accounts: those with requests whose state isn't shown everywhere yet. */
export async function accountsWithUnshownMoves(): Promise<string[]> {
  return Moves.distinct('accountId', { unshown: true });
}

/** Accounts' requests whose messages don't show their current state yet, oldest first. */
export function eachUnshownMove(accountIds: readonly string[]): AsyncIterable<MoveId> {
  return Moves.find({ unshown: true, accountId: { $in: [...accountIds] } }, NAME)
    .sort({ askedAt: 1 })
    .lean()
    .cursor();
}

/** Across all accounts: pending requests that have expired. */
export function eachMoveToExpire(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', expiresAt: { $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Across all accounts: pending requests whose approvers have to be reminded. */
export function eachMoveToRemind(now: Date): AsyncIterable<MoveId> {
  return Moves.find({ state: 'open', remindAt: { $ne: null, $lte: now } }, NAME)
    .lean()
    .cursor();
}

/** Across all accounts: pending requests, oldest first. */
export function eachOpenMove(): AsyncIterable<MoveDoc> {
  return Moves.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}
