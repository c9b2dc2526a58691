import mongoose from 'mongoose';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { instant, maybeText, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';

/** A payment method available to an account's groups. */
export interface PaymentMethodDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly method: PaymentMethod;
  /** The provider's token, for a card. Never shown. */
  readonly token: string | null;
  /** The announced expiry, such as `2026-12`. Each expiry of a card is announced once. */
  readonly announced: string | null;
  /** Incremented when a group starts using it and when it is deleted, so that these two conflict. */
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;

const methodSchema = new Schema<PaymentMethodDoc>(
  {
    _id: text,
    accountId: text,
    method: { type: Schema.Types.Mixed, required: true },
    token: maybeText,
    announced: maybeText,
    changes: { type: Number, default: 0 },
    createdAt: instant,
  },
  { collection: 'payment_methods', versionKey: false },
).index({ accountId: 1, createdAt: 1 }, { name: 'methods_of_account' });

export const PaymentMethods = mongoose.model('PaymentMethod', methodSchema);

/** Across all accounts: cards. */
export function eachCard(): AsyncIterable<PaymentMethodDoc> {
  return PaymentMethods.find({ 'method.kind': 'credit_card' }).lean().cursor();
}

/** A payment method of an account; null if there is none. */
export async function methodById(accountId: string, id: string): Promise<PaymentMethodDoc | null> {
  return PaymentMethods.findOne({ _id: id, accountId }).lean();
}

/** An account's payment methods with these IDs, unordered. */
export async function methodsByIds(accountId: string, ids: readonly string[]): Promise<PaymentMethodDoc[]> {
  return PaymentMethods.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** An account's payment methods, oldest first. */
export async function methodsOf(accountId: string, limit: number): Promise<PaymentMethodDoc[]> {
  return PaymentMethods.find({ accountId }).sort({ createdAt: 1 }).limit(limit).lean();
}

export async function countMethods(accountId: string): Promise<number> {
  return PaymentMethods.countDocuments({ accountId });
}

/** A new method, without any announcements. */
export type NewMethodDoc = Omit<PaymentMethodDoc, 'announced' | 'changes'>;

export async function insertMethod(_tx: Tx, method: NewMethodDoc): Promise<void> {
  await PaymentMethods.create([method]);
}

export async function replaceMethod(_tx: Tx, accountId: string, id: string, method: PaymentMethod): Promise<void> {
  await PaymentMethods.updateOne({ _id: id, accountId }, { $set: { method }, $inc: { changes: 1 } });
}

/**
 * Marks a method's users as changing, so that this conflicts with its deletion: see `changes`.
 *
 * @returns the method; null if there is none
 */
export async function touchMethod(_tx: Tx, accountId: string, id: string): Promise<PaymentMethodDoc | null> {
  return PaymentMethods.findOneAndUpdate({ _id: id, accountId }, { $inc: { changes: 1 } }).lean();
}

export async function deleteMethod(_tx: Tx, accountId: string, id: string): Promise<void> {
  await PaymentMethods.deleteOne({ _id: id, accountId });
}

/**
 * Records that a card's expiry was announced. @returns the previous version; null if this expiry was already announced
 */
export async function markAnnounced(
  _tx: Tx,
  accountId: string,
  id: string,
  expiry: string,
): Promise<PaymentMethodDoc | null> {
  return PaymentMethods.findOneAndUpdate(
    { _id: id, accountId, announced: { $ne: expiry } },
    { $set: { announced: expiry } },
  ).lean();
}
