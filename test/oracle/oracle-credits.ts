import { type Fraction, floor, fraction, over, read, times, total } from './fraction.ts';
import type { Line } from './oracle-lines.ts';
import { largestRemainders, smallest } from './oracle-rounding.ts';
import { taxKeyOf, taxShare, withTax } from './oracle-tax.ts';
import type { OracleCredit } from './oracle-types.ts';

/**
 * domain.md, Money 4: the largest amount with which neither the scope's lines nor the invoice fall below 0, before and
 * after tax. Spread in proportion to the scope's positive lines, over the tax rates and then within each, to the unit,
 * by largest remainder.
 */
export function usePromotional(
  credit: OracleCredit,
  lines: readonly Line[],
  left: bigint[],
  uses: Map<string, bigint>,
  scale: Fraction,
): void {
  const isMeant = (at: number) => credit.project === '' || credit.project === lines[at]?.project;
  const add = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
  const scope = add(left.filter((_, at) => isMeant(at)));
  const weights = left.map((one, at) => (isMeant(at) && one > 0n ? one : 0n));
  const most = smallest(floor(times(read(credit.remaining), scale)), scope, add(left));
  const isAllowed = (after: readonly bigint[]) =>
    withTax(lines, after, isMeant) >= 0n && withTax(lines, after, () => true) >= 0n;
  for (let amount = searchedFrom(lines, left, weights, isMeant, most); amount > 0n; amount -= 1n) {
    const shares = sharesOf(amount, lines, weights);
    const after = left.map((one, at) => one - (shares[at] ?? 0n));
    if (!isAllowed(after)) continue;
    for (const [at, one] of after.entries()) left[at] = one;
    uses.set(credit.id, amount);
    return;
  }
}

/** More than rounding can make out of an invoice of a few rates, in units. */
const MARGIN = 100n;

/** Where to begin the search: the exact limit, and what rounding can add to it. */
function searchedFrom(
  lines: readonly Line[],
  left: readonly bigint[],
  weights: readonly bigint[],
  isMeant: (at: number) => boolean,
  most: bigint,
): bigint {
  const gross = (amounts: readonly bigint[], counts: (at: number) => boolean) =>
    total(amounts.flatMap((amount, at) => (counts(at) ? [fraction(amount), taxShare(amount, lines[at])] : [])));
  const weight = weights.reduce((sum, one) => sum + one, 0n);
  if (weight === 0n) return 0n;
  const perUnit = over(
    gross(weights, () => true),
    fraction(weight),
  );
  const limit = (counts: (at: number) => boolean) => floor(over(gross(left, counts), perUnit)) + MARGIN;
  return smallest(
    most,
    limit(isMeant),
    limit(() => true),
  );
}

function sharesOf(amount: bigint, lines: readonly Line[], weights: readonly bigint[]): bigint[] {
  const keys = [...new Set(lines.map(({ tax }) => taxKeyOf(tax)))];
  const places = keys.map((key) => lines.flatMap(({ tax }, at) => (taxKeyOf(tax) === key ? [at] : [])));
  const spreadOver = (whole: bigint, over: readonly bigint[]) => {
    const weight = over.reduce((sum, one) => sum + one, 0n);
    return weight === 0n
      ? over.map(() => 0n)
      : largestRemainders(
          over.map((one) => fraction(one * whole, weight)),
          whole,
        );
  };
  const weightOf = (at: number) => weights[at] ?? 0n;
  const byRate = spreadOver(
    amount,
    places.map((own) => own.reduce((sum, at) => sum + weightOf(at), 0n)),
  );
  const shares = weights.map(() => 0n);
  for (const [at, own] of places.entries()) {
    const inRate = spreadOver(byRate[at] ?? 0n, own.map(weightOf));
    for (const [index, place] of own.entries()) shares[place] = inRate[index] ?? 0n;
  }
  return shares;
}

/** domain.md, Money 4: after tax; a project's credit in billing groups project alone. */
export function usePurchased(
  credits: readonly OracleCredit[],
  parts: Map<string, bigint>,
  whole: bigint,
  uses: Map<string, bigint>,
  scale: Fraction,
): bigint {
  let open = whole;
  for (const credit of inOrder(credits.filter(({ isPurchased }) => isPurchased))) {
    const scope = credit.project === '' ? open : (parts.get(credit.project) ?? 0n);
    const amount = smallest(floor(times(read(credit.remaining), scale)), scope, open);
    if (amount <= 0n) continue;
    if (credit.project !== '') parts.set(credit.project, scope - amount);
    open -= amount;
    uses.set(credit.id, amount);
  }
  return whole - open;
}

/** domain.md, Money 4: project-scoped, then the earliest to expire, then the oldest claim; then by ID (ours). */
export function inOrder(credits: readonly OracleCredit[]): OracleCredit[] {
  const never = Number.MAX_SAFE_INTEGER;
  const order = (one: OracleCredit) => [one.project === '' ? 1 : 0, one.expires ?? never, one.claimed];
  return [...credits].sort((a, b) => {
    const [one, other] = [order(a), order(b)];
    const at = one.findIndex((value, index) => value !== other[index]);
    return at < 0 ? (a.id < b.id ? -1 : 1) : (one[at] ?? 0) - (other[at] ?? 0);
  });
}
