import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../../src/billing/money/money.ts';
import { isNull, parseDecimal, parseInstant } from '../../src/imports/focus/focus-values.ts';
import { notations } from './notations.ts';

const iso = (text: string): string | undefined => {
  const instant = parseInstant(text);
  return instant === null ? undefined : new Date(instant.milliseconds).toISOString();
};

describe('cells', () => {
  it.each([
    ...['', 'NULL', '  ', '\t', '\u00a0', 'null', 'Null', '(null)', '(NULL)', '<null>', '[NULL]', '\\N', 'None', 'nil'],
    ...['<nil>', 'N/A', ' null ', 'None\t'],
    ...['undefined', 'nan', '<NA>', '<undefined>', '{null}', '""', "''", 'UNDEFINED '],
  ])('without a value: %j', (cell) => {
    expect(isNull(cell)).toBe(true);
  });

  it.each([
    'NULLS',
    '0',
    ' NULL x',
    'ü',
    '-',
    'null-island',
    'nulls',
    'Nonesuch',
    '(null',
    'N',
    '\\Network',
    'nil-1',
    'NA',
    '[]',
    '{}',
    'NaN',
    'undefined-1',
    'Nancy',
    '"x"',
    'us-east-1',
  ])('with a value: %j', (cell) => {
    expect(isNull(cell)).toBe(false);
  });
});

describe('dates', () => {
  it.each([
    ['2024-09-01 00:00:00', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01T00:00:00', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01T00:00:00Z', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01t00:00:00z', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01 00:00:00 UTC', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01T00:00', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01', '2024-09-01T00:00:00.000Z'],
    [' 2024-09-01 ', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01T02:00:00+02:00', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01T02:00:00+0200', '2024-09-01T00:00:00.000Z'],
    ['2024-08-31 13:30:00-10:30', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01 00:00:00+00', '2024-09-01T00:00:00.000Z'],
    ['2024-09-01 12:34:56.789', '2024-09-01T12:34:56.789Z'],
    ['2024-09-01T12:34:56.7Z', '2024-09-01T12:34:56.700Z'],
    ['2024-09-01T12:34:56.789999999Z', '2024-09-01T12:34:56.789Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('%s is read in UTC unless it names a zone', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    '2023-02-29',
    '2024-02-30',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2024-09-00',
    '2024-09-01T24:00:00',
    '2024-09-01T12:60:00',
    '2024-09-01T12:00:60',
    '2024-09-01T12',
    '2024-09-01T00:00:00+25:00',
    '2024-09-01T00:00:00+01:75',
    '09/01/2024',
    '01.09.2024',
    '2024-9-1',
    '20240901',
    '1725148800',
    'yesterday',
    '2024-09-01 00:00:00 CET',
    '0001-01-01',
    '2024-09-01T',
    '2024-09-01Zoo',
    'x2024-09-01',
  ])('%s is invalid', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('have their month in UTC, whatever their zone', () => {
    expect(parseInstant('2024-09-30T23:30:00-01:00')?.month).toBe('2024-10');
    expect(parseInstant('2024-10-01T01:00:00+02:00')?.month).toBe('2024-09');
  });

  it('have one canonical form per instant, and differ by any digit of the fraction', () => {
    const instant = fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offset) => {
        fc.pre(date.getTime() + offset * 60_000 >= 0);
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const part = (value: number): string => String(Math.abs(value)).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${part(Math.trunc(offset / 60))}:${part(offset % 60)}`;
        const expected = parseInstant(date.toISOString());
        expect(expected?.milliseconds).toBe(date.getTime());
        expect(parseInstant(local + zone)).toEqual(expected);
      }),
    );
    const precise = ['56', '56.1', '56.1000000001'].map((s) => parseInstant(`2024-09-01 00:00:${s}`)?.canonical);
    expect(new Set(precise).size).toBe(3);
  });
});

describe('numbers', () => {
  it('are read exactly in every notation', () => {
    fc.assert(
      fc.property(notations, ({ value, written }) => {
        for (const text of written) {
          const parts = parseDecimal(text);
          expect([text, new Decimal(parts?.canonical ?? Number.NaN).toString()]).toEqual([text, value.toString()]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are equal exactly when their canonical forms are', () => {
    fc.assert(
      fc.property(notations, notations, (a, b) => {
        const same = a.value.equals(b.value);
        expect(parseDecimal(a.written[0] ?? '')?.canonical === parseDecimal(b.written[0] ?? '')?.canonical).toBe(same);
      }),
    );
  });

  it.each([
    ['0.00000080000', '8e-7'],
    ['8E-7', '8e-7'],
    ['-0.00', '0'],
    ['0e5', '0'],
    ['+120', '12e1'],
    ['.5', '5e-1'],
    ['5.', '5e0'],
    [' 1,', undefined],
    ['-012.340', '-1234e-2'],
  ])('%s in canonical form: %s', (text, expected) => {
    expect(parseDecimal(text)?.canonical).toBe(expected);
  });

  it.each([
    '',
    '.',
    '-',
    '+',
    '-.',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '1e1.5',
    '1.2.3',
    '1..2',
    '1,000.00',
    '1,5',
    '1 000',
    "1'000",
    '$5',
    '5 USD',
    '--5',
    '+-5',
    'NaN',
    'Infinity',
    '-Infinity',
    'inf',
    '0x10',
    '1_000',
    '१२',
    '1e999999999',
    '(5)',
    '5-',
    '1'.repeat(201),
  ])('%j is invalid', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });
});
