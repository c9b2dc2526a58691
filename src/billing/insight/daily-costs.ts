/**
 * The costs of one calendar day in the account’s time zone, in one currency. A plain number: what is computed from it is
 * a statistic that is shown rounded, and no amount that anybody pays (docs/decisions/forecast.md).
 */
export interface DayCost {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly amount: number;
}

/** Fewer complete days than this say too little. */
export const LEAST_DAYS_KNOWN = 14;

const DAY_MS = 86_400_000;

/** 0 for Sunday to 6. */
export function weekdayOf(day: string): number {
  // 1 January 1970 was a Thursday
  return (dayNumber(day) + 4) % 7;
}

/** The day of its month, from 1. */
export function dayOfMonth(day: string): number {
  return Number(day.slice(8));
}

/** How many days its month has after it; 0 for the last. */
export function daysToMonthEnd(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0) / DAY_MS - dayNumber(day);
}

/** Days since 1 January 1970. */
function dayNumber(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8))) / DAY_MS;
}

/** The sum of some days. */
export function total(days: readonly DayCost[]): number {
  return days.reduce((sum, { amount }) => sum + amount, 0);
}

/** The middle value, or the mean of the two in the middle; 0 for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the others are, between neighbors in proportion; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return 0;
  return low + (high - low) * (place - Math.floor(place));
}

/** The median distance from the median. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}
