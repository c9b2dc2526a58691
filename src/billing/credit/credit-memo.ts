import { currencyUnit, Decimal, product, roundTogether, sum, ZERO } from '../money/money.ts';
import { type TaxCategory, taxKey, taxOn } from '../tax/tax.ts';

/** An invoice line, as needed to calculate a credit memo. */
export interface MemoableLine {
  /** Its position on the invoice. */
  readonly place: number;
  readonly total: Decimal;
  /** The amount already credited by earlier memos. */
  readonly credited: Decimal;
  readonly taxCategory: TaxCategory;
  /** A percentage. */
  readonly taxRate: Decimal;
}

/** The invoice's tax for a category and rate, with the amount already credited by earlier memos. */
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

/** The figures of a credit memo. As in EN 16931, they are positive where the invoice's are positive. */
export interface MemoFigures {
  readonly lines: readonly MemoLine[];
  readonly taxes: readonly MemoTax[];
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
}

/**
 * Why a memo isn't possible. `most` is the highest amount for the line, for all lines with its tax rate, or for the
 * memo including tax. An invoice with a negative total can only be credited in full, and only while its balance has
 * money left.
 */
export type MemoFault =
  | { readonly kind: 'nothing_left' }
  | { readonly kind: 'line_above'; readonly place: number; readonly most: Decimal }
  | { readonly kind: 'rate_above'; readonly place: number; readonly most: Decimal }
  | { readonly kind: 'total_above'; readonly place: number; readonly most: Decimal }
  | { readonly kind: 'below_zero' }
  | { readonly kind: 'balance_used' };

/** What a memo credits: everything that is left of the invoice, or amounts of some of its lines. */
export type MemoWish = 'whole' | ReadonlyMap<number, Decimal>;

/**
 * Calculates a credit memo. A line is never credited for more than it charged, the lines of a tax rate for no more than
 * its tax base (which credits may have lowered below the sum of the lines), and the invoice for no more than its total
 * (which negative lines at another rate may have lowered). Tax is calculated on everything credited so far, rounded
 * half up, less the tax credited before. So once everything is credited, over any number of memos, the tax equals the
 * invoice's tax exactly, and it is never off by more than half a unit along the way.
 *
 * A negative total is the customer's money, kept as a balance (domain.md, Money 6). A memo takes back at most what is
 * left of the balance, in proportion from every line.
 *
 * @param currency ISO 4217, of all amounts
 * @param held what is left of the balance, for an invoice with a negative total
 */
export function memoFigures(
  lines: readonly MemoableLine[],
  taxes: readonly MemoableTax[],
  wish: MemoWish,
  currency: string,
  held: Decimal = ZERO,
): MemoFigures | MemoFault {
  const left = figuresOf(allOf(lines), taxes, currency);
  if (left.total.lt(0)) return wish === 'whole' ? takenBack(left, taxes, currency, held) : { kind: 'below_zero' };
  // lines that cancel each other leave nothing to refund
  if (wish === 'whole') return left.total.isZero() ? { kind: 'nothing_left' } : left;
  const chosen = someOf(lines, wish);
  if ('kind' in chosen) return chosen;
  const [first] = chosen;
  if (!first) return { kind: 'nothing_left' };
  const figures = figuresOf(chosen, taxes, currency);
  for (const { category, rate, base } of figures.taxes) {
    const key = taxKey({ category, rate });
    const most = leftOf(taxes.find((tax) => taxKey(tax) === key));
    const place = chosen.find((line) => keyOf(line) === key)?.place ?? first.place;
    if (base.gt(most)) return { kind: 'rate_above', place, most: Decimal.max(most, ZERO) };
  }
  if (figures.total.gt(left.total)) return { kind: 'total_above', place: first.place, most: left.total };
  return figures;
}

/** The figures for these line amounts, with their tax. */
function figuresOf(chosen: readonly MemoLine[], taxes: readonly MemoableTax[], currency: string): MemoFigures {
  const given = taxes.flatMap((tax): MemoTax[] => {
    const ofRate = chosen.filter((line) => keyOf(line) === taxKey(tax));
    if (ofRate.length === 0) return [];
    const base = sum(ofRate.map(({ amount }) => amount));
    const amount = base.equals(leftOf(tax))
      ? tax.amount.minus(tax.creditedAmount)
      : taxOn(tax.creditedBase.plus(base), tax.rate, currency).minus(tax.creditedAmount);
    return [{ category: tax.category, rate: tax.rate, reason: tax.reason, base, amount }];
  });
  const net = sum(chosen.map(({ amount }) => amount));
  const tax = sum(given.map(({ amount }) => amount));
  return { lines: chosen, taxes: given, net, tax, total: net.plus(tax) };
}

/**
 * Takes what is left of the balance of an invoice with a negative total from all its lines, in proportion. If rounded
 * tax makes the exact amount impossible, the memo is for the next smaller one, and the customer keeps a unit or two.
 */
function takenBack(
  left: MemoFigures,
  taxes: readonly MemoableTax[],
  currency: string,
  held: Decimal,
): MemoFigures | MemoFault {
  const owed = left.total.neg();
  if (held.gte(owed)) return left;
  const unit = currencyUnit(currency);
  for (let target = held; target.gt(0); target = target.minus(unit)) {
    const amounts = roundTogether(
      left.lines.map(({ amount }) => product(amount, target).div(owed)),
      currency,
    );
    const chosen = left.lines
      .map((line, at) => ({ ...line, amount: amounts[at] ?? ZERO }))
      .filter(({ amount }) => !amount.isZero());
    const figures = figuresOf(chosen, taxes, currency);
    if (figures.total.lt(0) && figures.total.neg().lte(held)) return figures;
  }
  return { kind: 'balance_used' };
}

function leftOf(tax: MemoableTax | undefined): Decimal {
  return tax ? tax.base.minus(tax.creditedBase) : ZERO;
}

/** What is left of each line, including negative ones. */
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
