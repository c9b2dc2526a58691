import mongoose from 'mongoose';
import { count, instant, maybeText, text } from '../kit/schema-fields.ts';
import { isDuplicateKey, type Tx } from '../kit/transaction.ts';

/** A failure of background work on one item, shared by all processes and kept until the item succeeds. */
export interface ItemFailureDoc {
  /** `KIND:ITEM` */
  readonly _id: string;
  /** The kind of item, such as `estimate`. */
  readonly kind: string;
  /** The item's ID. */
  readonly item: string;
  readonly accountId: string | null;
  /** The current number of failures in a row. */
  readonly failures: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The item isn't tried again before this instant. */
  readonly notBefore: Date;
  /** The kind of error and its message, without secrets and text entered by people. */
  readonly lastError: string;
  /** Whether the account has been notified. */
  readonly told: boolean;
}

/** A failure that hasn't recurred for this long belongs to an item that no longer exists. */
const KEPT_MS = 7 * 86_400_000;

const { Schema } = mongoose;

const itemFailureSchema = new Schema<ItemFailureDoc>(
  {
    _id: text,
    kind: text,
    item: text,
    accountId: maybeText,
    failures: count,
    firstAt: instant,
    lastAt: instant,
    notBefore: instant,
    lastError: text,
    told: { type: Boolean, default: false },
  },
  { collection: 'item_failures', versionKey: false },
)
  .index({ accountId: 1, lastAt: -1 }, { name: 'item_failures_of_account' })
  .index({ lastAt: 1 }, { name: 'item_failures_by_age' });

export const ItemFailures = mongoose.model('ItemFailure', itemFailureSchema);

/**
 * Stores another failure of an item. If two processes store the same failure, the last one counts. A separate atomic
 * step.
 */
export async function storeItemFailure(failure: Omit<ItemFailureDoc, 'firstAt' | 'told'>): Promise<void> {
  const { _id, kind, item, accountId, lastAt, ...rest } = failure;
  const update = { $set: { ...rest, lastAt }, $setOnInsert: { kind, item, accountId, firstAt: lastAt, told: false } };
  try {
    await ItemFailures.updateOne({ _id }, update, { upsert: true });
  } catch (error) {
    // another process has just stored it for the first time
    if (!isDuplicateKey(error)) throw error;
  }
  if (rest.failures === 1) await ItemFailures.deleteMany({ lastAt: { $lt: new Date(lastAt.getTime() - KEPT_MS) } });
}

/** A failure by its ID; null if there is none. */
export async function itemFailure(id: string): Promise<ItemFailureDoc | null> {
  return ItemFailures.findById(id).lean();
}

/**
 * Ends the pause of a failing item. Its failures still count. `lastAt` is in the past for every clock that reads it.
 * @returns the failure, or null if there is none
 */
export async function endItemPause(_tx: Tx, id: string): Promise<ItemFailureDoc | null> {
  const failure = await itemFailure(id);
  if (failure) await ItemFailures.updateOne({ _id: id }, { $min: { notBefore: failure.lastAt } });
  return failure;
}

/** The failures with these IDs, unordered. */
export async function itemFailuresByIds(ids: readonly string[]): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ _id: { $in: [...ids] } }).lean();
}

/** Deletes a failure after the item succeeded. Atomic, outside of a transaction. */
export async function deleteItemFailure(id: string): Promise<void> {
  await ItemFailures.deleteOne({ _id: id });
}

/** The failures of a kind of item, optionally in one account. */
export async function failuresOfKind(
  kind: string,
  accountId?: string,
): Promise<Pick<ItemFailureDoc, '_id' | 'accountId'>[]> {
  // an ID starts with its kind and a colon; the next character after the colon is the semicolon
  const ids = { _id: { $gte: `${kind}:`, $lt: `${kind};` } };
  return ItemFailures.find(accountId === undefined ? ids : { ...ids, accountId }, { accountId: 1 }).lean();
}

/** Deletes failures of items that no longer exist or were completed elsewhere, unless they failed after an instant. */
export async function deleteItemFailures(ids: readonly string[], lastBefore: Date): Promise<void> {
  await ItemFailures.deleteMany({ _id: { $in: [...ids] }, lastAt: { $lt: lastBefore } });
}

/** Records that an account was notified of a failure. @returns whether it hadn't been before */
export async function markItemFailureTold(_tx: Tx, id: string): Promise<boolean> {
  const { modifiedCount } = await ItemFailures.updateOne({ _id: id, told: false }, { $set: { told: true } });
  return modifiedCount > 0;
}

/** An account's failures since an instant, latest first. */
export async function itemFailuresOf(accountId: string, since: Date, limit: number): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ accountId, lastAt: { $gte: since } })
    .sort({ lastAt: -1, _id: 1 })
    .limit(limit)
    .lean();
}

/** Across all accounts: the failures since an instant, latest first. */
export async function allItemFailures(since: Date, limit: number): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ lastAt: { $gte: since } })
    .sort({ lastAt: -1, _id: 1 })
    .limit(limit)
    .lean();
}
