import { describe, expect, it } from '@jest/globals';
import { checkedNumbering, formatNumber, patternOf, seriesOf } from '../../src/billing/numbering.ts';

const of = { prefix: 'ACME', year: 2026, seq: 7 };

describe('invoice numbers', () => {
  it('follow the template', () => {
    expect(formatNumber('{prefix}-{seq}', of)).toBe('ACME-7');
    expect(formatNumber('{prefix}-{year}-{seq:5}', of)).toBe('ACME-2026-00007');
    expect(formatNumber('R/{seq:3}/{year}', { ...of, seq: 1234 })).toBe('R/1234/2026');
  });

  it.each([
    ['{prefix}-{year}', false, 'needs {seq}'],
    ['{seq}-{seq}', false, 'needs {seq} once'],
    ['{prefix}-{month}-{seq}', false, 'Between braces'],
    ['rechnung-{seq}', false, 'capital letters'],
    ['{prefix}-{seq}', true, 'need {year}'],
    ['{prefix}{seq}', false, 'Put a sign'],
    ['A1{seq}', false, 'Put a sign'],
    ['{year:4}-{seq}', false, 'Only {seq}'],
    ['{prefix}-{seq:11}', false, 'at most 10'],
    ['{prefix}-{prefix}-{year}-{seq:9}', false, 'longer than 30'],
  ])('refuse the template %s (yearly: %s)', (format, isYearly, why) => {
    expect(() => checkedNumbering({ format, isYearly })).toThrow(why);
  });

  it('are counted for the account, or for each of its years; credit memos on their own', () => {
    const yearly = { format: '{prefix}-{year}-{seq}', isYearly: true };
    const plain = { ...yearly, isYearly: false };
    expect(seriesOf('acc', 'invoice', plain, 2026)).toBe('acc');
    const all = [seriesOf('acc', 'invoice', yearly, 2026), seriesOf('acc', 'invoice', yearly, 2027)];
    const memos = [seriesOf('acc', 'credit_memo', plain, 2026), seriesOf('acc', 'credit_memo', yearly, 2026)];
    expect(new Set([...all, ...memos, 'acc']).size).toBe(5);
  });

  it('match the pattern of their template, and no others', () => {
    const pattern = new RegExp(patternOf('{prefix}-{year}-{seq:5}', 'A-1'));
    expect(pattern.test('A-1-2026-00007')).toBe(true);
    expect(pattern.test('A-1-26-7')).toBe(false);
    expect(pattern.test('AX1-2026-00007')).toBe(false);
  });
});
