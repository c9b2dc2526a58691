import { type DayCost, dayOfMonth, daysToMonthEnd, median, quantile, spread, total, weekdayOf } from './daily-costs.ts';

/** What the rest of a month is likely to cost, in the currency of the days. */
export interface Forecast {
  /**
   * `model`: level, weekdays and monthly charges. `pace`: too few days are known, so the days that are left cost as much
   * as those before did on average.
   */
  readonly method: 'model' | 'pace';
  readonly rest: number;
  /** The same by day. */
  readonly days: readonly DayCost[];
  /** In four of five cases the rest is between these; null for a pace. */
  readonly band: { readonly low: number; readonly high: number } | null;
  /** Charges of the same day of each month that are still to come. */
  readonly monthlyCharges: readonly DayCost[];
  /** Whether costs differ by weekday enough to count. */
  readonly hasWeekdays: boolean;
}

/** Fewer complete days than this only have a pace. */
export const LEAST_DAYS = 14;
/** How far back the pattern of weekdays is looked for. */
const WEEKDAY_DAYS = 56;
/** Days of the levels that compete; the one that would have been nearest lately is used. */
const LEVEL_DAYS = [5, 10, 21] as const;
/** How many earlier days forecasts are tried from. */
const MOST_TRIALS = 45;
const LEAST_TRIALS = 8;
/** The shares of earlier errors that the band leaves out on each side. */
const OUTSIDE = 0.08;
/** The days whose distances from each other are taken for chance. */
const CHANCE_DAYS = 28;
/** Of a normal distribution: its standard deviation in median distances, and the deviations that hold 80 % of it. */
const DEVIATION_OF_SPREAD = 1.4826;
const FOUR_OF_FIVE = 1.2816;
/** A charge is monthly if it stands out by this many times the usual distance, and by this share of the level. */
const STANDS_OUT = 5;
const STANDS_OUT_SHARE = 0.5;

/**
 * Forecasts the costs of days to come from daily costs. Robust: medians, so that single spikes and refunds count little.
 *
 * 1. Charges that stand out on the same day of the month, or as many days before its end, in two months, are taken out
 *    and expected again.
 * 2. Weekdays have factors, the medians of the last eight weeks, if they explain a good part of what is left.
 * 3. The level is the median of the last days without both, over 5, 10 or 21 days, whichever would have been nearest
 *    when trying it from each of the last weeks.
 * 4. The band comes from the errors of those trials.
 *
 * @param history complete days without gaps, oldest first
 * @param ahead the days to come, in order
 */
export function forecastDays(history: readonly DayCost[], ahead: readonly string[]): Forecast {
  if (history.length < LEAST_DAYS) return paceOf(history, ahead);
  const { plain, ...charges } = withoutMonthlyCharges(history);
  const trials = trialsOf(plain, ahead.length);
  const best = bestLevel(trials);
  const model = modelOf(plain);
  const usual = predict(model, best, ahead);
  const rest = total(usual);
  const { low, high } = bandOf(rest, trials, best, { model, days: ahead.length });
  const monthlyCharges = chargesOn(charges, ahead);
  const more = total(monthlyCharges);
  const chargeOn = (day: string) => total(monthlyCharges.filter((charge) => charge.day === day));
  return {
    method: 'model',
    rest: rest + more,
    days: usual.map(({ day, amount }) => ({ day, amount: amount + chargeOn(day) })),
    band: { low: low + more, high: high + more },
    monthlyCharges,
    hasWeekdays: model.factors.some((factor) => factor !== 1),
  };
}

function paceOf(history: readonly DayCost[], ahead: readonly string[]): Forecast {
  const mean = history.length === 0 ? 0 : total(history) / history.length;
  const days = ahead.map((day) => ({ day, amount: mean }));
  return { method: 'pace', rest: mean * ahead.length, days, band: null, monthlyCharges: [], hasWeekdays: false };
}

interface Model {
  /** What days cost without monthly charges and the pattern of weekdays, oldest first. */
  readonly levels: readonly number[];
  /** By weekday; all are 1 if weekdays explain little. */
  readonly factors: readonly number[];
}

/** Monthly charges by day of the month, and by days before its end. */
interface MonthlyCharges {
  readonly fromBegin: ReadonlyMap<number, number>;
  readonly fromEnd: ReadonlyMap<number, number>;
}

function modelOf(plain: readonly DayCost[]): Model {
  const factors = weekdayFactors(plain.slice(-WEEKDAY_DAYS));
  return { levels: plain.map(({ day, amount }) => amount / (factors[weekdayOf(day)] ?? 1)), factors };
}

function predict(model: Model, levelDays: number, ahead: readonly string[]): DayCost[] {
  const level = median(model.levels.slice(-levelDays));
  return ahead.map((day) => ({ day, amount: level * (model.factors[weekdayOf(day)] ?? 1) }));
}

function chargesOn({ fromBegin, fromEnd }: MonthlyCharges, days: readonly string[]): DayCost[] {
  return days.flatMap((day) => {
    const amount = fromBegin.get(dayOfMonth(day)) ?? fromEnd.get(daysToMonthEnd(day));
    return amount === undefined ? [] : [{ day, amount }];
  });
}

/** The days without what stands out on the same day of several months. */
function withoutMonthlyCharges(history: readonly DayCost[]): MonthlyCharges & { readonly plain: readonly DayCost[] } {
  const usual = history.map(({ day }, at) => usualOf(history, at, day));
  const overs = history.map(({ amount }, at) => amount - (usual[at] ?? 0));
  const scale = spread(overs) * STANDS_OUT;
  const out = history.map((_, at) => {
    const [over, base] = [overs[at] ?? 0, Math.abs(usual[at] ?? 0)];
    return over > scale && over > base * STANDS_OUT_SHARE;
  });
  const seen = history.flatMap(({ day }, at) => (out[at] ? [{ day, amount: overs[at] ?? 0 }] : []));
  const last = history.at(-1)?.day ?? '';
  const fromBegin = recurring(seen, history, last, dayOfMonth);
  const fromEnd = recurring(
    seen.filter(({ day }) => !fromBegin.has(dayOfMonth(day))),
    history,
    last,
    daysToMonthEnd,
  );
  const isMonthly = (day: string) => fromBegin.has(dayOfMonth(day)) || fromEnd.has(daysToMonthEnd(day));
  const plain = history.map(({ day, amount }, at) => ({
    day,
    amount: isMonthly(day) && out[at] ? (usual[at] ?? 0) : amount,
  }));
  return { plain, fromBegin, fromEnd };
}

/** The median of the same weekday in the four weeks around a day, or of all days where there are too few. */
function usualOf(history: readonly DayCost[], at: number, day: string): number {
  const same = [-28, -21, -14, -7, 7, 14, 21, 28].flatMap((days) => history[at + days]?.amount ?? []);
  if (same.length >= 3) return median(same);
  return median(history.filter((one) => one.day !== day).map(({ amount }) => amount));
}

/** The places in a month at which something stood out in at least two months, and in every month since. */
function recurring(
  seen: readonly DayCost[],
  history: readonly DayCost[],
  last: string,
  placeOf: (day: string) => number,
): Map<number, number> {
  const places = new Map<number, DayCost[]>();
  for (const one of seen) places.set(placeOf(one.day), [...(places.get(placeOf(one.day)) ?? []), one]);
  const found = new Map<number, number>();
  for (const [place, charges] of places) {
    const latest = charges.at(-1)?.day ?? '';
    const since = history.filter(({ day }) => day > latest && day <= last && placeOf(day) === place);
    if (charges.length >= 2 && since.length === 0)
      found.set(place, median(charges.slice(-3).map(({ amount }) => amount)));
  }
  return found;
}

/** How much each weekday costs of the level around it, or 1 for all if that explains little. */
function weekdayFactors(days: readonly DayCost[]): number[] {
  const none = Array.from({ length: 7 }, () => 1);
  const ratios = days.flatMap(({ day, amount }, at) => {
    const week = days.slice(Math.max(at - 3, 0), at + 4);
    const level = week.reduce((sum, one) => sum + one.amount, 0) / week.length;
    return week.length === 7 && level > 0 ? [{ weekday: weekdayOf(day), ratio: amount / level }] : [];
  });
  if (ratios.length < 2 * 7) return none;
  const factors = none.map((_, weekday) => median(ratios.flatMap((one) => (one.weekday === weekday ? one.ratio : []))));
  if (factors.some((factor) => factor <= 0)) return none;
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / 7;
  const even = factors.map((factor) => factor / mean);
  const distance = (of: (weekday: number) => number) =>
    ratios.reduce((sum, { weekday, ratio }) => sum + Math.abs(ratio - of(weekday)), 0);
  return distance((weekday) => even[weekday] ?? 1) < distance(() => 1) * 0.75 ? even : none;
}

/** What a number of days would have been forecast to cost from an earlier day, by level, and what they did cost. */
interface Trial {
  readonly predicted: ReadonlyMap<number, number>;
  readonly actual: number;
}

function trialsOf(plain: readonly DayCost[], ahead: number): Trial[] {
  const trials: Trial[] = [];
  for (let at = plain.length - Math.max(ahead, 1); at >= LEAST_DAYS && trials.length < MOST_TRIALS; at--) {
    const days = plain.slice(at, at + ahead);
    const model = modelOf(plain.slice(0, at));
    const names = days.map(({ day }) => day);
    trials.push({
      predicted: new Map(LEVEL_DAYS.map((level) => [level, total(predict(model, level, names))])),
      actual: total(days),
    });
  }
  return trials;
}

/** The level whose trials were nearest. Recent trials count more: half as much every ten days. */
function bestLevel(trials: readonly Trial[]): number {
  const errorOf = (level: number) =>
    trials.reduce(
      (sum, { predicted, actual }, age) => sum + Math.abs(actual - (predicted.get(level) ?? 0)) * 0.5 ** (age / 10),
      0,
    );
  return LEVEL_DAYS.reduce((best, level) => (errorOf(level) < errorOf(best) ? level : best), LEVEL_DAYS[1]);
}

/** At least what chance alone explains, and what the trials of the same level show. */
function bandOf(
  rest: number,
  trials: readonly Trial[],
  level: number,
  { model, days }: { readonly model: Model; readonly days: number },
): { readonly low: number; readonly high: number } {
  const errors = trials.flatMap(({ predicted, actual }) => {
    const of = predicted.get(level) ?? 0;
    return of > 0 && rest > 0 ? [((actual - of) / of) * rest] : [];
  });
  const least = chanceOf(model, level, days);
  const isTried = errors.length >= LEAST_TRIALS;
  return {
    low: rest + Math.min(isTried ? quantile(errors, OUTSIDE) : 0, -least),
    high: rest + Math.max(isTried ? quantile(errors, 1 - OUTSIDE) : 0, least),
  };
}

/**
 * How far the sum of some days is off in four of five cases if each day is off by chance alone, and so is the level,
 * which is the median of a few of them (its variance is 1.57 times that of their mean).
 */
function chanceOf({ levels }: Model, level: number, days: number): number {
  const deviation = DEVIATION_OF_SPREAD * spread(levels.slice(-CHANCE_DAYS));
  return FOUR_OF_FIVE * deviation * Math.sqrt(days + (1.57 * days ** 2) / level);
}
