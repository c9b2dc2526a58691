import mongoose from 'mongoose';
import { isDuplicateKey, type Tx } from '../kit/transaction.ts';

/** That background work on one item fails, over all processes: kept until it succeeds. */
export interface ItemFailureDoc {
  /** `KIND:ITEM` */
  readonly _id: string;
  /** What kind of item it is, such as `estimate`. */
  readonly kind: string;
  /** The item's own ID. */
  readonly item: string;
  readonly accountId: string | null;
  /** In a row, up to now. */
  readonly failures: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Not tried again before this instant. */
  readonly notBefore: Date;
  /** The kind of error and its message, without secrets and without text that people typed. */
  readonly lastError: string;
  /** Whether the account has been notified. */
  readonly told: boolean;
}

/** A failure that nobody met again for so long belongs to an item that is gone. */
const KEPT_MS = 7 * 86_400_000;

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;

const itemFailureSchema = new Schema<ItemFailureDoc>(
  {
    _id: text,
    kind: text,
    item: text,
    accountId: { type: String, default: null },
    failures: { type: Number, required: true },
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
 * Stores that an item failed once more. Of two processes that store the same failure, the last one counts. One atomic
 * step of its own.
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

/** A failure by its ID; null where there is none. */
export async function itemFailure(id: string): Promise<ItemFailureDoc | null> {
  return ItemFailures.findById(id).lean();
}

/**
 * Ends the pause of a failing item, whose failures still count: `lastAt` is in the past by the clock that will read it.
 * @returns the failure, or null where there is none
 */
export async function endItemPause(_tx: Tx, id: string): Promise<ItemFailureDoc | null> {
  const failure = await itemFailure(id);
  if (failure) await ItemFailures.updateOne({ _id: id }, { $min: { notBefore: failure.lastAt } });
  return failure;
}

/** The failures that have these IDs, in no order. */
export async function itemFailuresByIds(ids: readonly string[]): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ _id: { $in: [...ids] } }).lean();
}

/** Forgets a failure, since the item succeeded. One atomic step of its own. */
export async function deleteItemFailure(id: string): Promise<void> {
  await ItemFailures.deleteOne({ _id: id });
}

/** The failures of a kind of items, of an account if one is given. */
export async function failuresOfKind(
  kind: string,
  accountId?: string,
): Promise<Pick<ItemFailureDoc, '_id' | 'accountId'>[]> {
  // an ID begins with its kind and a colon, behind which comes the semicolon
  const ids = { _id: { $gte: `${kind}:`, $lt: `${kind};` } };
  return ItemFailures.find(accountId === undefined ? ids : { ...ids, accountId }, { accountId: 1 }).lean();
}

/** Forgets failures of items that are gone or were done some other way, unless they failed after an instant. */
export async function deleteItemFailures(ids: readonly string[], lastBefore: Date): Promise<void> {
  await ItemFailures.deleteMany({ _id: { $in: [...ids] }, lastAt: { $lt: lastBefore } });
}

/** Notes that an account knows of a failure. @returns whether it did not before */
export async function markItemFailureTold(_tx: Tx, id: string): Promise<boolean> {
  const { modifiedCount } = await ItemFailures.updateOne({ _id: id, told: false }, { $set: { told: true } });
  return modifiedCount > 0;
}

/** An account's failures since an instant, the latest first. */
export async function itemFailuresOf(accountId: string, since: Date, limit: number): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ accountId, lastAt: { $gte: since } })
    .sort({ lastAt: -1, _id: 1 })
    .limit(limit)
    .lean();
}

/** Across all accounts: the failures since an instant, the latest first. */
export async function allItemFailures(since: Date, limit: number): Promise<ItemFailureDoc[]> {
  return ItemFailures.find({ lastAt: { $gte: since } })
    .sort({ lastAt: -1, _id: 1 })
    .limit(limit)
    .lean();
}
