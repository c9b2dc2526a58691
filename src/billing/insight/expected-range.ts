import { type DayCost, LEAST_DAYS_KNOWN, median, spread, total, weekdayOf } from './daily-costs.ts';
import { chargesOn, weekdayShares, withoutMonthlyCharges } from './daily-pattern.ts';

/** What a day is expected to cost, in the currency of the days. */
export interface ExpectedRange {
  /** The usual amount: the highest and the lowest of the levels that are usual now. */
  readonly usual: { readonly low: number; readonly high: number };
  /** What costs have held for two days in a row lately. */
  readonly low: number;
  readonly high: number;
  /** What single days have cost lately, which is more. */
  readonly highest: number;
}

/** How far back levels and chance are looked for: eight of each weekday. */
const USUAL_DAYS = 56;
/** The level of these days is usual, too, so that a lasting change becomes usual after half of them. */
const RECENT_DAYS = 21;
/** The level around a day is the median of this many days before and after it. */
const AROUND_DAYS = 7;
/** What costs have done before, for two days in a row and on a single one, can be exceeded by this much. */
const LEEWAY_OF_TWO = 1.2;
const LEEWAY_OF_ONE = 1.6;
/** Of a normal distribution: its standard deviation in median distances. */
const DEVIATION_OF_SPREAD = 1.4826;
/** In standard deviations: what chance alone explains, for two days in a row and for a single one. */
const CHANCE_OF_TWO = 2.5;
const CHANCE_OF_ONE = 4;
/** A first cost is judged, and whether it is over. */
const LEAST_DAYS = 7;
/** With costs on fewer of the days since the first than this, they have to follow weekdays. */
const LEAST_OF_DAYS = 0.6;
/** They do with at least this many costs, on at least this share of the weekdays that have any. */
const LEAST_ON_WEEKDAYS = 6;
const LEAST_OF_WEEKDAYS = 0.75;
/** A weekday with less than this share of the level says nothing about the level. */
const LEAST_SHARE = 0.05;

/**
 * The range in which a day’s cost is expected, from the days before it. Levels are medians: of the same weekday in the
 * last eight weeks, and of all days of the last eight and three weeks, times the weekday’s share. The range around them
 * is as far as costs went from the level of their time in these weeks, and at least what chance alone explains. Charges
 * that come on the same day of each month may come or not.
 *
 * @param history days without gaps, oldest first, up to the day before
 * @param unusual days that were found to be unusual: they count for levels, but not for what costs usually do
 * @returns null with too little history, or where costs come on few of the days and don’t follow weekdays
 */
export function expectedRange(
  history: readonly DayCost[],
  day: string,
  unusual: ReadonlySet<string>,
): ExpectedRange | null {
  if (history.length < LEAST_DAYS_KNOWN || isLumpy(history.slice(-USUAL_DAYS))) return null;
  const { plain, ...monthly } = withoutMonthlyCharges(history);
  const lately = plain.slice(-USUAL_DAYS);
  const shares = weekdayShares(lately);
  const share = shares[weekdayOf(day)] ?? 1;
  const levels = levelsOf(lately, shares);
  const [recent, long] = [levels.slice(-RECENT_DAYS), levels].map((some) => median(some.map(({ amount }) => amount)));
  const sameWeekday = lately.filter((one) => weekdayOf(one.day) === weekdayOf(day)).map(({ amount }) => amount);
  const centers = [(recent ?? 0) * share, (long ?? 0) * share, median(sameWeekday)];
  const usual = { low: Math.min(...centers), high: Math.max(...centers) };
  // after a step, chance is as much larger as the level
  const grown = long !== undefined && long > 0 ? Math.max(1, (recent ?? 0) / long) : 1;
  const chance = chanceOf(levels, unusual);
  const scale = Math.max(share, LEAST_SHARE) * grown;
  const charge = total(chargesOn(monthly, [day]));
  return {
    usual: { low: usual.low, high: usual.high + charge },
    low: usual.low - chance.down * scale,
    high: usual.high + charge + chance.up * scale,
    highest: usual.high + charge + chance.upOnce * scale,
  };
}

/** Whether costs come in lumps without a rhythm, such as a bill for a week: no day says what another one costs. */
function isLumpy(days: readonly DayCost[]): boolean {
  const first = days.findIndex(({ amount }) => amount !== 0);
  if (first < 0) return false;
  const since = days.slice(first);
  const costly = since.filter(({ amount }) => amount !== 0);
  if (since.length < LEAST_DAYS || costly.length >= since.length * LEAST_OF_DAYS) return false;
  const weekdays = new Set(costly.map(({ day }) => weekdayOf(day)));
  const possible = since.filter(({ day }) => weekdays.has(weekdayOf(day))).length;
  return costly.length < LEAST_ON_WEEKDAYS || costly.length < possible * LEAST_OF_WEEKDAYS;
}

/** The days without the pattern of weekdays. Those that usually cost nothing are left out. */
function levelsOf(days: readonly DayCost[], shares: readonly number[]): DayCost[] {
  return days.flatMap(({ day, amount }) => {
    const share = shares[weekdayOf(day)] ?? 1;
    return share < LEAST_SHARE ? [] : [{ day, amount: amount / share }];
  });
}

/** How far costs went from the level of their time. */
interface Chance {
  /** For two days in a row. */
  readonly up: number;
  readonly down: number;
  readonly upOnce: number;
}

function chanceOf(levels: readonly DayCost[], unusual: ReadonlySet<string>): Chance {
  const usual = levels.map(({ day, amount }) => (unusual.has(day) ? undefined : amount));
  const overs = usual.map((amount, at) => {
    if (amount === undefined) return 0;
    const around = usual.slice(Math.max(at - AROUND_DAYS, 0), at + AROUND_DAYS + 1);
    return amount - median(around.filter((one) => one !== undefined));
  });
  const deviation = DEVIATION_OF_SPREAD * spread(overs);
  const pairs = overs.slice(1).map((over, at) => [overs[at] ?? 0, over] as const);
  const held = Math.max(0, ...pairs.map((pair) => Math.min(...pair)));
  const heldDown = Math.max(0, ...pairs.map((pair) => -Math.max(...pair)));
  return {
    up: Math.max(held * LEEWAY_OF_TWO, deviation * CHANCE_OF_TWO),
    down: Math.max(heldDown * LEEWAY_OF_TWO, deviation * CHANCE_OF_TWO),
    upOnce: Math.max(Math.max(0, ...overs) * LEEWAY_OF_ONE, deviation * CHANCE_OF_ONE),
  };
}
