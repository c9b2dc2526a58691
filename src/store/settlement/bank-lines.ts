import mongoose from 'mongoose';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, instant, money, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';

/** An incoming payment of a bank statement. */
export interface BankLineDoc {
  readonly _id: string;
  readonly accountId: string;
  /** The same for the same payment, in any statement: see `identityOf` in the service. */
  readonly identity: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly amount: Decimal128;
  readonly currency: string;
  readonly name: string;
  readonly purpose: string;
  readonly bankReference: string;
  /** `booked`: recorded as payments. `ignored`: not a payment of an invoice. */
  readonly state: 'open' | 'booked' | 'ignored';
  readonly paymentIds: readonly string[];
  readonly fileName: string;
  readonly readBy: string;
  readonly readAt: Date;
}

const { Schema } = mongoose;

const bankLineSchema = new Schema<BankLineDoc>(
  {
    _id: text,
    accountId: text,
    identity: text,
    date: text,
    amount: money,
    currency: text,
    name: anyText,
    purpose: anyText,
    bankReference: anyText,
    state: text,
    paymentIds: [String],
    fileName: anyText,
    readBy: text,
    readAt: instant,
  },
  { collection: 'bank_lines', versionKey: false },
)
  .index({ accountId: 1, identity: 1 }, { unique: true, name: 'bank_line_once' })
  .index({ accountId: 1, state: 1, date: 1 }, { name: 'bank_lines_by_state' })
  .index({ accountId: 1, paymentIds: 1 }, { name: 'bank_line_of_payment' });

export const BankLines = mongoose.model('BankLine', bankLineSchema);

/** Which of these payments are already known. */
export async function knownBankLines(accountId: string, identities: readonly string[]): Promise<Set<string>> {
  const known = await BankLines.find({ accountId, identity: { $in: [...identities] } }, { identity: 1 }).lean();
  return new Set(known.map(({ identity }) => identity));
}

/** Stores lines. @throws a duplicate key error if one is already stored */
export async function insertBankLines(_tx: Tx, lines: readonly BankLineDoc[]): Promise<void> {
  await BankLines.insertMany([...lines]);
}

/** A line of an account; null if there is none. */
export async function bankLineById(accountId: string, id: string): Promise<BankLineDoc | null> {
  return BankLines.findOne({ _id: id, accountId }).lean();
}

export async function countOpenBankLines(accountId: string): Promise<number> {
  return BankLines.countDocuments({ accountId, state: 'open' });
}

/** The lines that nobody has decided about, oldest first. */
export async function openBankLines(
  accountId: string,
  { skip, size }: { readonly skip: number; readonly size: number },
): Promise<BankLineDoc[]> {
  return BankLines.find({ accountId, state: 'open' }).sort({ date: 1, _id: 1 }).skip(skip).limit(size).lean();
}

/** What tells whether two lines may be the same payment. */
export type BankLineTraits = Pick<BankLineDoc, '_id' | 'date' | 'amount' | 'currency' | 'name' | 'fileName'>;

/** All lines of these days, whatever was decided about them. */
export async function bankLinesOn(accountId: string, days: readonly string[]): Promise<BankLineTraits[]> {
  const states: BankLineDoc['state'][] = ['open', 'booked', 'ignored'];
  return BankLines.find(
    { accountId, state: { $in: states }, date: { $in: [...days] } },
    { date: 1, amount: 1, currency: 1, name: 1, fileName: 1 },
  ).lean();
}

/** Decides about an open line. @returns false if it was no longer open */
export async function settleBankLine(
  _tx: Tx,
  accountId: string,
  id: string,
  settled: Pick<BankLineDoc, 'state' | 'paymentIds'>,
): Promise<boolean> {
  const { modifiedCount } = await BankLines.updateOne({ _id: id, accountId, state: 'open' }, { $set: settled });
  return modifiedCount > 0;
}

/**
 * Opens the line of a reversed payment again. A line that pays several invoices is only open once all of its payments
 * are reversed.
 */
export async function reopenBankLine(_tx: Tx, accountId: string, paymentId: string): Promise<void> {
  const line = await BankLines.findOneAndUpdate(
    { accountId, paymentIds: paymentId },
    { $pull: { paymentIds: paymentId } },
    { returnDocument: 'after' },
  ).lean();
  if (line?.state !== 'booked' || line.paymentIds.length > 0) return;
  await BankLines.updateOne({ _id: line._id, accountId }, { $set: { state: 'open' } });
}
