import { isUtf8 } from 'node:buffer';
import { COLUMN_NAME_LIMIT, type Encoding, SEPARATORS, type Separator } from '../../billing/cost/cost-mapping.ts';
import { columnNames } from '../file/column-names.ts';
import { type CsvRecord, CsvScanner } from '../file/csv.ts';
import { headAsUtf8 } from '../file/encoding.ts';
import { MAX_RECORDS_ABOVE } from './find-mapping.ts';
import { fieldsNamed, type SampleTable } from './guess-columns.ts';

/** The beginning of a table, for a person to say what its columns are. */
export interface CostSample extends SampleTable {
  readonly encoding: Encoding;
}

/** How many rows are looked at to propose how columns are written. */
const MAX_ROWS = 300;
const MIN_COLUMNS = 2;
const MAX_COLUMNS = 500;
const LF = 0x0a;

/**
 * Reads the beginning of a CSV file: its separator, the names of its columns, which may be below other lines, and its
 * first rows.
 *
 * @param head the file's first bytes, which may end anywhere
 * @returns undefined if it isn't a table with a header and a row
 */
export function readSample(head: Buffer): CostSample | undefined {
  const utf8 = wholeLines(headAsUtf8(head));
  if (utf8.includes(0)) return undefined;
  const tables = SEPARATORS.flatMap((separator) => tableIn(utf8, separator) ?? []);
  const [best] = tables.sort((a, b) => b.meaning - a.meaning || b.header.length - a.header.length);
  if (!best) return undefined;
  const { separator, header, rows } = best;
  return { separator, header, rows, encoding: isUtf8(utf8) ? 'utf-8' : 'windows-1252' };
}

/** Without the last line, which may be cut off, unless it is the only one below the first. */
function wholeLines(bytes: Buffer): Buffer {
  const last = bytes.lastIndexOf(LF);
  return bytes.indexOf(LF) < last ? bytes.subarray(0, last + 1) : bytes;
}

interface Table {
  readonly separator: Separator;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many of its columns have a meaning. */
  readonly meaning: number;
}

function tableIn(bytes: Buffer, separator: Separator): Table | undefined {
  const records = recordsOf(bytes, separator);
  const [best] = records
    .slice(0, MAX_RECORDS_ABOVE)
    .map(({ fields }, at) => {
      const header = columnNames(fields, COLUMN_NAME_LIMIT);
      const rows = records.slice(at + 1).flatMap((one) => (one.fields.length === header.length ? [one.fields] : []));
      // a row of numbers names nothing
      const isNames = fields.filter((cell) => /\p{L}/u.test(cell)).length * 2 >= fields.length;
      return { separator, header, rows, at, isNames, meaning: fieldsNamed(header).length };
    })
    .filter(({ header, rows }) => header.length >= MIN_COLUMNS && header.length <= MAX_COLUMNS && rows.length > 0)
    .filter(({ isNames }) => isNames)
    .sort((a, b) => b.meaning - a.meaning || b.header.length - a.header.length || a.at - b.at);
  return best;
}

function recordsOf(bytes: Buffer, separator: Separator): CsvRecord[] {
  const scanner = new CsvScanner(undefined, separator.charCodeAt(0));
  scanner.readWindows1252();
  const records: CsvRecord[] = [];
  for (const part of [scanner.push(bytes), scanner.end()]) {
    for (const record of part) {
      if (record.fault === undefined) records.push(record);
      if (records.length >= MAX_RECORDS_ABOVE + MAX_ROWS) return records;
    }
  }
  return records;
}
