import type { Sight } from '../../billing/account/sight.ts';
import type { NumberedKind } from '../../billing/invoice/numbering.ts';
import { seenBy } from '../kit/seen-by.ts';
import type { Tx } from '../kit/transaction.ts';
import { CreditMemos } from './credit-memos.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

/** Matches drafts that have no number yet. */
const WITHOUT_NUMBER = { state: 'draft', seq: { $exists: false } } as const;

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
 * An account's invoices that a reader sees, including drafts, whose number matches a regular expression, sorted by number; up to `limit`.
 */
export async function invoicesNumberedLike(
  accountId: string,
  pattern: string,
  { sight, limit }: { readonly sight: Sight; readonly limit: number },
): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, number: { $regex: pattern }, ...seenBy(sight) })
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
 * Gives a draft its number. A single write, protected by unique indexes on (series, seq) and on the number.
 *
 * @returns false if it has a number already, or is no draft
 * @throws a duplicate key error if the position or the number is taken
 */
export async function takeNumber(
  accountId: string,
  kind: NumberedKind,
  id: string,
  drawn: DrawnNumber,
): Promise<boolean> {
  const filter = { ...WITHOUT_NUMBER, _id: id, accountId };
  const { series, seq, number } = drawn;
  const { matchedCount } =
    kind === 'invoice'
      ? await Invoices.updateOne(filter, { $set: { series, seq, number } })
      : await CreditMemos.updateOne(filter, { $set: { series, seq, number } });
  return matchedCount === 1;
}

/** Those of some invoices that are drafts without a number. */
export async function draftsWithoutNumber(accountId: string, ids: readonly string[]): Promise<string[]> {
  const filter = { ...WITHOUT_NUMBER, _id: { $in: [...ids] }, accountId };
  return (await Invoices.find(filter, { _id: 1 }).lean()).map(({ _id }) => _id);
}

/**
 * Gives invoices that were found to be drafts without a number theirs, by ID, with one call.
 *
 * @throws a duplicate key error if a position or a number is taken
 */
export async function takeNumbers(
  _tx: Tx,
  accountId: string,
  numbers: ReadonlyMap<string, DrawnNumber>,
): Promise<void> {
  if (numbers.size === 0) return;
  const { matchedCount } = await Invoices.bulkWrite(
    [...numbers].map(([_id, drawn]) => ({
      updateOne: { filter: { ...WITHOUT_NUMBER, _id, accountId }, update: { $set: drawn } },
    })),
  );
  if (matchedCount !== numbers.size) throw new Error('A draft got a number within another transaction');
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
