import { describe, expect, it } from '@jest/globals';
import { readDay } from '../../commands/parse/typed-day.ts';

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
