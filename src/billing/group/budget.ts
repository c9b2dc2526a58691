import type { Breakdown } from '../invoice/breakdown.ts';
import { Decimal, sum } from '../money/money.ts';

/** At how much of a budget is warned, in per cent, unless it says otherwise (ours). */
export const DEFAULT_THRESHOLDS: readonly number[] = [50, 80, 100];
export const MOST_THRESHOLDS = 5;
export const MOST_PERCENT = 1_000;
const BAR_CELLS = 10;

/**
 * What a month counts in a budget (domain.md, Budgets): costs and adjustments, before credits and tax, since credits only
 * pay; and commitments once the month is closed. So the budgets of a group's projects add up to what its own counts, but
 * for what belongs to no project.
 */
export function budgetSpent({ costs, adjustments, commitments }: Breakdown, isClosed: boolean): Decimal {
  return sum([costs, adjustments, ...(isClosed ? [commitments] : [])]);
}

/** How much of a budget is spent, in whole per cent, cut: 99.9 % are not all of it. */
export function percentOf(spent: Decimal, amount: Decimal): number {
  return spent.lte(0) ? 0 : spent.times(100).div(amount).toDecimalPlaces(0, Decimal.ROUND_DOWN).toNumber();
}

/** The highest threshold that is reached and higher than what was told already; undefined when there is none. */
export function newlyPassed(
  { amount, thresholds }: { readonly amount: Decimal; readonly thresholds: readonly number[] },
  spent: Decimal,
  told: number,
): number | undefined {
  const reached = thresholds.filter((percent) => spent.gt(0) && spent.times(100).gte(amount.times(percent)));
  const highest = Math.max(0, ...reached);
  return highest > told ? highest : undefined;
}

/** Thresholds as they are kept: each once, in order. @returns undefined for what are none */
export function checkedThresholds(typed: readonly number[]): number[] | undefined {
  const all = [...new Set(typed)].sort((a, b) => a - b);
  const areFine = all.every((percent) => Number.isInteger(percent) && percent >= 1 && percent <= MOST_PERCENT);
  return areFine && all.length >= 1 && all.length <= MOST_THRESHOLDS ? all : undefined;
}

/** A bar of ten cells for the eye; what it means has to stand beside it in words. */
export function progressBar(percent: number): string {
  const full = Math.min(BAR_CELLS, Math.floor(percent / BAR_CELLS));
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}
