import type { Breakdown } from '../invoice/breakdown.ts';
import { Decimal, sum } from '../money/money.ts';

/** The default warning thresholds of a budget, in percent (our rule). */
export const DEFAULT_THRESHOLDS: readonly number[] = [50, 80, 100];
export const MOST_THRESHOLDS = 5;
export const MOST_PERCENT = 1_000;
const BAR_CELLS = 10;

/**
 * What counts towards a month's budget (domain.md, Budgets): costs and adjustments before credits and tax, since
 * credits are only a means of payment; and commitments once the month is closed. So the figures of a group's projects
 * add up to the group's, except for costs that belong to no project.
 */
export function budgetSpent({ costs, adjustments, commitments }: Breakdown, isClosed: boolean): Decimal {
  return sum([costs, adjustments, ...(isClosed ? [commitments] : [])]);
}

/** How much of a budget is spent, in whole percent, rounded down: 99.9% isn't all of it. */
export function percentOf(spent: Decimal, amount: Decimal): number {
  return spent.lte(0) ? 0 : spent.times(100).div(amount).toDecimalPlaces(0, Decimal.ROUND_DOWN).toNumber();
}

/** The highest threshold reached, if it is above the last one announced; undefined if there is none. */
export function newlyPassed(
  { amount, thresholds }: { readonly amount: Decimal; readonly thresholds: readonly number[] },
  spent: Decimal,
  told: number,
): number | undefined {
  const reached = thresholds.filter((percent) => spent.gt(0) && spent.times(100).gte(amount.times(percent)));
  const highest = Math.max(0, ...reached);
  return highest > told ? highest : undefined;
}

/** Thresholds as stored: sorted, without duplicates. @returns undefined if they aren't valid */
export function checkedThresholds(typed: readonly number[]): number[] | undefined {
  const all = [...new Set(typed)].sort((a, b) => a - b);
  const areFine = all.every((percent) => Number.isInteger(percent) && percent >= 1 && percent <= MOST_PERCENT);
  return areFine && all.length >= 1 && all.length <= MOST_THRESHOLDS ? all : undefined;
}

/** A progress bar of ten cells. Its meaning must also be given in words next to it. */
export function progressBar(percent: number): string {
  const full = Math.min(BAR_CELLS, Math.floor(percent / BAR_CELLS));
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}
