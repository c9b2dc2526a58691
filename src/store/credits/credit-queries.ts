import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import type { Source } from '../kit/read-together.ts';
import type { Tx } from '../kit/transaction.ts';
import { type ConsumptionDoc, Consumptions, type CreditDoc, Credits } from './credits.ts';

/** The account and group that credits belong to. */
export interface CreditsOf {
  readonly accountId: string;
  readonly billingGroupId: string;
}

/**
 * Matches credits that can still pay for something: those valid now, and those valid at the last instant of a period
 * that hasn't been invoiced yet (domain.md, Money 4).
 *
 * @param openEnd the end of the group's next period to be invoiced; null if there is none left
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

/** Identifies a credit of any account, and when it expires. */
export type ExpiringCredit = Pick<CreditDoc, '_id' | 'accountId' | 'billingGroupId' | 'expireTime'>;

/** Across all accounts: claimed credits that have expired, earliest first. */
export function eachOver(now: Date): AsyncIterable<ExpiringCredit> {
  const isOver = { state: 'claimed', expireTime: { $ne: null, $lte: now } } as const;
  return Credits.find(isOver, { accountId: 1, billingGroupId: 1, expireTime: 1 })
    .sort({ expireTime: 1 })
    .lean()
    .cursor();
}

/** A credit of an account; null if there is none. */
export async function creditById(accountId: string, id: string): Promise<CreditDoc | null> {
  return Credits.findOne({ _id: id, accountId }).lean();
}

/** A credit that must exist. @throws {Error} if it doesn't */
export async function creditOrFail(accountId: string, id: string): Promise<CreditDoc> {
  return Credits.findOne({ _id: id, accountId }).orFail().lean();
}

/** An account's credits with these IDs, unordered. */
export async function creditsByIds(accountId: string, ids: readonly string[]): Promise<CreditDoc[]> {
  return Credits.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** The amounts left of credits that hold negative totals, with their invoices. */
export async function balancesByIds(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<CreditDoc, '_id' | 'balanceOf' | 'remaining'>[]> {
  return Credits.find({ accountId, _id: { $in: [...ids] } }, { balanceOf: 1, remaining: 1 }).lean();
}

/** When a claimed credit expires, and its group; null if it has expired. */
export async function claimedCredit(accountId: string, id: string): Promise<ExpiringCredit | null> {
  return Credits.findOne(
    { _id: id, accountId, state: 'claimed' },
    { accountId: 1, billingGroupId: 1, expireTime: 1 },
  ).lean();
}

export async function countCredits({ accountId, billingGroupId }: CreditsOf): Promise<number> {
  return Credits.countDocuments({ billingGroupId, accountId });
}

/** A page of a group's credits: claimed ones first, then expired ones; in each part, the latest claim first. */
export async function creditPage(
  { accountId, billingGroupId }: CreditsOf,
  page: { readonly skip: number; readonly size: number },
): Promise<CreditDoc[]> {
  // 'claimed' sorts before 'expired'
  return Credits.find({ billingGroupId, accountId })
    .sort({ state: 1, claimedAt: -1 })
    .skip(page.skip)
    .limit(page.size)
    .lean();
}

/** A group's credit by its code; null if there is none. */
export async function creditByCode(
  { accountId, billingGroupId }: CreditsOf,
  codeId: string,
): Promise<CreditDoc | null> {
  return Credits.findOne({ accountId, billingGroupId, codeId }).lean();
}

/** A claimed credit of a group with money left in a currency other than this one; null if there is none. */
export async function creditLeftInOther(
  { accountId, billingGroupId }: CreditsOf,
  currency: string,
): Promise<CreditDoc | null> {
  const left = { state: 'claimed', currency: { $ne: currency }, remaining: { $gt: toDecimal128(ZERO) } } as const;
  return Credits.findOne({ accountId, billingGroupId, ...left }).lean();
}

/** The claimed credits of groups with money left, whenever they are valid. */
export function claimedCredits(accountId: string, billingGroupIds: readonly string[]): Source<CreditDoc> {
  const left = { state: 'claimed', remaining: { $gt: toDecimal128(ZERO) } };
  return { from: Credits, where: { accountId, billingGroupId: { $in: [...billingGroupIds] }, ...left } };
}

/** Whether a credit is valid at the last instant before an end. */
export function isValidBefore({ startTime, expireTime }: CreditDoc, end: Date): boolean {
  return startTime < end && (expireTime === null || expireTime >= end);
}

/** Matches the credits to be added up: those in a currency that have started and can still pay. */
export interface LeftQuery {
  readonly currency: string;
  readonly now: Date;
  readonly openEnd: Date | null;
}

/** Whether a group has, or had, a credit that is limited to one of its projects. */
export async function hasCreditOfProject(
  { accountId, billingGroupId }: CreditsOf,
  projectId: string,
): Promise<boolean> {
  return (await Credits.exists({ accountId, billingGroupId, projectId })) !== null;
}

/** The total left of a group's credits; undefined if there are none. */
export async function sumLeft(of: CreditsOf, query: LeftQuery): Promise<Decimal128 | undefined> {
  const [left] = await Credits.aggregate<{ amount: Decimal128 }>([
    { $match: paying(of, query) },
    { $group: { _id: null, amount: { $sum: '$remaining' } } },
  ]);
  return left?.amount;
}

/** The amount left of the credits that are limited to one project of a group, by project. */
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

/** Stores a credit. @throws a duplicate key error if the group has one with the same code */
export async function insertCredit(_tx: Tx, credit: CreditDoc): Promise<void> {
  await Credits.create([credit]);
}

/** The amount left of a credit when it was read, and the new amount. */
interface Left {
  readonly before: Decimal128;
  readonly after: Decimal128;
}

/** Sets the amount left of a claimed credit, unless it changed after it was read. @returns whether it was set */
export async function useCredit(_tx: Tx, accountId: string, id: string, left: Left): Promise<boolean> {
  return setLeft({ _id: id, accountId, state: 'claimed' }, left);
}

/** The same for a credit in any state. @returns whether it was set */
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

/**
 * Makes a credit, even an expired one, claimed again with an amount left. If no expiry is given, it stays unchanged.
 */
export async function reviveCredit(
  _tx: Tx,
  accountId: string,
  id: string,
  to: { readonly remaining: Decimal128; readonly expireTime?: Date },
): Promise<void> {
  await Credits.updateOne({ _id: id, accountId }, { $set: { ...to, state: 'claimed' } });
}

/** Sets the amount that was paid out of a balance. */
export async function setPaidOut(_tx: Tx, accountId: string, id: string, paidOut: Decimal128): Promise<void> {
  await Credits.updateOne({ _id: id, accountId }, { $set: { paidOut } });
}

/** Ends a claimed credit that has expired. @returns its previous version; null if it had ended or is still valid */
export async function expireCredit(_tx: Tx, accountId: string, id: string, now: Date): Promise<CreditDoc | null> {
  return Credits.findOneAndUpdate(
    { _id: id, accountId, state: 'claimed', expireTime: { $ne: null, $lte: now } },
    { $set: { state: 'expired' } },
  ).lean();
}

/** The uses of credits by an invoice, latest first. */
export async function usesByInvoice(accountId: string, invoiceId: string): Promise<ConsumptionDoc[]> {
  return Consumptions.find({ accountId, invoiceId }).sort({ at: -1, _id: -1 }).lean();
}

/** The uses of these credits by invoices, oldest first. */
export async function usesOfCredits(accountId: string, creditIds: readonly string[]): Promise<ConsumptionDoc[]> {
  return Consumptions.find({ accountId, creditId: { $in: [...creditIds] } })
    .sort({ at: 1 })
    .lean();
}

/** Stores an invoice's uses of credits. @throws a duplicate key error if it has already used one of them */
export async function insertUses(_tx: Tx, uses: readonly ConsumptionDoc[]): Promise<void> {
  await Consumptions.insertMany(uses);
}

/** Sets the amount returned of an invoice's use. */
export async function setReturned(_tx: Tx, accountId: string, id: string, returned: Decimal128): Promise<void> {
  await Consumptions.updateOne({ _id: id, accountId }, { $set: { returned } });
}
