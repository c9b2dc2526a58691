import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { looksLikeFocus, whyNotFocus } from '../../src/imports/file/sniff.ts';
import { csv, readAll, row } from './focus-file.ts';

const SAMPLE = readFileSync(new URL('../data/focus_sample_1000.csv', import.meta.url));

describe('a file', () => {
  it('is recognized as FOCUS when its header has the required columns', () => {
    expect(looksLikeFocus(SAMPLE.subarray(0, 8192))).toBe(true);
    expect(looksLikeFocus(Buffer.from(`\uFEFF${csv(row()).toUpperCase()}`))).toBe(true);
    const [header = ''] = csv(row()).split('\n');
    expect(looksLikeFocus(Buffer.from(header))).toBe(true);
  });

  it.each(['', '\n\n', 'a,b\n1,2\n', '{"a": 1}', '%PDF-1.7', csv(row({ BilledCost: undefined })), `x\n${csv(row())}`])(
    'isn’t recognized as FOCUS: %j',
    (text) => {
      expect(looksLikeFocus(Buffer.from(text))).toBe(false);
    },
  );

  it('isn’t recognized when it ends before all the required columns', () => {
    expect(looksLikeFocus(SAMPLE.subarray(0, 100))).toBe(false);
  });
});

describe('a file that can’t be imported', () => {
  const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

  it.each([
    [
      'dropped-column-missing.csv',
      /^This is not a FOCUS cost file: the column BillingCurrency is missing\.$/,
      /^It’s a table with the columns .*Export the costs as FOCUS CSV/,
    ],
    ['windows-1252-1.csv', /^The file isn’t in UTF-8: line 2, SubAccountName/, /^Save the file as CSV in UTF-8/],
  ])('is rejected with the import’s own message: %s', async (name, message, wayOut) => {
    const problem = whyNotFocus(file(name));
    expect(problem?.data.problem).toMatch(message);
    expect(problem?.data.remedy).toMatch(wayOut);
    const imported = await readAll(file(name)).catch((error: unknown) => error);
    expect(imported).toMatchObject({ code: 'focus_file', data: problem?.data });
  });

  it('doesn’t include UTF-16 files, or files truncated within a character', () => {
    expect(whyNotFocus(file('dropped-utf-16.csv'))).toBeUndefined();
    expect(whyNotFocus(file('windows-1252-2.csv').subarray(0, -10))).toBeUndefined();
  });

  it('doesn’t include files with another separator, or compressed files, whose content isn’t known yet', () => {
    expect(whyNotFocus(file('dropped-semicolons.csv'))).toBeUndefined();
    expect(whyNotFocus(file('dropped-packed.csv.gz'))).toBeUndefined();
    expect(whyNotFocus(file('parquet/zstd.parquet'))).toBeUndefined();
  });

  it('includes an empty file', () => {
    expect(whyNotFocus(Buffer.alloc(0))?.data.problem).toBe('The file is empty.');
  });
});
