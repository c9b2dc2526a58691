import { type Decimal, ZERO } from '../money/money.ts';
import { compare } from './line.ts';

/** A source's costs for a project, in one currency. */
export interface ProjectTotal {
  readonly projectId: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly records: number;
}

/** How a replacement changes a project's costs, in one currency. */
export interface ProjectChange {
  readonly projectId: string;
  readonly currency: string;
  readonly before: Decimal;
  readonly after: Decimal;
  readonly recordsBefore: number;
  readonly recordsAfter: number;
}

/** A currency's totals before and after. */
export interface Fall {
  readonly currency: string;
  readonly before: Decimal;
  readonly after: Decimal;
}

/**
 * How replacing a source's costs of a month changes each project: the largest decrease first, the largest increase
 * last. Linear in the number of projects.
 */
export function changesBetween(before: readonly ProjectTotal[], after: readonly ProjectTotal[]): ProjectChange[] {
  const pairs = new Map<string, { was?: ProjectTotal; is?: ProjectTotal }>();
  for (const was of before) pairs.set(keyOf(was), { was });
  for (const is of after) {
    const key = keyOf(is);
    pairs.set(key, { ...pairs.get(key), is });
  }
  const changes: ProjectChange[] = [];
  for (const { was, is } of pairs.values()) {
    const one = is ?? was;
    if (!one || (was && is && was.amount.equals(is.amount) && was.records === is.records)) continue;
    const { projectId, currency } = one;
    changes.push({
      ...{ projectId, currency },
      ...{ before: was?.amount ?? ZERO, after: is?.amount ?? ZERO },
      ...{ recordsBefore: was?.records ?? 0, recordsAfter: is?.records ?? 0 },
    });
  }
  return largestDecreaseFirst(changes);
}

/** Sorts the largest decrease first. */
export function largestDecreaseFirst(changes: readonly ProjectChange[]): ProjectChange[] {
  const ranked = changes.map((change) => ({ change, rise: change.after.minus(change.before) }));
  ranked.sort((a, b) => a.rise.comparedTo(b.rise) || compare(keyOf(a.change), keyOf(b.change)));
  return ranked.map(({ change }) => change);
}

/**
 * The currencies in which a month's costs would decrease by more than half of their size. That includes a total of 0
 * that falls at all, and refunds that grow by more than half.
 */
export function largeDecreases(before: readonly ProjectTotal[], after: readonly ProjectTotal[]): Fall[] {
  const now = sums(after);
  return [...sums(before)].flatMap(([currency, was]) => {
    const is = now.get(currency) ?? ZERO;
    return was.minus(is).greaterThan(was.abs().dividedBy(2)) ? [{ currency, before: was, after: is }] : [];
  });
}

function sums(totals: readonly ProjectTotal[]): Map<string, Decimal> {
  const byCurrency = new Map<string, Decimal>();
  for (const { currency, amount } of totals) byCurrency.set(currency, (byCurrency.get(currency) ?? ZERO).plus(amount));
  return byCurrency;
}

function keyOf(one: { readonly projectId: string; readonly currency: string }): string {
  return `${one.projectId} ${one.currency}`;
}
