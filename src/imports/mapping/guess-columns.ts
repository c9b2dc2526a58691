import {
  type CostColumns,
  DATE_FORMATS,
  type DateFormat,
  MAX_TAG_COLUMNS,
  NUMBER_FORMATS,
  type NumberFormat,
  type Separator,
} from '../../billing/cost/cost-mapping.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { isNull } from '../focus/focus-values.ts';
import { readAmount } from './amount-cell.ts';
import { currencyOf } from './currency-unit.ts';
import { readDays } from './date-cell.ts';
import { GUESSED_FIELDS, type GuessedField, NOT_AN_AMOUNT, TAGS, WORDS } from './guess-words.ts';
import { saysTotal } from './total-row.ts';

/** The beginning of a table. */
export interface SampleTable {
  readonly separator: Separator;
  readonly header: readonly string[];
  /** Its first rows, each with as many cells as the header. */
  readonly rows: readonly (readonly string[])[];
}

/** What the columns of a file seem to be. What isn't clear is left out. */
export type GuessedColumns = Partial<CostColumns>;

/** Most of a column's cells have to be what the column is for: files have totals and remarks. */
const ENOUGH = 0.8;

/** Proposes what the columns of a file are, by their names and their first values. */
export function guessColumns({ header, rows, separator }: SampleTable): GuessedColumns {
  const cellsOf = (column: string) => cellsIn(rows, header.indexOf(column));
  const found: Partial<Record<GuessedField, string>> = {};
  const left = new Set(header.filter((name) => !TAGS.test(name)));
  for (const field of GUESSED_FIELDS) {
    const column = namedLike(field, [...left]).find((name) => fits(field, cellsOf(name)));
    if (column === undefined) continue;
    found[field] = column;
    left.delete(column);
  }
  const amount = found.amount ?? [...left].reverse().find((name) => isDecimalColumn(cellsOf(name)));
  const numberFormat = amount === undefined ? undefined : guessNumberFormat(cellsOf(amount), separator);
  const dateFormat = found.date === undefined ? undefined : guessDateFormat(cellsOf(found.date));
  const fixed = amount === undefined ? undefined : statedCurrency(amount, cellsOf(amount));
  const { amount: _amount, ...others } = found;
  return {
    ...others,
    ...(amount !== undefined && { amount }),
    ...(numberFormat && { numberFormat }),
    ...(dateFormat && { dateFormat }),
    ...(found.currency === undefined && fixed !== undefined && { fixedCurrency: fixed }),
    tags: header.filter((name) => TAGS.test(name)).slice(0, MAX_TAG_COLUMNS),
  };
}

/** The fields that a header seems to have, by the names of its columns alone. */
export function fieldsNamed(header: readonly string[]): GuessedField[] {
  return GUESSED_FIELDS.filter((field) => namedLike(field, header).length > 0);
}

/** The columns whose names have one of a field's words, the surest first: the whole name, its beginning, any part. */
function namedLike(field: GuessedField, columns: readonly string[]): string[] {
  const names = columns
    .map((column) => ({
      column,
      name: column
        .toLowerCase()
        .replace(/[_./-]+/g, ' ')
        .trim(),
    }))
    .filter(({ column }) => field !== 'amount' || !NOT_AN_AMOUNT.test(column));
  const tests = [
    (name: string, word: string) => name === word,
    (name: string, word: string) => name.startsWith(`${word} `) || name.endsWith(` ${word}`),
    // a short word may be a part of any other
    (name: string, word: string) => word.length > 3 && name.includes(word),
  ];
  const found = WORDS[field].flatMap((word) =>
    tests.flatMap((test) => names.filter(({ name }) => test(name, word)).map(({ column }) => column)),
  );
  return [...new Set(found)];
}

function fits(field: GuessedField, cells: readonly string[]): boolean {
  if (cells.length === 0) return field !== 'amount' && field !== 'date';
  if (field === 'amount') return isMostly(cells, (cell) => NUMBER_FORMATS.some((format) => readAmount(cell, format)));
  if (field === 'date' || field === 'lastDay') return formatsOf(cells).length > 0;
  if (field === 'currency') return isMostly(cells, (cell) => currencyOf(cell) !== undefined || /^\p{Sc}$/u.test(cell));
  return true;
}

function isDecimalColumn(cells: readonly string[]): boolean {
  return (
    cells.length > 0 &&
    isMostly(cells, (cell) => /[.,]\d/.test(cell) && NUMBER_FORMATS.some((f) => readAmount(cell, f)))
  );
}

function isMostly(cells: readonly string[], test: (cell: string) => boolean): boolean {
  return cells.filter(test).length >= cells.length * ENOUGH;
}

/** The cells of a column that have a value. Not those of totals, which have other contents. */
function cellsIn(rows: readonly (readonly string[])[], at: number): string[] {
  return rows
    .filter((row) => !row.some(saysTotal))
    .map((row) => (row[at] ?? '').trim())
    .filter((cell) => !isNull(cell));
}

/** @returns undefined if it isn't clear whether a comma separates decimals or thousands, as in `1,234` alone */
function guessNumberFormat(cells: readonly string[], separator: string): NumberFormat | undefined {
  const able = NUMBER_FORMATS.map((format) => ({
    format,
    read: cells.filter((cell) => readAmount(cell, format)).length,
  }));
  const most = Math.max(...able.map(({ read }) => read));
  const best = able.filter(({ read }) => read === most && most > 0).map(({ format }) => format);
  const decimals = new Set(best.map((format) => format[0]));
  if (decimals.size === 1) return best[0];
  // whole numbers alone: any format reads them
  const isWhole = cells.every((cell) => !/[.,]/.test(cell));
  if (!isWhole) return undefined;
  return best.find((format) => format.startsWith(separator === ';' ? ',' : '.'));
}

function formatsOf(cells: readonly string[]): DateFormat[] {
  return DATE_FORMATS.filter((format) => isMostly(cells, (cell) => readDays(cell, format, 'UTC') !== undefined));
}

/** @returns undefined if it isn't clear, as in `03/04/2026` alone */
function guessDateFormat(cells: readonly string[]): DateFormat | undefined {
  const able = DATE_FORMATS.map((format) => ({
    format,
    read: cells.filter((cell) => readDays(cell, format, 'UTC') !== undefined).length,
  }));
  const most = Math.max(...able.map(({ read }) => read));
  const formats = able.filter(({ read }) => read === most && most > 0).map(({ format }) => format);
  if (formats.includes('ymd')) return 'ymd';
  const isClear = !(formats.includes('dmy') && formats.includes('mdy'));
  if (isClear) return formats[0];
  // points or names of months between days are written day first, slashes in either order
  return cells.every((cell) => cell.includes('.') || /\p{L}{3}/u.test(cell)) ? 'dmy' : undefined;
}

/** The currency in the name of the amounts' column, as in `Betrag (EUR)`, or beside all amounts. */
function statedCurrency(column: string, cells: readonly string[]): string | undefined {
  for (const word of column.split(/[^\p{L}\p{Sc}]+/u)) {
    const code = word === word.toUpperCase() || /\p{Sc}/u.test(word) ? currencyOf(word) : undefined;
    if (code !== undefined && isCurrency(code)) return code;
  }
  const units = new Set(
    cells.map((cell) =>
      NUMBER_FORMATS.map((format) => readAmount(cell, format)?.unit).find((unit) => unit !== undefined),
    ),
  );
  const [only] = units;
  const code = units.size === 1 && only !== undefined ? currencyOf(only) : undefined;
  return code !== undefined && isCurrency(code) ? code : undefined;
}
