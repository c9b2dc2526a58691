import type { Sight } from '../../billing/account/sight.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { UNPAID_STATES } from '../../billing/invoice/invoice-life.ts';
import type { Period } from '../../billing/period/period.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { findRaw, type RawDocs } from '../kit/raw-documents.ts';
import { MANY, type Source } from '../kit/read-together.ts';
import { seenBy } from '../kit/seen-by.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

const NOT_ISSUED = ['estimate', 'draft'] as const;
/** The order of lists: newest period first. */
const NEWEST_FIRST = { period: -1, seq: -1, _id: 1 } as const;
/** Matches invoices that are to be paid. */
const MOST_URGENT_FIRST = { dueAt: 1, seq: 1, _id: 1 } as const;

/** An invoice, estimate or draft of an account; null if there is none. */
export async function invoiceById(accountId: string, id: string): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ _id: id, accountId }).lean();
}

/** Those of an account with these IDs, unordered. */
export async function invoicesByIds(accountId: string, ids: readonly string[]): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, _id: { $in: [...ids] } }).lean();
}

/** The same for one that must exist. @throws {Error} if it doesn't */
export async function invoiceOrFail(accountId: string, id: string): Promise<InvoiceDoc> {
  return Invoices.findOne({ _id: id, accountId }).orFail().lean();
}

/** An invoice by its number as stored, including a draft that already has its number. */
export async function invoiceByNumber(accountId: string, number: string): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ accountId, number }).lean();
}

/** An issued invoice by its number as stored. */
export async function issuedByNumber(accountId: string, number: string): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ accountId, number, state: { $nin: NOT_ISSUED } }).lean();
}

/** A group's invoice or estimate for a period. */
export async function invoiceOfPeriod(
  accountId: string,
  billingGroupId: string,
  period: Period,
): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ accountId, billingGroupId, period }).lean();
}

/** The same for one that must exist. @throws {Error} if it doesn't */
export async function invoiceOfPeriodOrFail(
  accountId: string,
  billingGroupId: string,
  period: Period,
): Promise<InvoiceDoc> {
  return Invoices.findOne({ accountId, billingGroupId, period }).orFail().lean();
}

/** A group's estimate or draft for a period. */
export async function unissuedOfPeriod(
  accountId: string,
  billingGroupId: string,
  period: Period,
): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ accountId, billingGroupId, period, state: { $in: NOT_ISSUED } }).lean();
}

/** An issued invoice of a group by its number as stored. */
export async function issuedOfGroup(
  accountId: string,
  billingGroupId: string,
  number: string,
): Promise<InvoiceDoc | null> {
  return Invoices.findOne({ accountId, billingGroupId, number, state: { $nin: NOT_ISSUED } }).lean();
}

/** Selects the invoices of an account, or of one of its groups. */
export interface InvoicesOf {
  readonly accountId: string;
  readonly billingGroupId?: string | undefined;
}

/** The same, but only those that a reader sees. */
export interface SeenInvoicesOf extends InvoicesOf {
  readonly sight: Sight;
}

/** How many invoices and estimates there are. */
export async function countInvoices(of: SeenInvoicesOf): Promise<number> {
  return Invoices.countDocuments(filterOf(of));
}

/** A page of invoices and estimates: those to be paid by due date, then the others, newest period first. */
export async function invoicePage(
  of: SeenInvoicesOf,
  { skip, size }: { readonly skip: number; readonly size: number },
): Promise<InvoiceDoc[]> {
  const toPay = { ...filterOf(of), state: { $in: UNPAID_STATES } };
  const others = { ...filterOf(of), state: { $nin: UNPAID_STATES } };
  const first = await Invoices.find(toPay).sort(MOST_URGENT_FIRST).skip(skip).limit(size).lean();
  if (first.length === size) return first;
  const open = skip === 0 ? first.length : await Invoices.countDocuments(toPay);
  const rest = Invoices.find(others)
    .sort(NEWEST_FIRST)
    .skip(Math.max(skip - open, 0));
  return [...first, ...(await rest.limit(size - first.length).lean())];
}

/** The fields needed for an unpaid invoice: amounts and days. */
export type InvoiceToPay = Pick<InvoiceDoc, keyof typeof TO_PAY | '_id'>;
const TO_PAY = {
  ...({ billingGroupId: 1, number: 1, period: 1, currency: 1, total: 1 } as const),
  ...({ amountDue: 1, prepaid: 1, life: 1, issuedAt: 1, dueAt: 1 } as const),
} as const;

/** All unpaid invoices of an account that a reader sees, by due date. */
export async function invoicesToPay(accountId: string, sight: Sight): Promise<InvoiceToPay[]> {
  const filter = { accountId, state: { $in: UNPAID_STATES }, ...seenBy(sight) };
  return Invoices.find(filter, TO_PAY).sort(MOST_URGENT_FIRST).lean();
}

/** The same with the company that each was issued to. */
export type PayableInvoice = InvoiceToPay & {
  readonly snapshot: { readonly buyer?: { readonly company?: string | null } } | null;
};

export async function payableInvoices(accountId: string): Promise<PayableInvoice[]> {
  const filter = { accountId, state: { $in: UNPAID_STATES } };
  return Invoices.find(filter, { ...TO_PAY, 'snapshot.buyer.company': 1 })
    .sort(MOST_URGENT_FIRST)
    .lean<PayableInvoice[]>();
}

/** All invoices of a group, including the open estimate, newest period first. */
export async function invoicesOfGroup(accountId: string, billingGroupId: string): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, billingGroupId }).sort({ period: -1 }).lean();
}

/** All invoices and estimates of an account for a period that a reader sees. */
export async function invoicesOfPeriod(accountId: string, period: Period, sight: Sight): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, period, ...seenBy(sight) }).lean();
}

/** The invoices and estimates of some periods that a reader sees, without their figures; only one group's if requested. */
export async function invoicesInPeriods(
  of: SeenInvoicesOf,
  periods: readonly Period[],
): Promise<Pick<InvoiceDoc, '_id' | 'billingGroupId' | 'period'>[]> {
  return Invoices.find({ ...filterOf(of), period: { $in: [...periods] } }, { billingGroupId: 1, period: 1 })
    .batchSize(MANY)
    .lean();
}

/** Streams the same, by number in descending order. Estimates come last. */
export function eachOfPeriod(accountId: string, period: Period, sight: Sight): AsyncIterable<InvoiceDoc> {
  return Invoices.find({ accountId, period, ...seenBy(sight) })
    .sort({ seq: -1, _id: 1 })
    .lean()
    .cursor();
}

/** What changes with an invoice's content. */
export type InvoiceVersion = Pick<InvoiceDoc, '_id' | 'billingGroupId' | 'state' | 'touches' | 'computedAt' | 'number'>;

/** The versions of invoices and estimates of some periods, both included, that a reader sees, in the order of their IDs. */
export function eachInvoiceVersion(
  accountId: string,
  { from, to }: { readonly from: Period; readonly to: Period },
  sight: Sight,
): AsyncIterable<InvoiceVersion> {
  return Invoices.find(
    { accountId, period: { $gte: from, $lte: to }, ...seenBy(sight) },
    { billingGroupId: 1, state: 1, touches: 1, computedAt: 1, number: 1 },
  )
    .sort({ _id: 1 })
    .lean<InvoiceVersion[]>()
    .cursor();
}

/** The invoice or estimate of a period that was last calculated, and when. */
export async function latestComputed(
  accountId: string,
  period: Period,
): Promise<Pick<InvoiceDoc, '_id' | 'computedAt'> | undefined> {
  const [latest] = await Invoices.find({ accountId, period }, { computedAt: 1 })
    .sort({ computedAt: -1 })
    .limit(1)
    .lean();
  return latest;
}

/** The periods that an account has invoices or estimates for. */
export async function invoicedPeriods(accountId: string): Promise<Period[]> {
  return distinctValues<Period>(Invoices, 'period', { accountId });
}

/** Whether an account has an invoice or draft with a number. */
export async function hasInvoices(accountId: string): Promise<boolean> {
  return (await Invoices.exists({ accountId, $or: [{ number: { $gt: '' } }, { state: 'draft' }] })) !== null;
}

/** Invoices in some states, and those in other states that were due before an instant; earliest due date first. */
export async function unpaidInvoices(
  accountId: string,
  of: { readonly failed: readonly InvoiceState[]; readonly owed: readonly InvoiceState[]; readonly payBefore: Date },
  limit: number,
): Promise<InvoiceDoc[]> {
  const isBefore = { $lt: of.payBefore };
  const isLate = [{ 'life.payBy': isBefore }, { 'life.payBy': { $exists: false }, dueAt: isBefore }];
  const isUnpaid = [{ state: { $in: [...of.failed] } }, { state: { $in: [...of.owed] }, $or: isLate }];
  return Invoices.find({ accountId, $or: isUnpaid }).sort({ dueAt: 1 }).limit(limit).lean();
}

/** The estimates of an account for a period and earlier ones that a reader sees, in the order of their IDs, not converted yet. */
export async function rawEstimatesUpTo(accountId: string, period: Period, sight: Sight): Promise<RawDocs<InvoiceDoc>> {
  const of = { accountId, period: { $lte: period }, state: 'estimate', ...seenBy(sight) };
  return findRaw(Invoices.collection, of, { sort: { _id: 1 }, batchSize: MANY });
}

/** An invoice as long as it is an estimate, to be read with other data. */
export function estimateNamed(accountId: string, id: string): Source<InvoiceDoc> {
  return { from: Invoices, where: { _id: id, accountId, state: 'estimate' } };
}

/** A group's invoice or estimate for a period, or all that it has that aren't issued, to be read with other data. */
export function invoicesForPeriod(
  accountId: string,
  billingGroupId: string,
  period: Period | undefined,
): Source<InvoiceDoc> {
  const which = period === undefined ? { state: { $in: [...NOT_ISSUED] } } : { period };
  return { from: Invoices, where: { accountId, billingGroupId, ...which } };
}

/** Which of some groups have an invoice or an estimate for a period. */
export async function groupsInvoicedFor(
  accountId: string,
  groupIds: readonly string[],
  period: Period,
): Promise<string[]> {
  return distinctValues(Invoices, 'billingGroupId', { accountId, billingGroupId: { $in: [...groupIds] }, period });
}

/** Identifies an invoice and its account. */
export type InvoiceName = Pick<InvoiceDoc, '_id' | 'accountId' | 'billingGroupId'>;

/** Whether a group has a draft for a period that ends at an instant or before. */
export async function hasDraftEndingBy(accountId: string, billingGroupId: string, end: Date): Promise<boolean> {
  const draft = { accountId, billingGroupId, state: 'draft', periodEnd: { $lte: end } } as const;
  return (await Invoices.exists(draft)) !== null;
}

/** How many of an account's invoices for a period are frozen or issued. */
export async function countFrozen(accountId: string, period: Period): Promise<number> {
  return Invoices.countDocuments({ accountId, period, state: { $ne: 'estimate' } });
}

/** The frozen or issued invoices of a period and later ones; earliest first. */
export async function frozenFrom(
  accountId: string,
  period: Period,
): Promise<Pick<InvoiceDoc, '_id' | 'billingGroupId' | 'period'>[]> {
  return Invoices.find(
    { accountId, period: { $gte: period }, state: { $ne: 'estimate' } },
    { billingGroupId: 1, period: 1 },
  )
    .sort({ period: 1 })
    .lean();
}

/** The net of a group's invoice or estimate, and its breakdown. Only issued invoices have a number. */
export type GroupNet = Pick<InvoiceDoc, '_id' | 'billingGroupId' | 'net' | 'breakdown' | 'currency' | 'number'>;
const NET = { billingGroupId: 1, net: 1, breakdown: 1, currency: 1, number: 1 } as const;

/** The nets of the invoices and estimates of these groups for a period. */
export async function netsOfGroups(
  accountId: string,
  groupIds: readonly string[],
  period: Period,
): Promise<GroupNet[]> {
  return Invoices.find({ accountId, billingGroupId: { $in: [...groupIds] }, period }, NET).lean();
}

/** The same, but only for invoices with a number. */
export async function numberedNetsOfGroups(
  accountId: string,
  groupIds: readonly string[],
  period: Period,
): Promise<GroupNet[]> {
  return Invoices.find(
    { accountId, billingGroupId: { $in: [...groupIds] }, period, number: { $exists: true } },
    NET,
  ).lean();
}

/** The IDs of some groups' invoices and estimates for some periods. No query without groups. */
export async function invoiceIdsOfPeriods(
  accountId: string,
  groupIds: readonly string[],
  periods: readonly Period[],
): Promise<string[]> {
  if (groupIds.length === 0) return [];
  const of = { billingGroupId: { $in: [...groupIds] }, period: { $in: [...periods] } };
  return distinctValues(Invoices, '_id', { accountId, ...of });
}

/** The IDs of a group's invoices in a currency. */
export async function invoiceIdsOf(accountId: string, billingGroupId: string, currency: string): Promise<string[]> {
  return distinctValues(Invoices, '_id', { accountId, billingGroupId, currency });
}

/** A group's other due invoices in a currency that wait for the next card charge; oldest first. */
export async function waitingForCharge({
  _id,
  accountId,
  billingGroupId,
  currency,
}: InvoiceName & Pick<InvoiceDoc, 'currency'>): Promise<InvoiceDoc[]> {
  return Invoices.find({
    ...{ accountId, billingGroupId, currency, state: 'due' },
    ...{ _id: { $ne: _id }, 'life.notCharged': { $exists: true } },
  })
    .sort({ period: 1 })
    .lean();
}

function filterOf({ accountId, billingGroupId, sight }: SeenInvoicesOf) {
  return billingGroupId ? { billingGroupId, accountId } : { accountId, ...seenBy(sight) };
}

/** Whether a group has a frozen or issued invoice in a currency other than this one. */
export async function hasFrozenInOther(accountId: string, billingGroupId: string, currency: string): Promise<boolean> {
  const other = { accountId, billingGroupId, state: { $ne: 'estimate' }, currency: { $ne: currency } } as const;
  return (await Invoices.exists(other)) !== null;
}

/** The periods for which some groups have estimates, from a given one or all. */
export async function periodsWithEstimates(
  accountId: string,
  groupIds: readonly string[],
  from?: Period,
): Promise<Period[]> {
  return distinctValues<Period>(Invoices, 'period', {
    ...{ accountId, billingGroupId: { $in: [...groupIds] }, state: 'estimate' },
    ...(from !== undefined && { period: { $gte: from } }),
  });
}

/** What lists of groups show of an invoice or estimate. */
export type InvoiceOfGroup = Pick<InvoiceDoc, keyof typeof OF_GROUP | '_id'>;
const OF_GROUP = {
  ...TO_PAY,
  ...({ state: 1, net: 1, breakdown: 1, beforeCommitments: 1, computedAt: 1, heldBack: 1 } as const),
} as const;

/** The invoices and estimates of groups for some periods, and all that are to be paid, unordered. */
export async function invoicesOfGroups(
  accountId: string,
  groupIds: readonly string[],
  periods: readonly Period[],
): Promise<InvoiceOfGroup[]> {
  const shown = [{ period: { $in: [...periods] } }, { state: { $in: UNPAID_STATES } }];
  return Invoices.find({ accountId, billingGroupId: { $in: [...groupIds] }, $or: shown }, OF_GROUP).lean();
}

/** The whole invoices and estimates of groups for a period, unordered. */
export async function wholeInvoicesOfGroups(
  accountId: string,
  groupIds: readonly string[],
  period: Period,
): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, billingGroupId: { $in: [...groupIds] }, period }).lean();
}

/** A group's invoices and estimates for a period and later ones, earliest first. */
export async function invoicesSince(accountId: string, billingGroupId: string, period: Period): Promise<InvoiceDoc[]> {
  return Invoices.find({ accountId, billingGroupId, period: { $gte: period } })
    .sort({ period: 1 })
    .lean();
}

/** With more groups than this, all of the account's invoices for the period are read instead of those of each group. */
const FEW_GROUPS = 100;

/** The net of a group's invoice or estimate, and its net without commitment fees. */
export type NetSoFar = Pick<InvoiceDoc, 'billingGroupId' | 'net' | 'beforeCommitments'>;

/**
 * The nets of these groups in a period, as raw documents; if there are many groups, also those of the account's other
 * groups.
 */
export async function netsSoFar(
  accountId: string,
  groupIds: readonly string[],
  period: Period,
): Promise<RawDocs<NetSoFar>> {
  const few = groupIds.length > FEW_GROUPS ? {} : { billingGroupId: { $in: groupIds } };
  return findRaw<NetSoFar>(
    Invoices.collection,
    { accountId, ...few, period },
    { projection: { _id: 0, billingGroupId: 1, net: 1, 'beforeCommitments.net': 1 } },
  );
}

/** Whether an invoice or estimate of a period was calculated at an instant or later. */
export async function isAnyComputedSince(accountId: string, period: Period, instant: Date): Promise<boolean> {
  return (await Invoices.exists({ accountId, period, computedAt: { $gte: instant } })) !== null;
}
