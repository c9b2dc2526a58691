import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { isMonthName, readPeriod } from '../../../src/billing/period/typed-period.ts';

const NOVEMBER = toPeriod('2026-11');

describe('a typed month', () => {
  it.each([
    ['this month', '2026-11'],
    ['Current month', '2026-11'],
    ['last month', '2026-10'],
    ['previous  month', '2026-10'],
    ['next month', '2026-12'],
    ['Nov', '2026-11'],
    ['NOVEMBER', '2026-11'],
    ['Nov.', '2026-11'],
    ['Dec', '2025-12'],
    ['january', '2026-01'],
    ['sept', '2026-09'],
    ['Sept 2025', '2025-09'],
    ['Sep. 2025', '2025-09'],
    ['November, 2025', '2025-11'],
    ['  this   month ', '2026-11'],
    ['last,month', '2026-10'],
    ['2026-10', '2026-10'],
    ['10/2026', '2026-10'],
  ])('is read from %p as %s', (typed, period) => {
    expect(readPeriod(typed, NOVEMBER)).toBe(period);
  });

  it.each([
    '',
    'month',
    'last',
    'last year',
    'Novem',
    '13',
    '0000-01',
    'Team Nov',
    'Octobre',
    'see this month',
    'this months',
    'not last month',
    'last months',
  ])('is not read from %p', (typed) => {
    expect(readPeriod(typed, NOVEMBER)).toBeUndefined();
  });

  it('works across the turn of the year', () => {
    expect(readPeriod('last month', toPeriod('2026-01'))).toBe('2025-12');
    expect(readPeriod('next month', toPeriod('2026-12'))).toBe('2027-01');
    expect(readPeriod('Jan', toPeriod('2027-01'))).toBe('2027-01');
    expect(readPeriod('Feb', toPeriod('2027-01'))).toBe('2026-02');
  });
});

it('a month’s name alone can be the end of another name', () => {
  expect(['May', 'sept', ' March '].map(isMonthName)).toEqual([true, true, true]);
  expect(['May 2026', 'last month', 'Mays'].map(isMonthName)).toEqual([false, false, false]);
});
