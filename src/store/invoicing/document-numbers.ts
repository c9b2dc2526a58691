import type { NumberedKind } from '../../billing/invoice/numbering.ts';
import { CreditMemos } from './credit-memos.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

/** A position in a series, and its number. */
export interface DrawnNumber {
  readonly series: string;
  readonly seq: number;
  readonly number: string;
}

/** All numbers of an account's invoices and credit memos that match a regular expression. */
export async function numbersLike(accountId: string, pattern: string): Promise<string[]> {
  const like = { accountId, number: { $regex: pattern } };
  const invoices = await Invoices.find(like, { number: 1 }).lean();
  const memos = await CreditMemos.find(like, { number: 1 }).lean();
  return [...invoices, ...memos].flatMap(({ number }) => number ?? []);
}

/**
 * An account's invoices, including drafts, whose number matches a regular expression, sorted by number; up to `limit`.
 */
export async function invoicesNumberedLike(accountId: string, pattern: string, limit: number): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, number: { $regex: pattern } })
    .sort({ number: 1 })
    .limit(limit)
    .lean();
}

/** The highest position used in an account's series; 0 for none. */
export async function highestOf(accountId: string, kind: NumberedKind, series: string): Promise<number> {
  const filter = { accountId, series, seq: { $exists: true } };
  const [top] =
    kind === 'invoice'
      ? await Invoices.find(filter, { seq: 1 }).sort({ seq: -1 }).limit(1).lean()
      : await CreditMemos.find(filter, { seq: 1 }).sort({ seq: -1 }).limit(1).lean();
  return top?.seq ?? 0;
}

/**
 * Gives a draft its number, unless it has one. A single write, protected by unique indexes on (series, seq) and on the
 * number.
 *
 * @throws a duplicate key error if the position or the number is taken
 */
export async function takeNumber(accountId: string, kind: NumberedKind, id: string, drawn: DrawnNumber): Promise<void> {
  const filter = { _id: id, accountId, state: 'draft', seq: { $exists: false } } as const;
  const { series, seq, number } = drawn;
  if (kind === 'invoice') await Invoices.updateOne(filter, { $set: { series, seq, number } });
  else await CreditMemos.updateOne(filter, { $set: { series, seq, number } });
}

/** Whether an invoice or a credit memo has its number. */
export async function hasNumber(accountId: string, kind: NumberedKind, id: string): Promise<boolean> {
  const filter = { _id: id, accountId, seq: { $exists: true } };
  const found = kind === 'invoice' ? await Invoices.exists(filter) : await CreditMemos.exists(filter);
  return found !== null;
}

/** Whether the account has used this number for the same kind of document in another position. */
export async function isNumberTaken(accountId: string, kind: NumberedKind, drawn: DrawnNumber): Promise<boolean> {
  const { series, seq, number } = drawn;
  const filter = { accountId, number, $nor: [{ series, seq }] };
  const found = kind === 'invoice' ? await Invoices.exists(filter) : await CreditMemos.exists(filter);
  return found !== null;
}

/** The numbers of invoices, by ID. Invoices without a number are left out. */
export async function invoiceNumbers(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const invoices = await Invoices.find({ accountId, _id: { $in: [...ids] } }, { number: 1 }).lean();
  return new Map(invoices.flatMap(({ _id, number }) => (number === undefined ? [] : [[_id, number] as const])));
}
