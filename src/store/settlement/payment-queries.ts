import type { Tx } from '../kit/transaction.ts';
import { type PaymentDoc, Payments } from './payments.ts';

/** A payment of an account, a reversed one included; null where there is none. */
export async function paymentById(accountId: string, id: string): Promise<PaymentDoc | null> {
  return Payments.findOne({ _id: id, accountId }).lean();
}

/** Whether this very money is recorded already: see `PaymentDoc.identity`. */
export async function isPaymentThere(accountId: string, identity: string): Promise<boolean> {
  return (await Payments.exists({ accountId, identity })) !== null;
}

/** How many payments an invoice has had, reversed ones included. */
export async function countPayments(accountId: string, invoiceId: string): Promise<number> {
  return Payments.countDocuments({ accountId, invoiceId });
}

/** The payments of an invoice that count, the first first. */
export async function paymentsOf(accountId: string, invoiceId: string, limit: number): Promise<PaymentDoc[]> {
  return Payments.find({ accountId, invoiceId, reversedAt: null })
    .sort({ recordedAt: 1, place: 1, _id: 1 })
    .limit(limit)
    .lean();
}

/** The card payments for some invoices, the latest first. */
export async function cardPaymentsFor(accountId: string, invoiceIds: readonly string[]): Promise<PaymentDoc[]> {
  return Payments.find({ accountId, invoiceId: { $in: [...invoiceIds] }, way: 'card' })
    .sort({ recordedAt: -1 })
    .lean();
}

/** Stores a payment. @throws a duplicate key when this very money is recorded already */
export async function insertPayment(_tx: Tx, payment: PaymentDoc): Promise<void> {
  await Payments.create([payment]);
}

/** Notes that a payment counts no longer; its new identity lets the same money be recorded again. */
export async function markReversed(
  _tx: Tx,
  accountId: string,
  id: string,
  reversed: Required<Pick<PaymentDoc, 'identity' | 'reversedAt' | 'reversedBy'>>,
): Promise<void> {
  await Payments.updateOne({ _id: id, accountId }, { $set: reversed });
}
