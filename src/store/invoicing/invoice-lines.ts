import { ZERO } from '../../billing/money/money.ts';
import { toDecimal128 } from '../kit/decimal.ts';
import { inVersion, type LinesOf } from './current-lines.ts';
import { ARE_COSTS, type LineDoc, Lines } from './invoices.ts';

/** All lines of an invoice, in order. */
export async function linesOf(of: LinesOf): Promise<LineDoc[]> {
  return Lines.find(inVersion(of)).sort({ place: 1 }).lean();
}

/**
 * Streams an invoice's lines in order, optionally only those of one project by name. `batchSize` lines are fetched at
 * once.
 */
export function eachLineOf(
  of: LinesOf,
  { projectName, batchSize }: { readonly projectName?: string | undefined; readonly batchSize?: number } = {},
): AsyncIterable<LineDoc> {
  return Lines.find({ ...inVersion(of), ...(projectName !== undefined && { projectName }) })
    .sort({ place: 1 })
    .lean()
    .cursor(batchSize === undefined ? {} : { batchSize });
}

/** Some lines of an invoice after a position, in order. */
export async function linesAfter(of: LinesOf, place: number, limit: number): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), place: { $gt: place } })
    .sort({ place: 1 })
    .limit(limit)
    .lean();
}

/** An invoice's lines without usage records, up to a position, in order. */
export async function addedLinesUpTo(of: LinesOf, place: number): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), records: 0, place: { $lte: place } })
    .sort({ place: 1 })
    .lean();
}

/** An invoice's line at a position. */
export async function lineAt(of: LinesOf, place: number): Promise<LineDoc | null> {
  return Lines.findOne({ ...inVersion(of), place }).lean();
}

/** An invoice's lines at some positions, unordered. */
export async function linesAt(of: LinesOf, places: readonly number[]): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), place: { $in: [...places] } }).lean();
}

/** An invoice's credit lines among those at some positions, unordered. */
export async function creditLinesAt(of: LinesOf, places: readonly number[]): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), place: { $in: [...places] }, lineType: 'credit_consumption' }).lean();
}

/** The most expensive lines of an invoice. */
export async function largestLinesOf(of: LinesOf, limit: number): Promise<LineDoc[]> {
  return Lines.find(inVersion(of)).sort({ total: -1, place: 1 }).limit(limit).lean();
}

/** The same, but only lines from usage records. */
export async function largestCosts(of: LinesOf, limit: number): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), ...ARE_COSTS })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}

/** The most expensive lines of any type with a positive total. */
export async function largestCharges(of: LinesOf, limit: number): Promise<LineDoc[]> {
  return Lines.find({ ...inVersion(of), total: { $gt: toDecimal128(ZERO) } })
    .sort({ total: -1, place: 1 })
    .limit(limit)
    .lean();
}
