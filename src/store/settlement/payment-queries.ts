import { type IdPart, pastId } from '../kit/ids.ts';
import type { Tx } from '../kit/transaction.ts';
import { type PaymentDoc, Payments } from './payments.ts';

/** A payment of an account, even if reversed; null if there is none. */
export async function paymentById(accountId: string, id: string): Promise<PaymentDoc | null> {
  return Payments.findOne({ _id: id, accountId }).lean();
}

/** Whether the same payment is already recorded: see `PaymentDoc.identity`. */
export async function isPaymentThere(accountId: string, identity: string): Promise<boolean> {
  return (await Payments.exists({ accountId, identity })) !== null;
}

/** How many payments an invoice has had, including reversed ones. */
export async function countPayments(accountId: string, invoiceId: string): Promise<number> {
  return Payments.countDocuments({ accountId, invoiceId });
}

/** The payments of an invoice that haven't been reversed, oldest first. */
export async function paymentsOf(accountId: string, invoiceId: string, limit: number): Promise<PaymentDoc[]> {
  return Payments.find({ accountId, invoiceId, reversedAt: null })
    .sort({ recordedAt: 1, place: 1, _id: 1 })
    .limit(limit)
    .lean();
}

/** The card payments for some invoices, latest first. */
export async function cardPaymentsFor(accountId: string, invoiceIds: readonly string[]): Promise<PaymentDoc[]> {
  return Payments.find({ accountId, invoiceId: { $in: [...invoiceIds] }, way: 'card' })
    .sort({ recordedAt: -1 })
    .lean();
}

/** Payments of an account, also reversed ones, in the order of their IDs; optionally only those that changed since then. */
export async function paymentsOfAccount(
  accountId: string,
  changedSince: Date | undefined,
  part: IdPart,
): Promise<PaymentDoc[]> {
  const since = changedSince && { $gte: changedSince };
  return Payments.find({
    ...{ accountId, ...pastId(part) },
    ...(since && { $or: [{ recordedAt: since }, { reversedAt: since }] }),
  })
    .sort({ _id: 1 })
    .limit(part.limit)
    .lean();
}

/** Stores a payment. @throws a duplicate key error if the same payment is already recorded */
export async function insertPayment(_tx: Tx, payment: PaymentDoc): Promise<void> {
  await Payments.create([payment]);
}

/** Marks a payment as reversed. Its new identity allows the same payment to be recorded again. */
export async function markReversed(
  _tx: Tx,
  accountId: string,
  id: string,
  reversed: Required<Pick<PaymentDoc, 'identity' | 'reversedAt' | 'reversedBy'>>,
): Promise<void> {
  await Payments.updateOne({ _id: id, accountId }, { $set: reversed });
}
