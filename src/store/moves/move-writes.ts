import type { Tx } from '../kit/transaction.ts';
import type { MoveId } from './move-reads.ts';
import { type MoveCopy, type MoveDoc, type MoveFacts, Moves, OpenMoves } from './moves.ts';

/** Stores a pending request and its projects. @throws a duplicate key error if one of them has a pending request */
export async function insertMove(_tx: Tx, request: MoveDoc): Promise<void> {
  const { _id: requestId, accountId } = request;
  await OpenMoves.insertMany(request.projects.map(({ projectId }) => ({ _id: projectId, accountId, requestId })));
  await Moves.create([request]);
}

/** Sets who has approved a pending request. */
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

/** The final state of a request. */
export type MoveEnd = Pick<MoveDoc, 'state' | 'outcome' | 'approvals' | 'effectAt' | 'decidedBy' | 'decidedAt'> &
  Partial<Pick<MoveDoc, 'facts' | 'wantedAt'>>;

/** Ends a pending request, so that its projects can be in another one. @returns whether it was pending */
export async function endMove(_tx: Tx, { _id, accountId }: MoveId, end: MoveEnd): Promise<boolean> {
  const { matchedCount } = await Moves.updateOne(
    { _id, accountId, state: 'open' },
    { $set: { ...end, unshown: true }, $inc: { version: 1 } },
  );
  if (matchedCount > 0) await OpenMoves.deleteMany({ accountId, requestId: _id });
  return matchedCount > 0;
}

/**
 * Records that approvers of a pending request are reminded. @returns its previous version; null if they already were,
 * or it isn't pending
 */
export async function markReminded(_tx: Tx, { _id, accountId }: MoveId): Promise<MoveDoc | null> {
  return Moves.findOneAndUpdate(
    { _id, accountId, state: 'open', remindAt: { $ne: null } },
    { $set: { remindAt: null, unshown: true }, $inc: { version: 1 } },
  ).lean();
}

/** Sets the cost impact of a pending request; does nothing if it has changed since it was read. */
export async function setMoveFacts(
  _tx: Tx,
  { _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>,
  facts: MoveFacts,
  factsAt: Date,
): Promise<void> {
  const shown = { $set: { facts, factsAt, unshown: true }, $inc: { version: 1 } } as const;
  await Moves.updateOne({ _id, accountId, state: 'open', version }, shown);
}

/**
 * Records that a pending request's cost impact is unchanged; does nothing if the request has changed since it was read.
 */
export async function confirmMoveFacts(
  _tx: Tx,
  { _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>,
  factsAt: Date,
): Promise<void> {
  await Moves.updateOne({ _id, accountId, state: 'open', version }, { $set: { factsAt } });
}

/** Has the messages about a group's pending requests made again, since what people see of it has changed. */
export async function redrawMovesOf(_tx: Tx, accountId: string, groupId: string): Promise<void> {
  const concerned = { $or: [{ toGroupId: groupId }, { 'projects.fromGroupId': groupId }] };
  const shown = { $set: { unshown: true }, $inc: { version: 1 } } as const;
  await Moves.updateMany({ accountId, state: 'open', ...concerned }, shown);
}

// the following are separate atomic steps, because they record what Slack has accepted

/** Sets where a request's messages are or are about to be. */
export async function setCopies({ _id, accountId }: MoveId, copies: readonly MoveCopy[]): Promise<void> {
  await Moves.updateOne({ _id, accountId }, { $set: { copies } });
}

/** Sets the position of a message that was being posted to a channel. */
export async function setCopy({ _id, accountId }: MoveId, { channelId, ts }: MoveCopy): Promise<void> {
  await Moves.updateOne({ _id, accountId, 'copies.channelId': channelId }, { $set: { 'copies.$.ts': ts } });
}

/**
 * Records that a request's messages show a version of it. If there is a later version, they are updated again: another
 * process may have shown it before this one overwrote it with the older version.
 */
export async function markMoveShown({ _id, accountId, version }: MoveId & Pick<MoveDoc, 'version'>): Promise<void> {
  const { matchedCount } = await Moves.updateOne({ _id, accountId, version }, { $unset: { unshown: 1 } });
  if (matchedCount === 0) await Moves.updateOne({ _id, accountId }, { $set: { unshown: true } });
}
