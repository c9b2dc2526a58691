import { type Decimal, sum, ZERO } from './money.ts';
import { type TaxCategory, taxKey, taxOn } from './tax.ts';

/** A line of the invoice, as a credit memo sees it. */
export interface MemoableLine {
  /** Its place on the invoice. */
  readonly place: number;
  readonly total: Decimal;
  /** What earlier memos gave back of it. */
  readonly credited: Decimal;
  readonly taxCategory: TaxCategory;
  /** A percentage. */
  readonly taxRate: Decimal;
}

/** Tax of the invoice for a category and rate, with what earlier memos gave back. */
export interface MemoableTax {
  readonly category: TaxCategory;
  readonly rate: Decimal;
  readonly reason: string | null;
  readonly base: Decimal;
  readonly amount: Decimal;
  readonly creditedBase: Decimal;
  readonly creditedAmount: Decimal;
}

export interface MemoLine {
  readonly place: number;
  readonly amount: Decimal;
  readonly taxCategory: TaxCategory;
  readonly taxRate: Decimal;
}

export interface MemoTax {
  readonly category: TaxCategory;
  readonly rate: Decimal;
  readonly reason: string | null;
  readonly base: Decimal;
  readonly amount: Decimal;
}

/** The figures of a credit memo: positive where the invoice was, as EN 16931 has them for a credit note. */
export interface MemoFigures {
  readonly lines: readonly MemoLine[];
  readonly taxes: readonly MemoTax[];
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
}

/** Why a memo can't be made so; `most` is the highest amount for the line, or of all lines with its tax. */
export type MemoFault =
  | { readonly kind: 'nothing_left' }
  | { readonly kind: 'line_above'; readonly place: number; readonly most: Decimal }
  | { readonly kind: 'rate_above'; readonly place: number; readonly most: Decimal };

/** What a memo gives back: all that is left of the invoice, or amounts of some of its lines. */
export type MemoWish = 'whole' | ReadonlyMap<number, Decimal>;

/**
 * Works out a credit memo. A line never gives back more than it charged, nor all lines of a rate of tax more than its
 * base: credits may have lowered that below its lines. Tax is the tax on all that is given back so far, half up, less
 * what was given back before: so that it is the invoice's own to the cent once all of it is given back, over any number
 * of memos, and never off by more than half a unit on the way.
 *
 * @param currency ISO 4217, of all amounts
 */
export function memoFigures(
  lines: readonly MemoableLine[],
  taxes: readonly MemoableTax[],
  wish: MemoWish,
  currency: string,
): MemoFigures | MemoFault {
  const chosen = wish === 'whole' ? allOf(lines) : someOf(lines, wish);
  if ('kind' in chosen) return chosen;
  if (chosen.length === 0) return { kind: 'nothing_left' };
  const given: MemoTax[] = [];
  for (const tax of taxes) {
    const ofRate = chosen.filter((line) => keyOf(line) === taxKey(tax));
    if (ofRate.length === 0) continue;
    const base = sum(ofRate.map(({ amount }) => amount));
    const left = tax.base.minus(tax.creditedBase);
    // what is left of a base below zero can only be given back whole
    if (wish !== 'whole' && base.gt(left)) return { kind: 'rate_above', place: ofRate[0]?.place ?? 0, most: left };
    const amount = base.equals(left)
      ? tax.amount.minus(tax.creditedAmount)
      : taxOn(tax.creditedBase.plus(base), tax.rate, currency).minus(tax.creditedAmount);
    given.push({ category: tax.category, rate: tax.rate, reason: tax.reason, base, amount });
  }
  const net = sum(chosen.map(({ amount }) => amount));
  const tax = sum(given.map(({ amount }) => amount));
  return { lines: chosen, taxes: given, net, tax, total: net.plus(tax) };
}

/** What is left of each line, those below zero among them. */
function allOf(lines: readonly MemoableLine[]): MemoLine[] {
  return lines.map((line) => memoLine(line, line.total.minus(line.credited))).filter(({ amount }) => !amount.isZero());
}

function someOf(lines: readonly MemoableLine[], wish: ReadonlyMap<number, Decimal>): MemoLine[] | MemoFault {
  const chosen: MemoLine[] = [];
  for (const line of lines) {
    const amount = wish.get(line.place);
    if (amount === undefined || amount.isZero()) continue;
    const left = line.total.minus(line.credited);
    if (amount.isNegative() || amount.gt(left)) {
      return { kind: 'line_above', place: line.place, most: left.isNegative() ? ZERO : left };
    }
    chosen.push(memoLine(line, amount));
  }
  return chosen;
}

function memoLine({ place, taxCategory, taxRate }: MemoableLine, amount: Decimal): MemoLine {
  return { place, amount, taxCategory, taxRate };
}

function keyOf({ taxCategory, taxRate }: Pick<MemoLine, 'taxCategory' | 'taxRate'>): string {
  return taxKey({ category: taxCategory, rate: taxRate });
}
