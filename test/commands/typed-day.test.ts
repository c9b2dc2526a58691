import { describe, expect, it } from '@jest/globals';
import { readDay } from '../../commands/parse/typed-day.ts';
import { endingWithDays } from '../../commands/parse/typed-days.ts';
import { splitWords } from '../../commands/parse/words.ts';

describe('a day in a command', () => {
  it.each(['0000-01', '0000-01-01', '1.1.0001', '31 Oct 0026', '9999-12-31', '2026-02-30', '31.4.2026', 'Jan 1800'])(
    'is rejected when the invoice calendar doesn’t include it: %s',
    (typed) => {
      expect(() => readDay(typed, 'first', '2026-11-29')).toThrow(
        expect.objectContaining({
          code: 'invalid_command',
          data: expect.objectContaining({ problem: expect.stringContaining(typed) }),
        }),
      );
    },
  );
});

describe('words that end with days', () => {
  it.each([
    ['web-shop 2026-10', 'web-shop', '2026-10-01', '2026-10-31'],
    ['web shop 1 Oct 2026 – 15 Oct 2026', 'web shop', '2026-10-01', '2026-10-15'],
    ['2026-10-01–2026-10-15', '', '2026-10-01', '2026-10-15'],
    ['Blue 2026-10-30 until yesterday', 'Blue', '2026-10-30', '2026-11-28'],
    ['Blue September 2026 to last month', 'Blue', '2026-09-01', '2026-10-31'],
    ['Blue yesterday', 'Blue', '2026-11-28', '2026-11-28'],
  ])('%s', (typed, name, from, until) => {
    expect(endingWithDays(splitWords(typed), '2026-11-29')).toMatchObject({ name, from, until });
  });

  it.each(['"Team May"', 'Team Blue', '', 'Blue "2026-10"', 'from here to there'])('%p has no days', (typed) => {
    expect(endingWithDays(splitWords(typed), '2026-11-29')).toBeUndefined();
  });

  it.each(['2026-10-02 until 2026-10-01', '2020-01-01 until 2026-01-01'])('%s isn’t accepted', (typed) => {
    expect(() => endingWithDays(splitWords(typed), '2026-11-29')).toThrow(
      expect.objectContaining({ code: 'invalid_command' }),
    );
  });
});
