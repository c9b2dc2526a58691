import { z } from 'zod';
import { nameLength } from '../group/names.ts';
import { isCurrency } from '../money/currency.ts';

/** How the days of a column are written: day first, month first, year first, or months without a day. */
export const DATE_FORMATS = ['dmy', 'mdy', 'ymd', 'month'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** How amounts are written: the decimal separator, then the thousands separator. */
export const NUMBER_FORMATS = [',.', '.,', ', ', '. ', ".'", ",'"] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

export const ENCODINGS = ['utf-8', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

export const MAPPING_NAME_LIMIT = 60;
export const MAX_TAG_COLUMNS = 20;
/** The longest name of a column that can be chosen. Longer ones are cut. */
export const COLUMN_NAME_LIMIT = 70;

const column = z.string().max(COLUMN_NAME_LIMIT + 10);
const maybeColumn = column.nullable();

/** Which column of a cost file is what. Columns are named as in the file's header. */
export const costColumnsSchema = z.object({
  amount: column,
  numberFormat: z.enum(NUMBER_FORMATS),
  currency: maybeColumn,
  /** ISO 4217: for amounts without a currency of their own row. */
  fixedCurrency: z.string().nullable(),
  /** Null for a file without dates: its month is stated with each import. */
  date: maybeColumn,
  dateFormat: z.enum(DATE_FORMATS).nullable(),
  /** The last day of a charge. */
  lastDay: maybeColumn,
  project: maybeColumn,
  projectName: maybeColumn,
  service: maybeColumn,
  description: maybeColumn,
  payer: maybeColumn,
  tags: z.array(column).max(MAX_TAG_COLUMNS),
});
export type CostColumns = z.infer<typeof costColumnsSchema>;

/** How one kind of cost file is read: a table that isn't in a known layout. A person makes it once. */
export interface CostMapping extends CostColumns {
  readonly name: string;
  /** Names the source of the costs. Stays the same when the mapping is renamed. */
  readonly source: string;
  /** The names of the file's columns when the mapping was made. */
  readonly header: readonly string[];
  readonly separator: Separator;
  /** Windows-1252 is read only in rows that aren't UTF-8. */
  readonly encoding: Encoding;
  /** The IANA time zone of the file's days. */
  readonly timeZone: string;
}

/** The columns that a mapping reads. */
export function columnsReadBy(columns: CostColumns): readonly string[] {
  const { amount, currency, date, lastDay, project, projectName, service, description, payer, tags } = columns;
  const single = [amount, currency, date, lastDay, project, projectName, service, description, payer];
  return [...new Set([...single.filter((one) => one !== null), ...tags])];
}

/** What is wrong with chosen columns, by field; empty if nothing is. @param month YYYY-MM, as typed */
export function mappingFaults(
  chosen: CostColumns & { readonly name: string; readonly month: string | null },
): Record<string, string> {
  const { name, currency, fixedCurrency, date, dateFormat, lastDay, month } = chosen;
  const faults: Record<string, string> = {};
  if (name.trim() === '') faults.name = 'Enter a name for these files, such as the provider’s.';
  if (nameLength(name) > MAPPING_NAME_LIMIT) faults.name = `A name can have at most ${MAPPING_NAME_LIMIT} characters.`;
  if (currency === null && fixedCurrency === null) {
    faults.fixedCurrency = 'Choose the currency, or the column that holds it.';
  }
  if (fixedCurrency !== null && !isCurrency(fixedCurrency)) faults.fixedCurrency = 'Choose a currency, such as EUR.';
  if (date !== null && dateFormat === null) faults.dateFormat = 'Choose how dates are written.';
  if (date === null && lastDay !== null) faults.date = 'Choose the column with the first day too.';
  if (date === null && !MONTH.test(month ?? '')) {
    faults.month = 'Enter the month of these costs, such as 2026-10, or choose the column with the date.';
  }
  return faults;
}

const MONTH = /^20\d\d-(?:0[1-9]|1[0-2])$/;
