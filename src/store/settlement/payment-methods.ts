import mongoose from 'mongoose';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import type { Tx } from '../kit/transaction.ts';

/** A way to pay that an account's groups can use. */
export interface PaymentMethodDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly method: PaymentMethod;
  /** The provider's, of a card: never shown. */
  readonly token: string | null;
  /** The expiry that was announced, such as `2026-12`: once for a card and its expiry. */
  readonly announced: string | null;
  /** Rises when a group takes it and when it is deleted, so that the two can't miss each other. */
  readonly changes: number;
  readonly createdAt: Date;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const methodSchema = new Schema<PaymentMethodDoc>(
  {
    _id: text,
    accountId: text,
    method: { type: Schema.Types.Mixed, required: true },
    token: { type: String, default: null },
    announced: { type: String, default: null },
    changes: { type: Number, default: 0 },
    createdAt: { type: Date, required: true },
  },
  { collection: 'payment_methods', versionKey: false },
).index({ accountId: 1, createdAt: 1 }, { name: 'methods_of_account' });

export const PaymentMethods = mongoose.model('PaymentMethod', methodSchema);

/** The cards of all accounts. */
export function eachCard(): AsyncIterable<PaymentMethodDoc> {
  return PaymentMethods.find({ 'method.kind': 'credit_card' }).lean().cursor();
}

/** A payment method of an account; null where there is none. */
export async function methodById(accountId: string, id: string): Promise<PaymentMethodDoc | null> {
  return PaymentMethods.findOne({ _id: id, accountId }).lean();
}

/** Those of an account's payment methods that have these IDs, in no order. */
export async function methodsByIds(accountId: string, ids: readonly string[]): Promise<PaymentMethodDoc[]> {
  return PaymentMethods.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** An account's payment methods in the order in which they were made. */
export async function methodsOf(accountId: string, limit: number): Promise<PaymentMethodDoc[]> {
  return PaymentMethods.find({ accountId }).sort({ createdAt: 1 }).limit(limit).lean();
}

export async function countMethods(accountId: string): Promise<number> {
  return PaymentMethods.countDocuments({ accountId });
}

/** A method as it is made: nothing is announced of it yet. */
export type NewMethodDoc = Omit<PaymentMethodDoc, 'announced' | 'changes'>;

export async function insertMethod(_tx: Tx, method: NewMethodDoc): Promise<void> {
  await PaymentMethods.create([method]);
}

export async function replaceMethod(_tx: Tx, accountId: string, id: string, method: PaymentMethod): Promise<void> {
  await PaymentMethods.updateOne({ _id: id, accountId }, { $set: { method }, $inc: { changes: 1 } });
}

/**
 * Notes that who uses a method changes, so that its deletion and this can't miss each other: see `changes`.
 *
 * @returns the method; null where there is none
 */
export async function touchMethod(_tx: Tx, accountId: string, id: string): Promise<PaymentMethodDoc | null> {
  return PaymentMethods.findOneAndUpdate({ _id: id, accountId }, { $inc: { changes: 1 } }).lean();
}

export async function deleteMethod(_tx: Tx, accountId: string, id: string): Promise<void> {
  await PaymentMethods.deleteOne({ _id: id, accountId });
}

/** Notes that a card's expiry was announced. @returns the card as it was; null where this expiry was announced before */
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
