import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { type ConsumptionDoc, Consumptions, type CreditDoc, Credits } from './credits.ts';

/** Whose credits. */
export interface CreditsOf {
  readonly accountId: string;
  readonly billingGroupId: string;
}

/**
 * Matches credits that still pay for something: those that are valid now, and those that were valid at the last instant
 * of a period whose invoice is to come (domain.md, Money 4).
 *
 * @param openEnd the end of the group's next period to be invoiced; null where none is left
 */
export function stillPays(now: Date, openEnd: Date | null) {
  return {
    $or: [
      { expireTime: null },
      { expireTime: { $gt: now } },
      ...(openEnd === null ? [] : [{ expireTime: { $gte: openEnd } }]),
    ],
  };
}

/** What names a credit of whichever account, and when it expires. */
export type ExpiringCredit = Pick<CreditDoc, '_id' | 'accountId' | 'billingGroupId' | 'expireTime'>;

/** The claimed credits of all accounts whose time is over, the longest first. */
export function eachOver(now: Date): AsyncIterable<ExpiringCredit> {
  const isOver = { state: 'claimed', expireTime: { $ne: null, $lte: now } } as const;
  return Credits.find(isOver, { accountId: 1, billingGroupId: 1, expireTime: 1 })
    .sort({ expireTime: 1 })
    .lean()
    .cursor();
}

/** A credit of an account; null where there is none. */
export async function creditById(accountId: string, id: string): Promise<CreditDoc | null> {
  return Credits.findOne({ _id: id, accountId }).lean();
}

/** A credit that has to be there. @throws {Error} when it isn't */
export async function creditOrFail(accountId: string, id: string): Promise<CreditDoc> {
  return Credits.findOne({ _id: id, accountId }).orFail().lean();
}

/** Those of an account's credits that have these IDs, in no order. */
export async function creditsByIds(accountId: string, ids: readonly string[]): Promise<CreditDoc[]> {
  return Credits.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** What is left of credits that keep totals below zero, and of which invoices these are. */
export async function balancesByIds(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<CreditDoc, '_id' | 'balanceOf' | 'remaining'>[]> {
  return Credits.find({ accountId, _id: { $in: [...ids] } }, { balanceOf: 1, remaining: 1 }).lean();
}

/** When a claimed credit expires, and whose it is; null for one that has expired. */
export async function claimedCredit(accountId: string, id: string): Promise<ExpiringCredit | null> {
  return Credits.findOne(
    { _id: id, accountId, state: 'claimed' },
    { accountId: 1, billingGroupId: 1, expireTime: 1 },
  ).lean();
}

export async function countCredits({ accountId, billingGroupId }: CreditsOf): Promise<number> {
  return Credits.countDocuments({ billingGroupId, accountId });
}

/** A page of a group's credits: the claimed ones first, then those that have expired, the latest claim first in each. */
export async function creditPage(
  { accountId, billingGroupId }: CreditsOf,
  page: { readonly skip: number; readonly size: number },
): Promise<CreditDoc[]> {
  // 'claimed' stands before 'expired'
  return Credits.find({ billingGroupId, accountId })
    .sort({ state: 1, claimedAt: -1 })
    .skip(page.skip)
    .limit(page.size)
    .lean();
}

/** The credit that a group has by a code; null for none. */
export async function creditByCode(
  { accountId, billingGroupId }: CreditsOf,
  codeId: string,
): Promise<CreditDoc | null> {
  return Credits.findOne({ accountId, billingGroupId, codeId }).lean();
}

/** A claimed credit of a group with something left, in another currency than this one; null for none. */
export async function creditLeftInOther(
  { accountId, billingGroupId }: CreditsOf,
  currency: string,
): Promise<CreditDoc | null> {
  const left = { state: 'claimed', currency: { $ne: currency }, remaining: { $gt: toDecimal128(ZERO) } } as const;
  return Credits.findOne({ accountId, billingGroupId, ...left }).lean();
}

/** A group's claimed credits in a currency that are valid at the last instant before an end. */
export async function creditsValidAt(
  { accountId, billingGroupId }: CreditsOf,
  of: { readonly currency: string; readonly end: Date },
): Promise<CreditDoc[]> {
  return Credits.find({
    ...{ accountId, billingGroupId },
    state: 'claimed',
    currency: of.currency,
    startTime: { $lt: of.end },
    $or: [{ expireTime: null }, { expireTime: { $gte: of.end } }],
  }).lean();
}

/** Which credits are added up: those in a currency that have begun and still pay. */
export interface LeftQuery {
  readonly currency: string;
  readonly now: Date;
  readonly openEnd: Date | null;
}

/** What is left, all together, of a group's credits; undefined for none. */
export async function sumLeft(of: CreditsOf, query: LeftQuery): Promise<Decimal128 | undefined> {
  const [left] = await Credits.aggregate<{ amount: Decimal128 }>([
    { $match: paying(of, query) },
    { $group: { _id: null, amount: { $sum: '$remaining' } } },
  ]);
  return left?.amount;
}

/** What is left of the credits that pay for one project of a group alone, by project. */
export async function sumLeftByProject(of: CreditsOf, query: LeftQuery): Promise<Map<string, Decimal>> {
  const sums = await Credits.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { ...paying(of, query), projectId: { $ne: null } } },
    { $group: { _id: '$projectId', amount: { $sum: '$remaining' } } },
  ]);
  return new Map(sums.map(({ _id, amount }) => [_id, fromDecimal128(amount)]));
}

function paying({ accountId, billingGroupId }: CreditsOf, { currency, now, openEnd }: LeftQuery) {
  return {
    accountId,
    billingGroupId,
    state: 'claimed',
    currency,
    startTime: { $lte: now },
    ...stillPays(now, openEnd),
  };
}

/** Stores a credit. @throws a duplicate key when the group has one of its code */
export async function insertCredit(_tx: Tx, credit: CreditDoc): Promise<void> {
  await Credits.create([credit]);
}

/** What was left of a credit when it was read, and what is to be left. */
interface Left {
  readonly before: Decimal128;
  readonly after: Decimal128;
}

/** Sets what is left of a claimed credit, if it still holds what it was read with. @returns whether it did */
export async function useCredit(_tx: Tx, accountId: string, id: string, left: Left): Promise<boolean> {
  return setLeft({ _id: id, accountId, state: 'claimed' }, left);
}

/** The same of a credit in whichever state. @returns whether it still held what it was read with */
export async function lowerCredit(_tx: Tx, accountId: string, id: string, left: Left): Promise<boolean> {
  return setLeft({ _id: id, accountId }, left);
}

async function setLeft(
  credit: Pick<CreditDoc, '_id' | 'accountId'> & Partial<Pick<CreditDoc, 'state'>>,
  left: Left,
): Promise<boolean> {
  const { modifiedCount } = await Credits.updateOne(
    { ...credit, remaining: left.before },
    { $set: { remaining: left.after } },
  );
  return modifiedCount > 0;
}

/** Has a credit, also one that has expired, be claimed with what is left of it; absent: its expiry stays. */
export async function reviveCredit(
  _tx: Tx,
  accountId: string,
  id: string,
  to: { readonly remaining: Decimal128; readonly expireTime?: Date },
): Promise<void> {
  await Credits.updateOne({ _id: id, accountId }, { $set: { ...to, state: 'claimed' } });
}

/** Sets what was paid out of a balance. */
export async function setPaidOut(_tx: Tx, accountId: string, id: string, paidOut: Decimal128): Promise<void> {
  await Credits.updateOne({ _id: id, accountId }, { $set: { paidOut } });
}

/** Ends a claimed credit whose time is over. @returns it as it was; null for one that is ended, or is still valid */
export async function expireCredit(_tx: Tx, accountId: string, id: string, now: Date): Promise<CreditDoc | null> {
  return Credits.findOneAndUpdate(
    { _id: id, accountId, state: 'claimed', expireTime: { $ne: null, $lte: now } },
    { $set: { state: 'expired' } },
  ).lean();
}

/** What an invoice took from credits, the last first. */
export async function usesByInvoice(accountId: string, invoiceId: string): Promise<ConsumptionDoc[]> {
  return Consumptions.find({ accountId, invoiceId }).sort({ at: -1, _id: -1 }).lean();
}

/** What invoices took from these credits, the first first. */
export async function usesOfCredits(accountId: string, creditIds: readonly string[]): Promise<ConsumptionDoc[]> {
  return Consumptions.find({ accountId, creditId: { $in: [...creditIds] } })
    .sort({ at: 1 })
    .lean();
}

/** Stores what an invoice takes from credits. @throws a duplicate key when it took from one of them before */
export async function insertUses(_tx: Tx, uses: readonly ConsumptionDoc[]): Promise<void> {
  await Consumptions.insertMany(uses);
}

/** Sets what was given back of what an invoice took. */
export async function setReturned(_tx: Tx, accountId: string, id: string, returned: Decimal128): Promise<void> {
  await Consumptions.updateOne({ _id: id, accountId }, { $set: { returned } });
}
