import { type DayCost, LEAST_DAYS_KNOWN, median, quantile, spread, total, weekdayOf } from './daily-costs.ts';
import { chargesOn, weekdayShares, withoutMonthlyCharges } from './daily-pattern.ts';

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
export const LEAST_DAYS = LEAST_DAYS_KNOWN;
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

function modelOf(plain: readonly DayCost[]): Model {
  const shares = weekdayShares(plain.slice(-WEEKDAY_DAYS));
  // nothing can be divided by a weekday without costs
  const factors = shares.every((share) => share > 0) ? shares : shares.map(() => 1);
  return { levels: plain.map(({ day, amount }) => amount / (factors[weekdayOf(day)] ?? 1)), factors };
}

function predict(model: Model, levelDays: number, ahead: readonly string[]): DayCost[] {
  const level = median(model.levels.slice(-levelDays));
  return ahead.map((day) => ({ day, amount: level * (model.factors[weekdayOf(day)] ?? 1) }));
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
