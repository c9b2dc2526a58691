import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryNumbersText, readEntryNumbers } from '../../../src/billing/event/entry-numbers.ts';
import { runs } from '../../support/runs.ts';

describe('numbers of log entries as a text', () => {
  it('are runs, so that a burst is short', () => {
    expect(entryNumbersText([5, 6, 7, 10])).toBe('5.2,3');
    expect(entryNumbersText([36])).toBe('10');
    expect(readEntryNumbers('5.2,3')).toEqual([5, 6, 7, 10]);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: 500 }), (drawn) => {
        const numbers = [...drawn].sort((a, b) => a - b);
        expect(readEntryNumbers(entryNumbersText(numbers))).toEqual(numbers);
      }),
      { numRuns: runs(100) },
    );
  });

  it('fit into a button if there are as many as a message combines, one in ten of them', () => {
    const numbers = Array.from({ length: 500 }, (_, at) => 1_000_000 + at * 10);
    expect(entryNumbersText(numbers).length).toBeLessThan(1_500);
  });

  it.each(['', ',', '5.', '-1', 'A', '5.2,', '1.zz', 'x'.repeat(11), '1 ', '0x1!'])(
    'are nothing if they are %j',
    (text) => {
      expect(readEntryNumbers(text)).toBeUndefined();
    },
  );
});
