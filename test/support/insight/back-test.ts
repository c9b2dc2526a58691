import { median, total } from '../../../src/billing/insight/daily-costs.ts';
import { forecastDays } from '../../../src/billing/insight/forecast.ts';
import { addDays } from '../../../src/billing/period/day.ts';
import { SHAPES, type Shape, seriesOf } from './series.ts';

/** How far forecasts at the middle of a month were from its total, as shares of it. */
export interface BackTest {
  readonly series: number;
  readonly error: number;
  /** The share of totals within the band. */
  readonly inBand: number;
  /** The same errors of the month’s pace so far, and of last month’s total. */
  readonly paceError: number;
  readonly lastMonthError: number;
  readonly byShape: ReadonlyMap<Shape, { readonly error: number; readonly inBand: number }>;
}

const FIRST = '2026-03-01';
/** March to August, of which August is forecast from the 15th with data until the 13th, as data is late. */
const DAYS = 184;
const MONTH = '2026-08';
const KNOWN_UNTIL = '2026-08-13';
const LAST = '2026-08-31';

/** Tries the forecast on generated projects of every shape. */
export function backTest(seeds: number): BackTest {
  const all = SHAPES.flatMap((shape) => Array.from({ length: seeds }, (_, seed) => ({ shape, ...trial(shape, seed) })));
  const middle = (of: 'error' | 'paceError' | 'lastMonthError', some = all) => median(some.map((one) => one[of]));
  const held = (some: typeof all) => some.filter(({ isInBand }) => isInBand).length / some.length;
  return {
    series: all.length,
    error: middle('error'),
    inBand: held(all),
    paceError: middle('paceError'),
    lastMonthError: middle('lastMonthError'),
    byShape: new Map(
      SHAPES.map((shape) => {
        const own = all.filter((one) => one.shape === shape);
        return [shape, { error: middle('error', own), inBand: held(own) }];
      }),
    ),
  };
}

function trial(shape: Shape, seed: number) {
  const days = seriesOf(shape, seed, FIRST, DAYS);
  const month = days.filter(({ day }) => day.startsWith(MONTH));
  const known = days.filter(({ day }) => day <= KNOWN_UNTIL);
  const soFar = month.filter(({ day }) => day <= KNOWN_UNTIL);
  const ahead: string[] = [];
  for (let day = addDays(KNOWN_UNTIL, 1); day <= LAST; day = addDays(day, 1)) ahead.push(day);
  const { rest, band } = forecastDays(known.slice(-120), ahead);
  const actual = total(month);
  const off = (guess: number) => Math.abs(guess - actual) / Math.abs(actual);
  const [low, high] = [total(soFar) + (band?.low ?? 0), total(soFar) + (band?.high ?? 0)];
  return {
    error: off(total(soFar) + rest),
    isInBand: actual >= low && actual <= high,
    paceError: off((total(soFar) / soFar.length) * month.length),
    lastMonthError: off(total(days.filter(({ day }) => day.startsWith('2026-07')))),
  };
}
