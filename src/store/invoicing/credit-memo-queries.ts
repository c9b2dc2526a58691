import type { Sight } from '../../billing/account/sight.ts';
import { ZERO } from '../../billing/money/money.ts';
import { toDecimal128 } from '../kit/decimal.ts';
import { type IdPart, pastId } from '../kit/ids.ts';
import { seenBy } from '../kit/seen-by.ts';
import type { Tx } from '../kit/transaction.ts';
import { type CreditMemoDoc, type CreditMemoLineDoc, CreditMemoLines, CreditMemos } from './credit-memos.ts';

/** Identifies a credit memo and its account. */
export type MemoName = Pick<CreditMemoDoc, '_id' | 'accountId' | 'billingGroupId'>;

/** A memo when it is frozen. How it is settled is added when it is issued. */
export type NewMemo = Omit<CreditMemoDoc, 'offset' | 'refund' | 'returned'>;

/** Across all accounts: drafts, which are frozen but not issued yet. */
export function eachMemoDraft(): AsyncIterable<MemoName> {
  return CreditMemos.find({ state: 'draft' }, { accountId: 1, billingGroupId: 1 }).lean().cursor();
}

/** A credit memo that must exist. @throws {Error} if it doesn't */
export async function memoOrFail(accountId: string, id: string): Promise<CreditMemoDoc> {
  return CreditMemos.findOne({ _id: id, accountId }).orFail().lean();
}

/** A credit memo by its number as stored. */
export async function memoByNumber(accountId: string, number: string): Promise<CreditMemoDoc | null> {
  return CreditMemos.findOne({ accountId, number }).lean();
}

/** All memos of an invoice, oldest first. */
export async function memosOf(accountId: string, invoiceId: string): Promise<CreditMemoDoc[]> {
  return CreditMemos.find({ accountId, invoiceId }).sort({ place: 1 }).lean();
}

/** The first memos of an invoice, up to the length of a list. */
export async function firstMemosOf(accountId: string, invoiceId: string, limit: number): Promise<CreditMemoDoc[]> {
  return CreditMemos.find({ accountId, invoiceId }).sort({ place: 1 }).limit(limit).lean();
}

/** Memos of an account that a reader sees, in the order of their IDs; optionally only those that changed since then. */
export async function memosOfAccount(
  accountId: string,
  sight: Sight,
  changedSince: Date | undefined,
  part: IdPart,
): Promise<CreditMemoDoc[]> {
  const since = changedSince && { $gte: changedSince };
  return CreditMemos.find({
    ...{ accountId, ...seenBy(sight), ...pastId(part) },
    ...(since && { $or: [{ createdAt: since }, { issuedAt: since }, { sentAt: since }] }),
  })
    .sort({ _id: 1 })
    .limit(part.limit)
    .lean();
}

/** A memo of an account; null if there is none. */
export async function memoById(accountId: string, id: string): Promise<CreditMemoDoc | null> {
  return CreditMemos.findOne({ _id: id, accountId }).lean();
}

/** How many memos an invoice has. */
export async function countMemos(accountId: string, invoiceId: string): Promise<number> {
  return CreditMemos.countDocuments({ accountId, invoiceId });
}

/** Whether an invoice has a memo that is frozen but not issued yet. */
export async function hasMemoDraft(accountId: string, invoiceId: string): Promise<boolean> {
  return (await CreditMemos.exists({ accountId, invoiceId, state: 'draft' })) !== null;
}

/** Whether an invoice has a memo issued at an instant or later. */
export async function hasMemoSince(accountId: string, invoiceId: string, since: Date): Promise<boolean> {
  return (await CreditMemos.exists({ accountId, invoiceId, issuedAt: { $gte: since } })) !== null;
}

/**
 * Streams the amounts that earlier memos credited for an invoice's lines, optionally only for those at some positions.
 */
export async function givenBackOf(
  accountId: string,
  invoiceId: string,
  places?: readonly number[],
): Promise<Pick<CreditMemoLineDoc, 'place' | 'amount'>[]> {
  const filter = { accountId, invoiceId, ...(places && { place: { $in: [...places] } }) };
  return CreditMemoLines.find(filter, { place: 1, amount: 1 }).lean();
}

/** The lines of a memo, in the order of the invoice's lines. */
export async function memoLinesOf(accountId: string, memoId: string): Promise<CreditMemoLineDoc[]> {
  return CreditMemoLines.find({ accountId, memoId }).sort({ place: 1 }).lean();
}

/** A memo's lines for negative invoice lines, such as those for credits used. */
export async function memoLinesBelowZero(accountId: string, memoId: string): Promise<CreditMemoLineDoc[]> {
  return CreditMemoLines.find({ accountId, memoId, amount: { $lt: toDecimal128(ZERO) } }).lean();
}

/** Stores a memo's draft. @throws a duplicate key error if another memo of the invoice has its ordinal */
export async function insertMemo(_tx: Tx, memo: NewMemo): Promise<void> {
  await CreditMemos.create([memo]);
}

/**
 * Records that an issued memo was sent by email. @returns the memo; null if this was already recorded or it isn't
 * issued
 */
export async function markMemoSent(
  _tx: Tx,
  accountId: string,
  id: string,
  sentAt: Date,
): Promise<CreditMemoDoc | null> {
  return CreditMemos.findOneAndUpdate(
    { _id: id, accountId, state: 'ready' },
    { $set: { state: 'sent', sentAt } },
  ).lean();
}

/** Stores lines of a memo with one call. */
export async function insertMemoLines(_tx: Tx, lines: readonly CreditMemoLineDoc[]): Promise<void> {
  await CreditMemoLines.insertMany(lines);
}

/** Issues a draft, with how it is settled; does nothing if it is no longer a draft. */
export async function issueMemoDraft(
  _tx: Tx,
  accountId: string,
  id: string,
  issued: Required<Pick<CreditMemoDoc, 'state' | 'issuedAt' | 'offset' | 'refund' | 'returned'>>,
): Promise<void> {
  await CreditMemos.updateOne({ _id: id, accountId, state: 'draft' }, { $set: issued });
}
