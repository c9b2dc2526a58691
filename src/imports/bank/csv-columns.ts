import { parse } from 'csv-parse/sync';
import type { DateOrder } from '../../billing/statement/csv-mapping.ts';
import { columnNames } from '../file/column-names.ts';
import { bankText } from './bank-text.ts';
import { statementFault } from './statement-fault.ts';

export type CsvField = 'date' | 'amount' | 'name' | 'purpose' | 'currency';

/** A bank’s CSV file, split into cells. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** The line of the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Parts of the names that banks give their columns, in lower case; the surest first. */
const NAMES: Readonly<Record<CsvField, readonly string[]>> = {
  date: [
    'buchungstag',
    'buchungsdatum',
    'booking date',
    'transaction date',
    'date comptable',
    'fecha',
    'boekdatum',
  ].concat(['datum', 'date', 'data contabile', 'data', 'valuta', 'wertstellung']),
  amount: [
    'betrag',
    'umsatz',
    'amount',
    'montant',
    'importe',
    'importo',
    'bedrag',
    'belopp',
    'beløb',
    'kwota',
    'credit',
  ].concat(['gutschrift', 'haben', 'value']),
  name: [
    'zahlungspflichtiger',
    'zahlungsbeteiligter',
    'auftraggeber',
    'payer',
    'counterparty',
    'debtor',
    'partner',
  ].concat(['tegenpartij', 'ordonnant', 'ordenante', 'name', 'nom']),
  purpose: [
    'verwendungszweck',
    'remittance',
    'payment reference',
    'purpose',
    'mededelingen',
    'omschrijving',
    'libellé',
  ].concat(['concepto', 'causale', 'reference', 'details', 'description', 'memo', 'buchungstext']),
  currency: ['währung', 'waehrung', 'currency', 'devise', 'divisa', 'valuta ', 'munt', 'waluta'],
};
/** Kept in order, because one column can have only one meaning. */
const FIELDS = ['date', 'amount', 'purpose', 'currency', 'name'] as const;
const DELIMITERS = [';', ',', '\t', '|'] as const;
/** How many lines a bank may write above the header. */
const MOST_LINES_ABOVE = 30;
const MOST_COLUMNS = 100;
/** A menu shows no more. */
const LONGEST_HEADER = 70;
const DATE = /^(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})$/;
/** A date without separators, which is always year first. */
const COMPACT = /^(20\d\d)(\d\d)(\d\d)$/;

/**
 * Splits a bank’s CSV file: finds its delimiter, and its header below whatever the bank wrote above it.
 *
 * @throws {Refusal} `statement_file` if it has no table
 */
export function readTable(bytes: Buffer): CsvTable {
  const text = bankText(bytes);
  const header = headerOf(text);
  if (!header) throw statementFault('The file has no table with a header.', 'Export the statement as CSV or CAMT.053.');
  const records = recordsIn(text, header.delimiter);
  if (!records) throw statementFault('The file has a quotation mark that isn’t closed. It may be cut off.');
  return {
    header: header.cells,
    rows: records
      .slice(header.at + 1)
      .filter(({ record }) => record.length > 1)
      .map(({ record, info }) => ({ line: info.lines, cells: record })),
  };
}

/**
 * Whether a text file seems to be a bank’s list of payments: it has columns for days, amounts and purposes or payers.
 *
 * @param firstBytes may end anywhere
 */
export function looksLikeBankCsv(firstBytes: Buffer): boolean {
  const { date, amount, name, purpose } = guessColumns(headerOf(bankText(firstBytes))?.cells ?? []);
  return date !== undefined && amount !== undefined && (name !== undefined || purpose !== undefined);
}

/** Which columns seem to be which. */
export function guessColumns(header: readonly string[]): Partial<Record<CsvField, string>> {
  const guessed: Partial<Record<CsvField, string>> = {};
  const left = new Set(header);
  for (const field of FIELDS) {
    for (const name of NAMES[field]) {
      const column = [...left].find((one) => `${one.toLowerCase()} `.includes(name));
      if (column === undefined) continue;
      guessed[field] = column;
      left.delete(column);
      break;
    }
  }
  return guessed;
}

/** How the days in a column are written; undefined if it isn’t clear, as in `03/04/2026` alone. */
export function guessDateOrder(dates: readonly string[]): DateOrder | undefined {
  const parts = dates.flatMap((date) => {
    const [a, b] = dateParts(date) ?? [];
    return a === undefined || b === undefined ? [] : [{ a, b, hasDots: date.includes('.') }];
  });
  if (parts.length === 0) return undefined;
  if (parts.every(({ a }) => a.length === 4)) return 'ymd';
  const isDayFirst = parts.some(({ a, hasDots }) => Number(a) > 12 || hasDots);
  const isMonthFirst = parts.some(({ b }) => Number(b) > 12);
  if (isDayFirst === isMonthFirst) return undefined;
  return isDayFirst ? 'dmy' : 'mdy';
}

/** The decimal separator of a column; undefined if it isn’t clear, as in `1,000` alone. */
export function guessDecimal(amounts: readonly string[]): ',' | '.' | undefined {
  const seen = new Set<string>();
  for (const amount of amounts) {
    const digits = amount.replace(/[^\d.,]/g, '');
    const last = digits.lastIndexOf(',') > digits.lastIndexOf('.') ? ',' : '.';
    const at = digits.lastIndexOf(last);
    if (at < 0) continue;
    const other = last === ',' ? '.' : ',';
    const isDecimal = digits.includes(other) || digits.length - at - 1 !== 3;
    const isGroup = digits.indexOf(last) !== at;
    if (isGroup) seen.add(other);
    else if (isDecimal) seen.add(last);
  }
  const [only] = seen;
  return seen.size === 1 && (only === ',' || only === '.') ? only : undefined;
}

/** The cells of a column. */
export function columnOf({ header, rows }: CsvTable, column: string | null | undefined): readonly string[] {
  const at = column === null || column === undefined ? -1 : header.indexOf(column);
  return at < 0 ? rows.map(() => '') : rows.map(({ cells }) => cells[at]?.trim() ?? '');
}

/** The three numbers of a date as written, with or without a time of day; undefined if it isn’t one. */
export function dateParts(cell: string): readonly [string, string, string] | undefined {
  const whole = cell.trim();
  const [day = ''] = whole.split(/[\sT]/, 1);
  const [, a, b, c] = DATE.exec(whole) ?? DATE.exec(day) ?? COMPACT.exec(day) ?? [];
  return a === undefined || b === undefined || c === undefined ? undefined : [a, b, c];
}

/** The header, with the delimiter that gives the most columns with a meaning, then the most columns. */
function headerOf(text: string): Header | undefined {
  const found = DELIMITERS.flatMap((delimiter) => headerIn(text, delimiter) ?? []);
  return found.sort((a, b) => b.meaning - a.meaning || b.cells.length - a.cells.length)[0];
}

interface Header {
  readonly delimiter: string;
  /** Its place among the records, from 0. */
  readonly at: number;
  readonly cells: readonly string[];
  /** How many of its columns have a meaning; 0 for a single one, which may be a coincidence. */
  readonly meaning: number;
}

/**
 * The row that names the columns: the one of the first rows that names the most, otherwise the first of the widest.
 * Spreadsheets fill up the rows above it to the same width.
 */
function headerIn(text: string, delimiter: string): Header | undefined {
  const above = (recordsIn(text, delimiter, MOST_LINES_ABOVE) ?? []).map(({ record }, at) => {
    const cells = record.map((cell) => cell.trim());
    return { delimiter, at, cells: columnNames(cells, LONGEST_HEADER), isEmpty: cells.every((cell) => cell === '') };
  });
  const [best] = above
    .filter(({ cells, isEmpty }) => !isEmpty && cells.length >= 2 && cells.length <= MOST_COLUMNS)
    .map(({ isEmpty: _isEmpty, ...one }) => {
      const { length } = Object.keys(guessColumns(one.cells));
      return { ...one, meaning: length > 1 ? length : 0 };
    })
    .sort((a, b) => b.meaning - a.meaning || b.cells.length - a.cells.length || a.at - b.at);
  return best;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** The records of a CSV file, or the first `most`; undefined if it can’t be read with this delimiter. */
function recordsIn(text: string, delimiter: string, most?: number): readonly CsvRecord[] | undefined {
  try {
    return parse(text, {
      ...{ delimiter, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true },
      max_record_size: 100_000,
      ...(most !== undefined && { to: most }),
    }) as unknown as CsvRecord[];
  } catch {
    return undefined;
  }
}
