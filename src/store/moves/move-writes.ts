import type { Tx } from '../kit/transaction.ts';
import type { MoveId } from './move-reads.ts';
import { type MoveCopy, type MoveDoc, type MoveFacts, Moves, OpenMoves } from './moves.ts';

/** Stores an open request, which holds its projects. @throws a duplicate key when one of them has an open request */
export async function insertMove(_tx: Tx, request: MoveDoc): Promise<void> {
  await OpenMoves.insertMany(request.projects.map(({ projectId }) => ({ _id: projectId, requestId: request._id })));
  await Moves.create([request]);
}

/** Sets who has approved an open request. */
export async function setApprovals(
  _tx: Tx,
  { _id, accountId }: MoveId,
  approvals: MoveDoc['approvals'],
): Promise<void> {
  await Moves.updateOne(
    { _id, accountId, state: 'open' },
    { $set: { approvals, unshown: true }, $inc: { version: 1 } },
  );
}

/** What a request is as of its end. */
export type MoveEnd = Pick<MoveDoc, 'state' | 'outcome' | 'approvals' | 'effectAt' | 'decidedBy' | 'decidedAt'> &
  Partial<Pick<MoveDoc, 'facts' | 'wantedAt'>>;

/** Ends an open request; its projects are free for another one. @returns whether it was open */
export async function endMove(_tx: Tx, { _id, accountId }: MoveId, end: MoveEnd): Promise<boolean> {
  const { matchedCount } = await Moves.updateOne(
    { _id, accountId, state: 'open' },
    { $set: { ...end, unshown: true }, $inc: { version: 1 } },
  );
  if (matchedCount > 0) await OpenMoves.deleteMany({ requestId: _id });
  return matchedCount > 0;
}

/** Notes that the approvers of an open request are reminded. @returns it as it was; null where they were, or it isn't open */
export async function markReminded(_tx: Tx, { _id, accountId }: MoveId): Promise<MoveDoc | null> {
  return Moves.findOneAndUpdate(
    { _id, accountId, state: 'open', remindAt: { $ne: null } },
    { $set: { remindAt: null, unshown: true }, $inc: { version: 1 } },
  ).lean();
}

/** Sets what an open request would come to; nothing happens when it has changed since it was read. */
export async function setMoveFacts(
  _tx: Tx,
  { _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>,
  facts: MoveFacts,
  factsAt: Date,
): Promise<void> {
  const shown = { $set: { facts, factsAt, unshown: true }, $inc: { version: 1 } } as const;
  await Moves.updateOne({ _id, accountId, state: 'open', version }, shown);
}

/** Notes that an open request would come to the same as before; nothing happens when it has changed since it was read. */
export async function confirmMoveFacts(
  _tx: Tx,
  { _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>,
  factsAt: Date,
): Promise<void> {
  await Moves.updateOne({ _id, accountId, state: 'open', version }, { $set: { factsAt } });
}

// what follows are atomic steps of their own: they note what Slack has taken

/** Sets where a request's messages stand, or are about to. */
export async function setCopies({ _id, accountId }: MoveId, copies: readonly MoveCopy[]): Promise<void> {
  await Moves.updateOne({ _id, accountId }, { $set: { copies } });
}

/** Sets where the message stands that is about to be in a channel. */
export async function setCopy({ _id, accountId }: MoveId, { channelId, ts }: MoveCopy): Promise<void> {
  await Moves.updateOne({ _id, accountId, 'copies.channelId': channelId }, { $set: { 'copies.$.ts': ts } });
}

/**
 * Notes that a request's messages show a version of it. Where there is a later one by now, it is to be shown again: another
 * process may have shown it before this one put the older in its place.
 */
export async function markMoveShown({ _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>): Promise<void> {
  const { matchedCount } = await Moves.updateOne({ _id, accountId, version }, { $unset: { unshown: 1 } });
  if (matchedCount === 0) await Moves.updateOne({ _id, accountId }, { $set: { unshown: true } });
}
