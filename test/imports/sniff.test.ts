import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { looksLikeFocus } from '../../src/imports/sniff.ts';
import { csv, row } from './focus-file.ts';

const SAMPLE = readFileSync(new URL('../data/focus_sample_1000.csv', import.meta.url));

describe('A file', () => {
  it('looks like FOCUS when its header has the required columns', () => {
    expect(looksLikeFocus(SAMPLE.subarray(0, 8192))).toBe(true);
    expect(looksLikeFocus(Buffer.from(`\uFEFF${csv(row()).toUpperCase()}`))).toBe(true);
    const [header = ''] = csv(row()).split('\n');
    expect(looksLikeFocus(Buffer.from(header))).toBe(true);
  });

  it.each([
    '',
    '\n\n',
    'a,b\n1,2\n',
    '{"a": 1}',
    'PK\u0003\u0004',
    csv(row({ BilledCost: undefined })),
    `x\n${csv(row())}`,
  ])('does not look like FOCUS: %j', (text) => {
    expect(looksLikeFocus(Buffer.from(text))).toBe(false);
  });

  it('does not when the bytes end before the required columns are all there', () => {
    expect(looksLikeFocus(SAMPLE.subarray(0, 100))).toBe(false);
  });
});
