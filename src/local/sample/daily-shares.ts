import { dayOfMonth, daysToMonthEnd, weekdayOf } from '../../billing/insight/daily-costs.ts';
import { Decimal } from '../../billing/money/money.ts';
import { addDays, daysFrom } from '../../billing/period/day.ts';
import { nextPeriod, type Period } from '../../billing/period/period.ts';
import type { Exception, PlannedService } from './plan.ts';

/** A part of a month's costs of a service that is charged on a day, or on some days together. */
export interface DayShare {
  /** YYYY-MM-DD */
  readonly day: string;
  /** The last of them, if it isn't the same. */
  readonly until?: string;
  readonly amount: Decimal;
  /** For a charge that comes once a month: what it is for. */
  readonly description?: string;
}

/** How busy weekdays are, from Sunday. */
const WEEK = [0.8, 1.04, 1.07, 1.06, 1.05, 1.03, 0.87] as const;
/** These are there whether anybody works or not. */
const STEADY = ['Storage', 'Databases', 'Management and Governance'] as const;
/** No two days are alike, by this much. */
const RANDOM = 0.05;
const DECIMALS = 6;

/** Splits a month's costs of a service by day. The days add up to them. */
export function dayShares(
  month: Period,
  service: PlannedService,
  { total, peak, seed }: { readonly total: Decimal; readonly peak: Exception | undefined; readonly seed: number },
): DayShare[] {
  const days = daysFrom(`${month}-01`, addDays(`${nextPeriod(month)}-01`, -1));
  const { monthly } = service;
  const charge = total.times(monthly?.share ?? 0).toDecimalPlaces(DECIMALS);
  const isSteady = STEADY.some((category) => category === service.category);
  const weights = days.map((day, at) => weightOf(day, isSteady, noise(seed, at)) * timesOn(day, peak));
  const usage = spread(total.minus(charge), weights).map((amount, at): DayShare => ({ day: days[at] ?? '', amount }));
  const isCharged = monthly?.on === 'first day' ? dayOfMonth : daysAfter;
  const [charged] = days.filter((day) => isCharged(day) === 1);
  if (!monthly || charged === undefined) return usage;
  return [...usage, { day: charged, amount: charge, description: monthly.description }];
}

/** The same in four parts: a file of fewer rows, for months whose days nobody looks at. */
export function weekShares(shares: readonly DayShare[]): DayShare[] {
  const weeks = new Map<number, DayShare>();
  for (const { day, amount } of shares) {
    const week = Math.min(Math.floor((dayOfMonth(day) - 1) / 7), 3);
    const before = weeks.get(week) ?? { day, amount: new Decimal(0) };
    const until = [before.until ?? before.day, day].sort().at(-1) ?? day;
    weeks.set(week, { ...before, until, amount: before.amount.plus(amount) });
  }
  return [...weeks.values()];
}

/** The last day is 1. */
function daysAfter(day: string): number {
  return daysToMonthEnd(day) + 1;
}

function weightOf(day: string, isSteady: boolean, random: number): number {
  const weekday = isSteady ? 1 : (WEEK[weekdayOf(day)] ?? 1);
  return weekday * (1 + RANDOM * random);
}

/** What is unusual in a month is so on some of its days, so that the others cost what they usually do. */
function timesOn(day: string, peak: Exception | undefined): number {
  if (!peak?.times || !peak.days) return 1;
  const count = peak.days.until - peak.days.from + 1;
  const isPeak = dayOfMonth(day) >= peak.days.from && dayOfMonth(day) <= peak.days.until;
  return isPeak ? 1 + ((Number(peak.times) - 1) * (dayOfMonth(day) + daysToMonthEnd(day))) / count : 1;
}

/** Between -1 and 1, and always the same for the same day. */
function noise(seed: number, at: number): number {
  const wave = Math.sin(seed * 12.9898 + at * 78.233) * 43_758.5453;
  return 2 * (wave - Math.floor(wave)) - 1;
}

/** In proportion to weights, rounded so that the parts add up. */
function spread(total: Decimal, weights: readonly number[]): Decimal[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let weighed = 0;
  let given = new Decimal(0);
  return weights.map((weight) => {
    weighed += weight;
    const until = total.times(Math.min(weighed / all, 1)).toDecimalPlaces(DECIMALS);
    const amount = until.minus(given);
    given = until;
    return amount;
  });
}
