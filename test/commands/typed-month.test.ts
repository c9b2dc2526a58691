import { describe, expect, it } from '@jest/globals';
import { readDay } from '../../commands/parse/typed-day.ts';
import { endingWithMonth, monthTyped } from '../../commands/parse/typed-month.ts';
import { splitWords } from '../../commands/parse/words.ts';
import { toPeriod } from '../../src/billing/period/period.ts';

const NOVEMBER = toPeriod('2026-11');

describe('words that end with a month', () => {
  it.each([
    ['"Team Blue" 2026-10', 'Team Blue', '2026-10'],
    ['Team Blue October 2026', 'Team Blue', '2026-10'],
    ['Team Blue last month', 'Team Blue', '2026-10'],
    ['Blue Oct', 'Blue', '2026-10'],
    ['last month', '', '2026-10'],
  ])('%s', (typed, name, period) => {
    expect(endingWithMonth(splitWords(typed), NOVEMBER)).toMatchObject({ name, period });
  });

  it.each(['"Team May"', 'Team Blue', '', 'Blue "2026-10"'])('%p has no month', (typed) => {
    expect(endingWithMonth(splitWords(typed), NOVEMBER)).toBeUndefined();
  });
});

it('an invalid month gets an explanation of how to type one', () => {
  expect(() => monthTyped('soon', NOVEMBER)).toThrow(
    expect.objectContaining({
      code: 'invalid_command',
      data: expect.objectContaining({ problem: expect.stringContaining('“soon”') }),
    }),
  );
});

describe('a typed day', () => {
  it.each([
    ['2026-10-31', '2026-10-31', '2026-10-31'],
    ['31.10.2026', '2026-10-31', '2026-10-31'],
    ['31 Oct 2026', '2026-10-31', '2026-10-31'],
    ['today', '2026-11-29', '2026-11-29'],
    ['Yesterday', '2026-11-28', '2026-11-28'],
    ['October 2026', '2026-10-01', '2026-10-31'],
    ['last month', '2026-10-01', '2026-10-31'],
    ['Feb', '2026-02-01', '2026-02-28'],
  ])('%s', (typed, first, last) => {
    expect(readDay(typed, 'first', '2026-11-29')).toBe(first);
    expect(readDay(typed, 'last', '2026-11-29')).toBe(last);
  });
});
