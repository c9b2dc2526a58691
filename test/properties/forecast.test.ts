import { expect, it } from '@jest/globals';
import { anomaliesIn, isSteady, judgeDays } from '../../src/billing/insight/anomalies.ts';
import { anomalyTest } from '../support/insight/anomaly-test.ts';
import { backTest } from '../support/insight/back-test.ts';
import { SHAPES, seriesOf } from '../support/insight/series.ts';

it('a forecast is nearer than the pace and last month in 200 generated months, and its range holds four of five', () => {
  const result = backTest(20);
  expect(result.series).toBe(200);
  expect(result.error).toBeLessThanOrEqual(0.08);
  expect(result.error).toBeLessThan(Math.min(result.paceError, result.lastMonthError));
  expect(result.inBand).toBeGreaterThanOrEqual(0.75);
  expect(result.inBand).toBeLessThanOrEqual(0.9);
}, 60_000);

it('faults in generated projects are found, each once, with few false alarms', () => {
  const {
    found: share,
    once,
    falseAlarms,
  } = anomalyTest(1, ['weekly rhythm', 'step up', 'month-end charge', 'refunds']);
  expect(share).toBeGreaterThanOrEqual(0.9);
  expect(once).toBeGreaterThanOrEqual(0.9);
  expect(falseAlarms).toBeLessThanOrEqual(1);
}, 60_000);

it('nothing is found in costs that are steady, of which there are many', () => {
  const none = { accepted: [], unusual: new Set<string>(), undelivered: new Set<string>() };
  const floors = { absolute: 25, relative: 0.3 };
  const all = SHAPES.flatMap((shape) =>
    [120, 145, 170].map((days) => ({ days: seriesOf(shape, days, '2026-03-01', days), last: 14, floors, ...none })),
  );
  const steady = all.filter(isSteady);
  expect(steady.length).toBeGreaterThan(all.length / 3);
  expect(steady.flatMap((judging) => anomaliesIn(judgeDays(judging)))).toEqual([]);
});
