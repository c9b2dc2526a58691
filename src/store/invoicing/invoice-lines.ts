import type { PipelineStage } from 'mongoose';
import type { LineType } from '../../billing/invoice/invoice.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { ARE_COSTS, COST, type LineDoc, Lines } from './invoices.ts';

/** A line to be stored. */
export type NewLine = Required<Omit<LineDoc, '_id'>>;

/** Deletes the lines of invoices after a place, by invoice. */
export async function deleteLinesAfter(_tx: Tx, accountId: string, places: ReadonlyMap<string, number>): Promise<void> {
  if (places.size === 0) return;
  const dropped = [...places].map(([invoiceId, place]) => ({ invoiceId, place: { $gt: place } }));
  await Lines.deleteMany({ accountId, $or: dropped });
}

/** Replaces stored lines, by invoice and place, with one call. */
export async function updateLines(_tx: Tx, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return;
  await Lines.bulkWrite(
    lines.map(({ accountId, invoiceId, place, ...line }) => ({
      updateOne: { filter: { accountId, invoiceId, place }, update: { $set: line } },
    })),
  );
}

/** Stores lines with one call. */
export async function insertLines(_tx: Tx, lines: readonly NewLine[]): Promise<void> {
  await Lines.insertMany(lines, { lean: true });
}

/** All lines of an invoice, in order. */
export async function linesOf(accountId: string, invoiceId: string): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId }).sort({ place: 1 }).lean();
}

/**
 * Streams an invoice's lines in order, optionally only those of one project by name. `batchSize` lines are fetched at
 * once.
 */
export function eachLineOf(
  accountId: string,
  invoiceId: string,
  { projectName, batchSize }: { readonly projectName?: string | undefined; readonly batchSize?: number } = {},
): AsyncIterable<LineDoc> {
  const filter = { accountId, invoiceId, ...(projectName !== undefined && { projectName }) };
  return Lines.find(filter)
    .sort({ place: 1 })
    .lean()
    .cursor(batchSize === undefined ? {} : { batchSize });
}

/** Some lines of an invoice after a position, in order. */
export async function linesAfter(
  accountId: string,
  invoiceId: string,
  place: number,
  limit: number,
): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, place: { $gt: place } })
    .sort({ place: 1 })
    .limit(limit)
    .lean();
}

/** An invoice's lines without usage records, up to a position, in order. */
export async function addedLinesUpTo(accountId: string, invoiceId: string, place: number): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, records: 0, place: { $lte: place } })
    .sort({ place: 1 })
    .lean();
}

/** An invoice's line at a position. */
export async function lineAt(accountId: string, invoiceId: string, place: number): Promise<LineDoc | null> {
  return Lines.findOne({ accountId, invoiceId, place }).lean();
}

/** An invoice's lines at some positions, unordered. */
export async function linesAt(accountId: string, invoiceId: string, places: readonly number[]): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, place: { $in: [...places] } }).lean();
}

/** An invoice's credit lines among those at some positions, unordered. */
export async function creditLinesAt(
  accountId: string,
  invoiceId: string,
  places: readonly number[],
): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, place: { $in: [...places] }, lineType: 'credit_consumption' }).lean();
}

/** The most expensive lines of an invoice. */
export async function largestLinesOf(accountId: string, invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId }).sort({ total: -1, place: 1 }).limit(limit).lean();
}

/** The same, but only lines from usage records. */
export async function largestCosts(accountId: string, invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, ...ARE_COSTS })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}

/** The most expensive lines of any type with a positive total. */
export async function largestCharges(accountId: string, invoiceId: string, limit: number): Promise<LineDoc[]> {
  return Lines.find({ accountId, invoiceId, total: { $gt: toDecimal128(ZERO) } })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}

/** The costs of projects in a period, line by line. */
export async function linesOfProjects(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
): Promise<Pick<LineDoc, '_id' | 'projectId' | 'total' | 'currency'>[]> {
  return Lines.find(
    { accountId, projectId: { $in: [...projectIds] }, period },
    { projectId: 1, total: 1, currency: 1 },
  ).lean();
}

/** The total of one project's usage records in one currency. */
export interface ProjectCost {
  readonly projectId: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** Which invoices costs are taken from: only one, or all but those of groups that the reader doesn't see. */
export type CostSource = { readonly invoiceId: string } | { readonly hiddenInvoiceIds: readonly string[] };

function fromSource(source: CostSource) {
  if ('invoiceId' in source) return source;
  return source.hiddenInvoiceIds.length === 0 ? {} : { invoiceId: { $nin: [...source.hiddenInvoiceIds] } };
}

/** The costs of projects in a period by currency, in currency order. */
export async function costsOfProjects(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
  source: CostSource,
): Promise<ProjectCost[]> {
  const lines = { accountId, projectId: { $in: [...projectIds] }, period, ...fromSource(source) };
  const rows = await Lines.aggregate<{ _id: { projectId: string; currency: string }; amount: Decimal128 }>([
    { $match: { ...lines, ...ARE_COSTS } },
    { $group: { _id: { projectId: '$projectId', currency: '$currency' }, amount: { $sum: COST } } },
    { $sort: { '_id.currency': 1 } },
  ]);
  return rows.map(({ _id, amount }) => ({ ..._id, amount: fromDecimal128(amount) }));
}

/** The costs of projects in a period by service and currency, largest first. */
export async function costsOfServices(
  accountId: string,
  projectIds: readonly string[],
  period: Period,
  source: CostSource,
): Promise<LineShare[]> {
  return shares({ accountId, projectId: { $in: [...projectIds] }, period, ...fromSource(source) }, 'service');
}

/** A project's costs for one service, period and currency. */
export interface ServiceCost {
  readonly service: string;
  readonly period: Period;
  readonly currency: string;
  readonly amount: Decimal;
}

/** A project's costs in the given periods by service, period and currency, unsorted. */
export async function serviceCostsOf(
  accountId: string,
  projectId: string,
  periods: readonly Period[],
  source: CostSource,
): Promise<ServiceCost[]> {
  const rows = await Lines.aggregate<{ _id: Omit<ServiceCost, 'amount'>; amount: Decimal128 }>([
    { $match: { accountId, projectId, period: { $in: [...periods] }, ...fromSource(source), ...ARE_COSTS } },
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
export async function totalsByProject(accountId: string, invoiceId: string): Promise<Map<string, Decimal>> {
  const sums = await Lines.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { accountId, invoiceId } },
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
export async function costShares(
  accountId: string,
  invoiceIds: readonly string[],
  by: keyof typeof SHARE_KEYS,
): Promise<LineShare[]> {
  return shares({ accountId, invoiceId: { $in: [...invoiceIds] } }, by);
}

async function shares(lines: PipelineStage.Match['$match'], by: keyof typeof SHARE_KEYS): Promise<LineShare[]> {
  const rows = await Lines.aggregate<{
    _id: { name: string; label?: string | null; currency: string };
    amount: Decimal128;
  }>([
    { $match: { ...lines, ...ARE_COSTS } },
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
export async function linesByType(accountId: string, invoiceIds: readonly string[]): Promise<LinesTogether[]> {
  const key = { invoiceId: '$invoiceId', lineType: '$lineType', isCost: { $gt: ['$records', 0] } };
  const rows = await Lines.aggregate<{
    _id: { invoiceId: string; lineType: LineType; isCost: boolean };
    before: Decimal128;
    total: Decimal128;
  }>([
    { $match: { accountId, invoiceId: { $in: [...invoiceIds] } } },
    { $group: { _id: key, before: { $sum: COST }, total: { $sum: '$total' } } },
  ]);
  return rows.map(({ _id: { invoiceId, lineType, isCost }, before, total }) => ({
    ...{ invoiceId, lineType, records: Number(isCost) },
    ...{ preDiscount: fromDecimal128(before), total: fromDecimal128(total) },
  }));
}
