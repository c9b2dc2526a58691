import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CostMapping,
  type DateFormat,
  NUMBER_FORMATS,
  type NumberFormat,
  SEPARATORS,
} from '../../../src/billing/cost/cost-mapping.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';
import { GERMAN, readMapped, windows1252 } from './mapped-file.ts';

/** An amount as a whole number of 10⁻¹⁸, so that sums need no decimals of the product. */
const SCALE = 18;
const amounts = fc.record({
  units: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  places: fc.integer({ min: 0, max: SCALE }),
});
const costs = fc.record({
  amount: amounts,
  day: fc.integer({ min: 1, max: 31 }),
  project: fc.constantFrom('Käufer', 'Shop', 'a;b', 'say "x"', 'pipe|comma,'),
  sign: fc.constantFrom('before', 'after', 'parentheses', 'minus sign'),
  isGrouped: fc.boolean(),
  hasSymbol: fc.boolean(),
});
type Cost = typeof costs extends fc.Arbitrary<infer T> ? T : never;

function digitsOf({ units, places }: Cost['amount']): { whole: string; fraction: string } {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  return { whole: digits.slice(0, digits.length - places), fraction: digits.slice(digits.length - places) };
}

/** As a spreadsheet of this format writes it. */
function written({ amount, sign, isGrouped, hasSymbol }: Cost, format: NumberFormat): string {
  const [decimal, thousands = ''] = [...format];
  const { whole, fraction } = digitsOf(amount);
  const grouped = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, thousands) : whole;
  const number = `${fraction === '' ? grouped : `${grouped}${decimal}${fraction}`}`;
  const shown = hasSymbol ? `${number} €` : number;
  if (amount.units >= 0n) return shown;
  if (sign === 'parentheses') return `(${shown})`;
  if (sign === 'after' && !hasSymbol) return `${shown}-`;
  return `${sign === 'minus sign' ? '\u2212' : '-'}${shown}`;
}

function dateIn(day: number, format: DateFormat): string {
  const two = String(day).padStart(2, '0');
  if (format === 'month') return '10/2026';
  return format === 'dmy' ? `${two}.10.2026` : format === 'mdy' ? `10/${day}/2026` : `2026-10-${two}`;
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

const files = fc.record({
  rows: fc.array(costs, { minLength: 1, maxLength: 12 }),
  separator: fc.constantFrom(...SEPARATORS),
  numberFormat: fc.constantFrom(...NUMBER_FORMATS),
  dateFormat: fc.constantFrom<DateFormat>('dmy', 'mdy', 'ymd', 'month'),
  encoding: fc.constantFrom('utf-8', 'utf-8 with a mark', 'utf-16', 'windows-1252'),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  above: fc.constantFrom('', 'Rechnung, vom 5.11.2026'),
  chunk: fc.integer({ min: 1, max: 200 }),
});
type File = typeof files extends fc.Arbitrary<infer T> ? T : never;

function bytesOf({ rows, separator, numberFormat, dateFormat, encoding, lineBreak, above }: File): Buffer {
  const lines = rows.map((row) =>
    [dateIn(row.day, dateFormat), row.project, 'Server\tgroß', 'EUR', written(row, numberFormat)]
      .map(quoted)
      .join(separator),
  );
  const all = [...(above === '' ? [] : [above, '']), GERMAN.header.map(quoted).join(separator), ...lines];
  // what Windows-1252 doesn't have isn't written in it
  const text = all.join(lineBreak) + lineBreak;
  if (encoding === 'windows-1252') return windows1252(text.replaceAll('\u2212', '-'));
  const marked = encoding === 'utf-8' ? text : `\uFEFF${text}`;
  return Buffer.from(marked, encoding === 'utf-16' ? 'utf16le' : 'utf8');
}

/** The exact sums by project, from whole numbers. */
function sumsOf(rows: readonly Cost[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { amount, project } of rows) {
    sums.set(project, (sums.get(project) ?? 0n) + amount.units * 10n ** BigInt(SCALE - amount.places));
  }
  return Object.fromEntries([...sums].map(([project, units]) => [project, textOf(units)]));
}

function textOf(units: bigint): string {
  const { whole, fraction } = digitsOf({ units, places: SCALE });
  const short = fraction.replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${short === '' ? '' : `.${short}`}`;
}

describe('a bill in any notation', () => {
  it('has the exact sums by project', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const { separator, numberFormat, dateFormat } = file;
        const mapping: CostMapping = { ...GERMAN, separator, numberFormat, dateFormat };
        const { rows } = await readMapped(bytesOf(file), [mapping], {}, file.chunk);
        const sums = new Map<string, Decimal>();
        for (const row of rows) {
          if (row.kind !== 'row') throw new Error(`${row.line} ${row.column}: ${row.reason} ${row.value}`);
          expect(row.billingMonth).toBe('2026-10');
          sums.set(row.subAccountId, (sums.get(row.subAccountId) ?? new Decimal(0)).plus(row.amount));
        }
        expect(Object.fromEntries([...sums].map(([project, sum]) => [project, sum.toFixed()]))).toEqual(
          sumsOf(file.rows),
        );
      }),
      { numRuns: runs(300) },
    );
  });
});
