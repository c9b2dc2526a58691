import { describe, expect, it } from '@jest/globals';
import { type DayCost, quantile } from '../../../src/billing/insight/daily-costs.ts';
import { forecastDays, LEAST_DAYS } from '../../../src/billing/insight/forecast.ts';
import { addDays } from '../../../src/billing/period/day.ts';

function days(count: number, amountOf: (day: string, at: number) => number, first = '2026-05-01'): DayCost[] {
  return Array.from({ length: count }, (_, at) => {
    const day = addDays(first, at);
    return { day, amount: amountOf(day, at) };
  });
}
const ahead = (history: readonly DayCost[], count: number) =>
  Array.from({ length: count }, (_, at) => addDays(history.at(-1)?.day ?? '', at + 1));
const isWeekend = (day: string) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

describe('a forecast', () => {
  it('of equal days is the same days again, and certain', () => {
    const history = days(90, () => 10);
    expect(forecastDays(history, ahead(history, 5))).toMatchObject({
      ...{ method: 'model', rest: 50, band: { low: 50, high: 50 } },
      ...{ monthlyCharges: [], hasWeekdays: false },
    });
  });

  it('knows weekdays', () => {
    const history = days(90, (day) => (isWeekend(day) ? 4 : 12));
    const next = ahead(history, 14);
    const { rest, hasWeekdays, days: each } = forecastDays(history, next);
    expect(hasWeekdays).toBe(true);
    expect(rest).toBeCloseTo(4 * 4 + 10 * 12, 6);
    for (const { day, amount } of each) expect(amount).toBeCloseTo(isWeekend(day) ? 4 : 12, 6);
  });

  it('follows a step within days', () => {
    const history = days(90, (_, at) => (at < 80 ? 10 : 30));
    expect(forecastDays(history, ahead(history, 10)).rest).toBeCloseTo(300, 6);
  });

  it('isn’t moved by single refunds and spikes', () => {
    const history = days(90, (_, at) => (at % 17 === 0 ? -40 : at % 23 === 0 ? 90 : 10));
    expect(forecastDays(history, ahead(history, 10)).rest).toBeCloseTo(100, 6);
  });

  it.each([
    ['at the end of a month', (day: string) => addDays(day, 1).endsWith('-01')],
    ['on the same day of a month', (day: string) => day.endsWith('-28')],
  ])('expects a charge again that comes %s', (_, isCharged) => {
    const history = days(108, (day) => 10 + (isCharged(day) ? 500 : 0));
    const next = ahead(history, 15);
    expect(history.at(-1)?.day).toBe('2026-08-16');
    const { rest, monthlyCharges, band } = forecastDays(history, next);
    expect(rest).toBeCloseTo(650, 6);
    expect(monthlyCharges).toEqual([{ day: next.find(isCharged), amount: 500 }]);
    expect(band?.low).toBeCloseTo(650, 6);
  });

  it('forgets a monthly charge that didn’t come', () => {
    const history = days(108, (day) => 10 + (['2026-05-10', '2026-06-10', '2026-07-10'].includes(day) ? 500 : 0));
    expect(forecastDays(history, ahead(history, 30)).monthlyCharges).toEqual([]);
  });

  it('of too few days is their pace, without a range', () => {
    const history = days(LEAST_DAYS - 1, (_, at) => at);
    expect(forecastDays(history, ahead(history, 2))).toMatchObject({ method: 'pace', rest: 12, band: null });
    expect(forecastDays([], ['2026-05-01'])).toMatchObject({ method: 'pace', rest: 0, band: null });
    expect(
      forecastDays(
        days(LEAST_DAYS, () => 1),
        ['2026-05-15'],
      ).method,
    ).toBe('model');
  });

  it('of nothing but zeros, and of nothing to come, is zero', () => {
    const zeros = days(60, () => 0);
    expect(forecastDays(zeros, ahead(zeros, 9))).toMatchObject({ rest: 0, band: { low: 0, high: 0 } });
    expect(
      forecastDays(
        days(60, () => 5),
        [],
      ),
    ).toMatchObject({ rest: 0, days: [], band: { low: 0, high: 0 } });
  });
});

it('a quantile lies between neighbors in proportion', () => {
  expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 2, 3], share))).toEqual([1, 1.75, 2.5, 4]);
  expect(quantile([], 0.5)).toBe(0);
});
