import { type DayCost, median, total } from '../../../src/billing/insight/daily-costs.ts';
import { forecastDays } from '../../../src/billing/insight/forecast.ts';
import { addDays, daysFrom } from '../../../src/billing/period/day.ts';
import { type Period, shiftPeriod, toPeriod } from '../../../src/billing/period/period.ts';
import { ACME } from '../../../src/local/sample/acme.ts';
import { sampleRows } from '../../../src/local/sample/sample-rows.ts';

/** How far forecasts of the sample’s projects were from a month’s total, as shares of it. */
export interface SampleBackTest {
  readonly series: number;
  readonly error: number;
  /** The share of totals within the band. */
  readonly inBand: number;
}

/** The sample ends in each month of a year, and its last whole month is forecast. */
const PRESENTS = Array.from({ length: 12 }, (_, at) => shiftPeriod(toPeriod('2026-01'), at));
const KNOWN_DAYS = 13;
const HISTORY_DAYS = 120;

/** Forecasts a month of the sample from its 14th on, of each project and of the whole account, with data until the 13th. */
export function sampleBackTest(): SampleBackTest {
  const all = PRESENTS.flatMap((present) => [...seriesBefore(present).values()].map((days) => trial(days, present)));
  return {
    series: all.length,
    error: median(all.map(({ error }) => error)),
    inBand: all.filter(({ isInBand }) => isInBand).length / all.length,
  };
}

/** The daily costs of each project, and of all of them under an empty name, in the months with a row for each day. */
function seriesBefore(present: Period): Map<string, DayCost[]> {
  const sums = new Map<string, Map<string, number>>();
  for (const ago of [4, 3, 2, 1]) {
    for (const row of sampleRows({ account: ACME, month: shiftPeriod(present, -ago), ago })) {
      const day = (row.ChargePeriodStart ?? '').slice(0, 10);
      for (const name of ['', row.SubAccountName ?? '']) {
        const days = sums.get(name) ?? new Map<string, number>();
        sums.set(name, days.set(day, (days.get(day) ?? 0) + Number(row.BilledCost)));
      }
    }
  }
  const all = daysFrom(`${shiftPeriod(present, -4)}-01`, addDays(`${present}-01`, -1));
  return new Map(
    [...sums].map(([name, days]) => [name, all.map((day): DayCost => ({ day, amount: days.get(day) ?? 0 }))]),
  );
}

function trial(days: readonly DayCost[], present: Period): { readonly error: number; readonly isInBand: boolean } {
  const month = shiftPeriod(present, -1);
  const knownUntil = `${month}-${KNOWN_DAYS}`;
  const known = days.filter(({ day }) => day <= knownUntil);
  const own = days.filter(({ day }) => day.startsWith(month));
  const soFar = total(own.slice(0, KNOWN_DAYS));
  const { rest, band } = forecastDays(
    known.slice(-HISTORY_DAYS),
    own.slice(KNOWN_DAYS).map(({ day }) => day),
  );
  const actual = total(own);
  return {
    error: Math.abs(soFar + rest - actual) / actual,
    isInBand: band !== null && actual >= soFar + band.low && actual <= soFar + band.high,
  };
}
