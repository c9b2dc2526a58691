import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkedThresholds, newlyPassed, percentOf, progressBar } from '../../../src/billing/group/budget.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';

const amount = new Decimal('500');

describe('a budget', () => {
  it.each([
    ['249.99', 0, undefined],
    ['250', 0, 50],
    ['412.30', 50, 80],
    ['412.30', 80, undefined],
    ['700', 0, 100],
    ['-3', 0, undefined],
    ['0', 0, undefined],
  ])('with %s spent and %d %% notified passes %s', (spent, told, threshold) => {
    expect(newlyPassed({ amount, thresholds: [50, 80, 100] }, new Decimal(spent), told)).toBe(threshold);
  });

  it('notifies of each threshold at most once as costs rise, always the highest reached, and ends at the last', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 20 });
    const thresholds = fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(steps, thresholds, (cents, percents) => {
        const budget = { amount, thresholds: checkedThresholds(percents) ?? [] };
        const told: number[] = [];
        for (const spent of [...cents].sort((a, b) => a - b).map((one) => new Decimal(one).div(100))) {
          const next = newlyPassed(budget, spent, told.at(-1) ?? 0);
          if (next === undefined) continue;
          expect(spent.times(100).gte(amount.times(next))).toBe(true);
          told.push(next);
        }
        expect(new Set(told).size).toBe(told.length);
        const most = new Decimal(Math.max(...cents)).div(100);
        const reached = budget.thresholds.filter((one) => most.gt(0) && most.times(100).gte(amount.times(one)));
        expect(told.at(-1)).toBe(reached.at(-1));
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('is shown in whole percent, rounded down, and as a bar', () => {
    expect(percentOf(new Decimal('499.99'), amount)).toBe(99);
    expect(percentOf(new Decimal('500'), amount)).toBe(100);
    expect(percentOf(new Decimal('-1'), amount)).toBe(0);
    expect([0, 9, 55, 100, 240].map(progressBar)).toEqual([
      '░░░░░░░░░░',
      '░░░░░░░░░░',
      '█████░░░░░',
      '██████████',
      '██████████',
    ]);
  });

  it('has one to five thresholds, all whole numbers', () => {
    expect(checkedThresholds([100, 50, 50])).toEqual([50, 100]);
    for (const right of [[1], [1000], [1, 2, 3, 4, 5]]) expect(checkedThresholds(right)).toEqual(right);
    for (const wrong of [[], [0], [0, 50], [1.5], [Number.NaN], [1001], [50, 1001], [1, 2, 3, 4, 5, 6]])
      expect(checkedThresholds(wrong)).toBeUndefined();
  });
});
