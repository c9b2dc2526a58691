import { describe, expect, it } from '@jest/globals';
import {
  checkedNumbering,
  formatNumber,
  numberEnd,
  numberPrefix,
  patternOf,
  placeOfNumber,
  seriesOf,
} from '../../../src/billing/invoice/numbering.ts';
import { Refusal } from '../../../src/billing/refusal.ts';

const of = { prefix: 'ACME', year: 2026, seq: 7 };

describe('invoice numbers', () => {
  it('follow the template', () => {
    expect(formatNumber('{prefix}-{seq}', of)).toBe('ACME-7');
    expect(formatNumber('{prefix}-{year}-{seq:5}', of)).toBe('ACME-2026-00007');
    expect(formatNumber('R/{seq:3}/{year}', { ...of, seq: 1234 })).toBe('R/1234/2026');
  });

  it.each([
    ['{prefix}-{year}', false, 'needs {seq}'],
    ['{seq}-{seq}', false, 'exactly once'],
    ['{prefix}-{month}-{seq}', false, 'Between braces'],
    ['rechnung-{seq}', false, 'capital letters'],
    ['{prefix}-{seq}', true, 'need {year}'],
    ['{prefix}{seq}', false, 'Put a separator'],
    ['A1{seq}', false, 'Put a separator'],
    ['{year:4}-{seq}', false, 'Only {seq}'],
    ['{prefix}-{seq:11}', false, 'at most 10'],
    ['{prefix}-{prefix}-{year}-{seq:9}', false, 'longer than 30'],
  ])('refuse the template %s (yearly: %s)', (format, isYearly, why) => {
    expect(() => checkedNumbering({ format, isYearly })).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { fields: { format: expect.stringContaining(why) } } }),
    );
  });

  it('are counted per account, or per year, with credit memos counted separately', () => {
    const yearly = { format: '{prefix}-{year}-{seq}', isYearly: true };
    const plain = { ...yearly, isYearly: false };
    expect(seriesOf('acc', 'invoice', plain, 2026)).toBe('acc');
    const all = [seriesOf('acc', 'invoice', yearly, 2026), seriesOf('acc', 'invoice', yearly, 2027)];
    const memos = [seriesOf('acc', 'credit_memo', plain, 2026), seriesOf('acc', 'credit_memo', yearly, 2026)];
    expect(new Set([...all, ...memos, 'acc']).size).toBe(5);
  });

  it('match only the pattern of their template', () => {
    const pattern = new RegExp(patternOf('{prefix}-{year}-{seq:5}', 'A-1'));
    expect(pattern.test('A-1-2026-00007')).toBe(true);
    expect(pattern.test('A-1-26-7')).toBe(false);
    expect(pattern.test('AX1-2026-00007')).toBe(false);
  });
});

describe('a number template', () => {
  const faultOf = (format: string, isYearly = false) => {
    try {
      return checkedNumbering({ format, isYearly }).format;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.code).toBe('invalid_input');
      return error.code === 'invalid_input' ? error.data.fields.format : undefined;
    }
  };

  it('is stored without spaces', () => {
    expect(checkedNumbering({ format: ' {prefix} - {seq} ', isYearly: false })).toEqual({
      format: '{prefix}-{seq}',
      isYearly: false,
    });
    expect(checkedNumbering({ format: 'R/{year}.{seq:10}_Z', isYearly: true })).toEqual({
      format: 'R/{year}.{seq:10}_Z',
      isYearly: true,
    });
  });

  it.each([
    ['{seq', 'Between braces'],
    ['{seq}-}', 'Between braces'],
    ['{seq:123}', 'Between braces'],
    ['{seq:x}', 'Between braces'],
    ['{SEQ}', 'Between braces'],
    ['Ä-{seq}', 'capital letters'],
    ['{seq}+', 'capital letters'],
    ['PREFIX', 'exactly once'],
    ['{prefix:2}-{seq}', 'Only {seq} can have a width'],
    ['{year}{seq}', 'Put a separator'],
    ['{seq}{year}', 'Put a separator'],
    ['{seq:3}{prefix}', 'Put a separator'],
    ['{seq}1', 'Put a separator'],
    ['{seq:3}1', 'Put a separator'],
    ['7{seq:3}', 'Put a separator'],
  ])('%s is rejected', (format, why) => {
    expect(faultOf(format)).toContain(why);
  });

  it.each(['{seq}', 'A{seq}B', '{seq}-1', '1-{seq}', '{seq:00}', '{year}-{seq}', '{prefix}/{year}/{seq:5}'])(
    '%s is accepted',
    (format) => {
      expect(faultOf(format)).toBe(format);
    },
  );

  it('needs the year only if numbers restart each year', () => {
    expect(faultOf('{seq}', true)).toContain('need {year}');
    expect(faultOf('{year}-{seq}', true)).toBe('{year}-{seq}');
  });

  it('gives at most 30 characters with the longest prefix and six digits', () => {
    const filled = (length: number) => `${'A'.repeat(length)}-{seq}`;
    expect(faultOf(filled(23))).toBe(filled(23));
    expect(faultOf(filled(24))).toContain('longer than 30');
    const prefixed = (length: number) => `{prefix}${'A'.repeat(length)}-{seq}`;
    expect(faultOf(prefixed(11))).toBe(prefixed(11));
    expect(faultOf(prefixed(12))).toContain('longer than 30');
  });
});

describe('credit memo numbers', () => {
  it('can’t be confused with invoice numbers', () => {
    expect(numberPrefix('invoice', '{prefix}-{seq}', 'ACME')).toEqual({ format: '{prefix}-{seq}', prefix: 'ACME' });
    expect(numberPrefix('credit_memo', '{prefix}-{seq}', 'ACME')).toEqual({
      ...{ format: '{prefix}-{seq}', prefix: 'ACME-CN' },
    });
    expect(numberPrefix('credit_memo', '{year}-{seq}', 'ACME')).toEqual({ format: 'CN-{year}-{seq}', prefix: 'ACME' });
  });

  it('have a separate series', () => {
    const plain = { format: '{seq}', isYearly: false };
    expect(seriesOf('acc', 'credit_memo', plain, 2026)).toBe('acc:credit_memo');
    expect(seriesOf('acc', 'invoice', { ...plain, isYearly: true }, 2026)).toBe('acc:2026');
    expect(seriesOf('acc', 'credit_memo', { ...plain, isYearly: true }, 2026)).toBe('acc:credit_memo:2026');
  });
});

describe('a number’s place in its series', () => {
  it('can be typed with or without leading zeros, and with the year if the template has one', () => {
    const yearly = placeOfNumber('{prefix}-{year}-{seq:5}', 'A.1');
    expect(yearly.read('A.1-2026-00042')).toEqual({ year: 2026, seq: 42 });
    expect(yearly.read('A.1-2026-42')).toEqual({ year: 2026, seq: 42 });
    expect(yearly.pattern).toBe(patternOf('{prefix}-{year}-{seq:5}', 'A.1'));
    expect(placeOfNumber('{prefix}-{seq}', 'ACME').read('ACME-7')).toEqual({ year: 0, seq: 7 });
  });

  it.each(['A.1-2026-', 'AX1-2026-1', 'A.1-202-1', 'XA.1-2026-1', 'A.1-2026-1X', 'A.1-2026-1-2', ''])(
    'isn’t read from %p',
    (number) => {
      expect(placeOfNumber('{prefix}-{year}-{seq:5}', 'A.1').read(number)).toBeUndefined();
      expect(new RegExp(patternOf('{prefix}-{year}-{seq:5}', 'A.1')).test(number)).toBe(false);
    },
  );

  it('is read from a template with the year twice', () => {
    expect(placeOfNumber('{year}/{seq}/{year}', 'X').read('2026/7/2026')).toEqual({ year: 2026, seq: 7 });
  });
});

describe('the end of a number, as people type it', () => {
  const finds = (typed: string, number: string) => new RegExp(numberEnd(typed) ?? '[]').test(number);

  it.each([
    ['7', 'ACME-7'],
    ['7', 'ACME-0007'],
    ['007', 'ACME-7'],
    ['10', 'ACME-2026/0010'],
    ['2026-7', 'ACME-2026-0007'],
    ['B.2026-7', 'A/B.2026-07'],
    ['ACME-7', 'ACME-7'],
    ['7', '7'],
    ['123456789012345', 'ACME-123456789012345'],
  ])('%p finds %s', (typed, number) => {
    expect(finds(typed, number)).toBe(true);
  });

  it.each([
    ['7', 'ACME-17'],
    ['7', 'ACME-70'],
    ['7', 'ACME-7-1'],
    ['7', 'ACME7'],
    ['2026-7', 'ACME-2025-7'],
    ['26-7', 'ACME-2026-7'],
    ['B.7', 'A-BX7'],
  ])('%p doesn’t find %s', (typed, number) => {
    expect(finds(typed, number)).toBe(false);
  });

  it.each(['', 'ACME', 'ACME-', '7A', '-7', 'A--7', 'A B-7', 'acme-7', '1234567890123456'])('%p is none', (typed) => {
    expect(numberEnd(typed)).toBeUndefined();
  });
});
