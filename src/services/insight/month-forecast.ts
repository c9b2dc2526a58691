import { lastCompleteDay } from '../../billing/insight/complete-days.ts';
import type { DayCost } from '../../billing/insight/daily-costs.ts';
import { type Forecast, forecastDays } from '../../billing/insight/forecast.ts';
import { Decimal, roundToMinor, sum, ZERO } from '../../billing/money/money.ts';
import { addDays, dayIn, daysFrom, lastDayBefore } from '../../billing/period/day.ts';
import { type Period, periodAt, shiftPeriod, spanOf } from '../../billing/period/period.ts';
import { type DayCell, dayCells, newestDays } from '../../store/costs/day-cells.ts';
import { budgetById } from '../../store/groups/budgets.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { isPartial, nameOfSubject, type Subject, scopeOf } from './subject.ts';

/** How many months before the open one are looked at. */
const MONTHS_BACK = 4;
/** At most this many days of them, which is what the forecast can use. */
const MOST_DAYS = 120;

/** An amount that is expected, rounded to its currency. */
export interface ExpectedCharge {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly amount: Decimal;
}

/** One currency’s costs in the open month. `soFar` and `rest` add up to the total. */
export interface CurrencyForecast {
  readonly currency: string;
  readonly method: Forecast['method'];
  /** Until the last complete day, exact and then rounded. */
  readonly soFar: Decimal;
  readonly rest: Decimal;
  readonly total: Decimal;
  /** In four of five cases the total is between these; null for a pace. */
  readonly band: { readonly low: Decimal; readonly high: Decimal } | null;
  readonly charges: readonly ExpectedCharge[];
  readonly lastMonth: Decimal;
  /** The subject’s budget in this currency, and the day on which it will be used up; null for no day in this month. */
  readonly budget: { readonly amount: Decimal; readonly usedUpOn: string | null } | null;
}

export interface MonthForecast {
  /** Null for the whole account. */
  readonly subject: string | null;
  readonly period: Period;
  /** Whether the person doesn't see all groups, so that the account's totals are only of those that they see. */
  readonly isPartial: boolean;
  /** The last day whose costs count as complete, YYYY-MM-DD; null without any costs. */
  readonly completeUntil: string | null;
  /** How many days of the month come after it. */
  readonly daysLeft: number;
  readonly currencies: readonly CurrencyForecast[];
}

/**
 * Forecasts the open month from daily usage, in the currencies of the cost files, before adjustments, credits and tax.
 * The newest day of each source may be incomplete, so the day before the earliest of them is the last that counts. At
 * most nine queries besides those of the admission. @throws {Refusal} `account_not_found`
 */
export async function forecastMonth(ctx: Ctx, accountId: string, subject: Subject): Promise<MonthForecast> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const { timeZone } = account;
  const today = dayIn(ctx.clock.now(), timeZone);
  const period = periodAt(ctx.clock.now(), timeZone);
  const [first, last] = [`${period}-01`, lastDayBefore(spanOf(period, timeZone).end, timeZone)];
  const days = {
    accountId,
    timeZone,
    hidden: sight.hidden,
    from: `${shiftPeriod(period, -MONTHS_BACK)}-01`,
    until: last,
  };
  const cells = await dayCells({ ...days, scope: scopeOf(subject) });
  const newest = await newestDays({ ...days, from: `${shiftPeriod(period, -1)}-01`, until: today });
  const completeUntil = lastCompleteDay(newest, new Set(cells.map(({ source }) => source)));
  const budget = await budgetOf(accountId, subject);
  const ahead = completeUntil === null ? [] : daysFrom(later(addDays(completeUntil, 1), first), last);
  return {
    ...{ subject: nameOfSubject(subject), period, completeUntil, daysLeft: ahead.length },
    isPartial: isPartial(subject, sight),
    currencies: [...new Set(cells.map(({ currency }) => currency))].sort().map((currency) => {
      const own = cells.filter((cell) => cell.currency === currency && cell.day <= (completeUntil ?? ''));
      const of = { currency, period, ahead, budget: budget?.currency === currency ? budget.amount : null };
      return forecastOf(own, completeUntil ?? '', of);
    }),
  };
}

interface About {
  readonly currency: string;
  readonly period: Period;
  readonly ahead: readonly string[];
  readonly budget: Decimal | null;
}

function forecastOf(cells: readonly DayCell[], until: string, about: About): CurrencyForecast {
  const { currency, period, ahead, budget } = about;
  const rounded = (amount: number | Decimal) => roundToMinor(new Decimal(amount), currency);
  const totalIn = (month: Period) =>
    rounded(sum(cells.map(({ day, amount }) => (day.startsWith(month) ? amount : ZERO))));
  const soFar = totalIn(period);
  const { method, rest, band, days, monthlyCharges } = forecastDays(seriesOf(cells, until), ahead);
  const more = rounded(rest);
  return {
    ...{ currency, method, soFar, rest: more, total: soFar.plus(more) },
    band: band && { low: soFar.plus(rounded(band.low)), high: soFar.plus(rounded(band.high)) },
    charges: monthlyCharges.map(({ day, amount }) => ({ day, amount: rounded(amount) })),
    lastMonth: totalIn(shiftPeriod(period, -1)),
    budget: budget && { amount: budget, usedUpOn: usedUpOn(budget, soFar, days) },
  };
}

/** Every day from the first with costs to the last complete one; days without costs are zero. */
function seriesOf(cells: readonly DayCell[], until: string): DayCost[] {
  const byDay = new Map<string, Decimal>();
  for (const { day, amount } of cells) byDay.set(day, sum([byDay.get(day) ?? ZERO, amount]));
  const [first] = [...byDay.keys()].sort();
  if (first === undefined) return [];
  return daysFrom(first, until)
    .slice(-MOST_DAYS)
    .map((day) => ({ day, amount: (byDay.get(day) ?? ZERO).toNumber() }));
}

/** The first day of the month on which the costs so far and those expected reach the budget. */
function usedUpOn(budget: Decimal, soFar: Decimal, days: readonly DayCost[]): string | null {
  if (soFar.gte(budget)) return null;
  let reached = soFar;
  for (const { day, amount } of days) {
    reached = reached.plus(amount);
    if (reached.gte(budget)) return day;
  }
  return null;
}

async function budgetOf(
  accountId: string,
  subject: Subject,
): Promise<{ readonly amount: Decimal; readonly currency: string } | undefined> {
  if (subject.kind === 'account') return undefined;
  const budget = await budgetById(accountId, subject.kind === 'group' ? subject.group._id : subject.project._id);
  return budget ? { amount: fromDecimal128(budget.amount), currency: budget.currency } : undefined;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
