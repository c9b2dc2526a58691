import type { Tx } from '../kit/transaction.ts';
import { type RefundDoc, Refunds } from './payments.ts';

/** Across all accounts: open refunds to cards, oldest first, which the provider makes. */
export function eachOpenCardRefund(): AsyncIterable<RefundDoc> {
  return Refunds.find({ state: 'open', way: 'card' }).sort({ askedAt: 1 }).lean().cursor();
}

/** A refund of an account; null if there is none. */
export async function refundById(accountId: string, id: string): Promise<RefundDoc | null> {
  return Refunds.findOne({ _id: id, accountId }).lean();
}

/** A refund, if it is neither completed nor failed. */
export async function openRefund(accountId: string, id: string): Promise<RefundDoc | null> {
  return Refunds.findOne({ _id: id, accountId, state: 'open' }).lean();
}

/** The refunds of an invoice, oldest first. */
export async function refundsOf(accountId: string, invoiceId: string, limit: number): Promise<RefundDoc[]> {
  return Refunds.find({ accountId, invoiceId }).sort({ askedAt: 1, _id: 1 }).limit(limit).lean();
}

/** How many refunds an invoice has had. */
export async function countRefunds(accountId: string, invoiceId: string): Promise<number> {
  return Refunds.countDocuments({ accountId, invoiceId });
}

/** The completed and pending refunds of card payments, by the provider's payment ID. */
export async function refundsOfPayments(
  accountId: string,
  providerPaymentIds: readonly string[],
): Promise<RefundDoc[]> {
  return Refunds.find({
    accountId,
    providerPaymentId: { $in: [...providerPaymentIds] },
    state: { $ne: 'failed' },
  }).lean();
}

/** A new refund. */
export type NewRefund = Omit<RefundDoc, 'failure' | 'endedAt'>;

/** Stores a refund. @throws a duplicate key error if it already exists */
export async function insertRefund(_tx: Tx, refund: NewRefund): Promise<void> {
  await Refunds.create([refund]);
}

/** Ends a refund that is in a given state; does nothing if it is in another. */
export async function endRefund(
  _tx: Tx,
  { _id, accountId, state }: Pick<RefundDoc, '_id' | 'accountId' | 'state'>,
  ended: Pick<RefundDoc, 'state' | 'failure' | 'endedAt'>,
): Promise<void> {
  await Refunds.updateOne({ _id, accountId, state }, { $set: ended });
}
