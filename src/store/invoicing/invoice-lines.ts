import type { LineType } from '../../billing/invoice/invoice.ts';
import type { TrailEntry } from '../../billing/invoice/trail-entry.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { ARE_COSTS, COST, InvoiceTrails, type LineDoc, Lines } from './invoices.ts';

// lines only contain their invoice's ID, so callers must have found the invoice in its account

/** Deletes an invoice's lines. */
export async function deleteLines(_tx: Tx, invoiceId: string): Promise<void> {
  await Lines.deleteMany({ invoiceId });
}

/** Stores lines with one call. */
export async function insertLines(_tx: Tx, lines: readonly Omit<LineDoc, '_id'>[]): Promise<void> {
  await Lines.insertMany(lines);
}

/** All lines of an invoice, in order. */
export async function linesOf(invoiceId: string): Promise<LineDoc[]> {
  return Lines.find({ invoiceId }).sort({ place: 1 }).lean();
}

/**
 * Streams an invoice's lines in order, optionally only those of one project by name. `batchSize` lines are fetched at
 * once.
 */
export function eachLineOf(
  invoiceId: string,
  { projectName, batchSize }: { readonly projectName?: string | undefined; readonly batchSize?: number } = {},
): AsyncIterable<LineDoc> {
  const filter = { invoiceId, ...(projectName !== undefined && { projectName }) };
  return Lines.find(filter)
    .sort({ place: 1 })
    .lean()
    .cursor(batchSize === undefined ? {} : { batchSize });
}

/** Some lines of an invoice after a position, in order. */
export async function linesAfter(invoiceId: string, place: number, limit: number): Promise<LineDoc[]> {
  return Lines.find({ invoiceId, place: { $gt: place } })
    .sort({ place: 1 })
    .limit(limit)
    .lean();
}

/** An invoice's line at a position. */
export async function lineAt(invoiceId: string, place: number): Promise<LineDoc | null> {
  return Lines.findOne({ invoiceId, place }).lean();
}

/** An invoice's lines at some positions, unordered. */
export async function linesAt(invoiceId: string, places: readonly number[]): Promise<LineDoc[]> {
  return Lines.find({ invoiceId, place: { $in: [...places] } }).lean();
}

/** An invoice's credit lines among those at some positions, unordered. */
export async function creditLinesAt(invoiceId: string, places: readonly number[]): Promise<LineDoc[]> {
  return Lines.find({ invoiceId, place: { $in: [...places] }, lineType: 'credit_consumption' }).lean();
}

/** The most expensive lines of an invoice. */
export async function largestLinesOf(invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ invoiceId }).sort({ total: -1, place: 1 }).limit(limit).lean();
}

/** The same, but only lines from usage records. */
export async function largestCosts(invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ invoiceId, ...ARE_COSTS })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}

/** The most expensive lines of any type with a positive total. */
export async function largestCharges(invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ invoiceId, total: { $gt: toDecimal128(ZERO) } })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}

/** The costs of projects in a period, line by line. */
export async function linesOfProjects(
  projectIds: readonly string[],
  period: Period,
): Promise<Pick<LineDoc, '_id' | 'projectId' | 'total' | 'currency'>[]> {
  return Lines.find({ projectId: { $in: [...projectIds] }, period }, { projectId: 1, total: 1, currency: 1 }).lean();
}

/** The total of one project's usage records in one currency. */
export interface ProjectCost {
  readonly projectId: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** The costs of projects in a period by currency, in currency order; optionally on one invoice only. */
export async function costsOfProjects(
  projectIds: readonly string[],
  period: Period,
  invoiceId?: string,
): Promise<ProjectCost[]> {
  const lines = { projectId: { $in: [...projectIds] }, period, ...(invoiceId !== undefined && { invoiceId }) };
  const rows = await Lines.aggregate<{ _id: { projectId: string; currency: string }; amount: Decimal128 }>([
    { $match: { ...lines, ...ARE_COSTS } },
    { $group: { _id: { projectId: '$projectId', currency: '$currency' }, amount: { $sum: COST } } },
    { $sort: { '_id.currency': 1 } },
  ]);
  return rows.map(({ _id, amount }) => ({ ..._id, amount: fromDecimal128(amount) }));
}

/** A project's costs for one service, period and currency. */
export interface ServiceCost {
  readonly service: string;
  readonly period: Period;
  readonly currency: string;
  readonly amount: Decimal;
}

/** A project's costs in the given periods by service, period and currency, unsorted. */
export async function serviceCostsOf(projectId: string, periods: readonly Period[]): Promise<ServiceCost[]> {
  const rows = await Lines.aggregate<{ _id: Omit<ServiceCost, 'amount'>; amount: Decimal128 }>([
    { $match: { projectId, period: { $in: [...periods] }, ...ARE_COSTS } },
    {
      $group: {
        _id: { service: '$serviceName', period: '$period', currency: '$currency' },
        amount: { $sum: COST },
      },
    },
  ]);
  return rows.map(({ _id, amount }) => ({ ..._id, amount: fromDecimal128(amount) }));
}

/** The totals of an invoice's lines by project. */
export async function totalsByProject(invoiceId: string): Promise<Map<string, Decimal>> {
  const sums = await Lines.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { invoiceId } },
    { $group: { _id: '$projectId', amount: { $sum: '$total' } } },
  ]);
  return new Map(sums.map(({ _id, amount }) => [_id, fromDecimal128(amount)]));
}

/** The total of one project's or one service's lines. */
export interface LineShare {
  readonly name: string;
  readonly label: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

const SHARE_KEYS = {
  project: { name: '$projectName', label: '$projectLabel', currency: '$currency' },
  service: { name: '$serviceName', label: null, currency: '$currency' },
} as const;

/** The totals of invoices' usage records by currency and project or service, largest first. */
export async function costShares(invoiceIds: readonly string[], by: keyof typeof SHARE_KEYS): Promise<LineShare[]> {
  const rows = await Lines.aggregate<{
    _id: { name: string; label?: string | null; currency: string };
    amount: Decimal128;
  }>([
    { $match: { invoiceId: { $in: [...invoiceIds] }, ...ARE_COSTS } },
    { $group: { _id: SHARE_KEYS[by], amount: { $sum: COST } } },
    { $sort: { amount: -1, '_id.name': 1 } },
  ]);
  return rows.map(({ _id, amount }) => ({
    name: _id.name,
    label: _id.label ?? null,
    currency: _id.currency,
    amount: fromDecimal128(amount),
  }));
}

/**
 * The total of an invoice's lines of one type, before and after discounts; `records` is 0 for types that aren't costs,
 * otherwise 1.
 */
export interface LinesTogether {
  readonly invoiceId: string;
  readonly lineType: LineType;
  readonly records: number;
  readonly preDiscount: Decimal;
  readonly total: Decimal;
}

/** The lines of invoices, added up by type. */
export async function linesByType(invoiceIds: readonly string[]): Promise<LinesTogether[]> {
  const key = { invoiceId: '$invoiceId', lineType: '$lineType', isCost: { $gt: ['$records', 0] } };
  const rows = await Lines.aggregate<{
    _id: { invoiceId: string; lineType: LineType; isCost: boolean };
    before: Decimal128;
    total: Decimal128;
  }>([
    { $match: { invoiceId: { $in: [...invoiceIds] } } },
    { $group: { _id: key, before: { $sum: COST }, total: { $sum: '$total' } } },
  ]);
  return rows.map(({ _id: { invoiceId, lineType, isCost }, before, total }) => ({
    ...{ invoiceId, lineType, records: Number(isCost) },
    ...{ preDiscount: fromDecimal128(before), total: fromDecimal128(total) },
  }));
}

/** The trail of an invoice's calculation; undefined for invoices from before trails were stored. */
export async function trailOf(invoiceId: string): Promise<readonly TrailEntry[] | undefined> {
  return (await InvoiceTrails.findById(invoiceId).lean())?.entries;
}

/** Stores the trail of an invoice's calculation, replacing the previous one. */
export async function replaceTrail(_tx: Tx, invoiceId: string, entries: readonly TrailEntry[]): Promise<void> {
  await InvoiceTrails.replaceOne({ _id: invoiceId }, { entries }, { upsert: true });
}
