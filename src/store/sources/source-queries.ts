import type { Tx } from '../kit/transaction.ts';
import { type SourceDoc, Sources } from './sources.ts';

/** Across all accounts: the sources that are due, the longest due first. */
export async function dueSources(now: Date, limit: number): Promise<SourceDoc[]> {
  return Sources.find({ nextRunAt: { $lte: now } })
    .sort({ nextRunAt: 1 })
    .limit(limit)
    .lean();
}

/** Reads due sources later. */
export async function postponeSources(
  due: readonly Pick<SourceDoc, '_id' | 'accountId'>[],
  now: Date,
  nextRunAt: Date,
): Promise<void> {
  await Sources.bulkWrite(
    due.map(({ _id, accountId }) => ({
      updateOne: { filter: { _id, accountId, nextRunAt: { $lte: now } }, update: { $set: { nextRunAt } } },
    })),
    { ordered: false },
  );
}

/** Across all accounts: every source with credentials, for replacing their key. */
export function eachSourceWithCredentials(): AsyncIterable<SourceDoc> {
  return Sources.find({ credentials: { $type: 'string' } })
    .lean()
    .cursor();
}

/** A source of an account; null if it doesn't exist any longer. */
export async function sourceById(accountId: string, id: string): Promise<SourceDoc | null> {
  return Sources.findOne({ _id: id, accountId }).lean();
}

/** A source by the key of its name. */
export async function sourceByName(accountId: string, nameKey: string): Promise<SourceDoc | null> {
  return Sources.findOne({ accountId, nameKey }).lean();
}

/** An account's sources, by name. There are never many. */
export async function sourcesOf(accountId: string): Promise<SourceDoc[]> {
  return Sources.find({ accountId }).sort({ nameKey: 1 }).lean();
}

/** @throws a duplicate key error if the name is taken */
export async function insertSource(_tx: Tx, source: SourceDoc): Promise<void> {
  await Sources.create([source]);
}

/** Changes a source, unless it has changed since it was read. @returns whether it did */
export async function updateSource(
  _tx: Tx,
  { _id, accountId, changes }: Pick<SourceDoc, '_id' | 'accountId' | 'changes'>,
  change: Partial<SourceDoc>,
): Promise<boolean> {
  const { matchedCount } = await Sources.updateOne({ _id, accountId, changes }, { $set: change, $inc: { changes: 1 } });
  return matchedCount === 1;
}

/** Replaces credentials with the same ones under another key, unless they have changed. @returns whether it did */
export async function resealCredentials(
  { _id, accountId, credentials }: Pick<SourceDoc, '_id' | 'accountId' | 'credentials'>,
  sealed: string,
): Promise<boolean> {
  const { matchedCount } = await Sources.updateOne({ _id, accountId, credentials }, { $set: { credentials: sealed } });
  return matchedCount === 1;
}

export async function deleteSource(_tx: Tx, accountId: string, id: string): Promise<void> {
  await Sources.deleteOne({ _id: id, accountId });
}
