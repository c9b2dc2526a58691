import { type Decimal, roundTogether, sum, ZERO } from '../money/money.ts';

/** A part of a total. */
export interface Share {
  readonly name: string;
  readonly amount: Decimal;
}

/** A total in one currency and its parts, rounded to the currency so that they add up to it. */
export interface SharedTotal {
  readonly currency: string;
  readonly total: Decimal;
  readonly shares: readonly Share[];
}

/** Adds up amounts by currency and name. The shares are in the order of their names; those of zero are left out. */
export function sharedTotals(cells: readonly (Share & { readonly currency: string })[]): SharedTotal[] {
  const currencies = [...new Set(cells.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const sums = new Map<string, Decimal>();
    for (const one of cells)
      if (one.currency === currency) sums.set(one.name, sum([sums.get(one.name) ?? ZERO, one.amount]));
    const named = [...sums].filter(([, amount]) => !amount.isZero()).sort(([a], [b]) => (a < b ? -1 : 1));
    const rounded = roundTogether(
      named.map(([, amount]) => amount),
      currency,
    );
    const shares = named.map(([name], at) => ({ name, amount: rounded[at] ?? ZERO }));
    return { currency, total: sum(rounded), shares };
  });
}

/** The largest shares first, up or down. */
export function largestFirst(shares: readonly Share[]): Share[] {
  const sized = shares.map((share) => ({ share, size: share.amount.abs() }));
  return sized
    .sort((a, b) => b.size.comparedTo(a.size) || (a.share.name < b.share.name ? -1 : 1))
    .map(({ share }) => share);
}
