import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import type { CsvRecord } from '../file/csv.ts';
import type { RowRemark } from '../focus/focus-cells.ts';
import { type FocusHeader, headerOf, type KnownColumn, missingColumns, readHeader } from '../focus/focus-columns.ts';
import { isNull } from '../focus/focus-values.ts';
import { AWS_CUR, AWS_CUR_2 } from './aws.ts';
import { AZURE_EA, AZURE_EA_COST, AZURE_MCA, AZURE_PAY_AS_YOU_GO, AZURE_USAGE } from './azure.ts';
import type { ExportMapping } from './export-mapping.ts';
import { GOOGLE_EXPORT } from './google.ts';
import { rowMapper } from './mapped-cells.ts';
import { OCI_COST_REPORT } from './oracle.ts';

/**
 * A record with the cells of a layout's header, why it can't be read, or why it isn't a cost. A record without as many
 * cells as the file's header isn't translated.
 */
export type Translation =
  | { readonly header: FocusHeader; readonly record: CsvRecord }
  | { readonly rejected: RowRemark }
  | { readonly skipped: string };

/** How the columns of a table are read as costs. */
export interface Layout {
  readonly header: FocusHeader;
  /** The column that holds the amounts, by its name in the file. */
  readonly costColumn: string;
  /** How many digits an amount can have after its decimal point, if not as many as in FOCUS. */
  readonly maxDecimals?: number;
  /** What the file is and where its amounts come from, if it isn't FOCUS. */
  readonly note?: string;
  /** Whether a record has the names of the columns in its cells, as the first one does. */
  isHeader(fields: readonly string[]): boolean;
  translated(record: CsvRecord): Translation;
  /** The file's own name for a column. */
  ownName(column: string): string;
  /** The mapping of an account by which the file is read. */
  readonly mapping?: CostMapping;
  /** The source of a row with these cells of `header`; by default, its billing account. */
  sourceOf?(cells: readonly string[]): string;
}

/** Azure divides prices without rounding: its amounts have up to 28 digits after the decimal point. */
const EXPORT_DECIMALS = 34;

/** The exports of providers that aren't FOCUS. */
export const EXPORTS: readonly ExportMapping[] = [
  AWS_CUR,
  AWS_CUR_2,
  AZURE_MCA,
  AZURE_EA,
  AZURE_EA_COST,
  AZURE_PAY_AS_YOU_GO,
  AZURE_USAGE,
  GOOGLE_EXPORT,
  OCI_COST_REPORT,
];

/**
 * The layout of a table, by the names of its columns: FOCUS, or a provider's own export.
 *
 * @param firstBytes of the file, used to recognize files that aren't CSV
 * @throws {Refusal} `focus_file` if the table has no layout that is known
 */
export function layoutOf(cells: readonly string[], firstBytes?: Uint8Array): Layout {
  if (missingColumns(cells).length > 0) {
    const names = cells.map(nameOf);
    for (const own of [names, names.map(englishName)]) {
      const mapping = exportOf(own);
      if (mapping) return mappedLayout(mapping, own);
    }
  }
  const header = readHeader(cells, firstBytes);
  return {
    header,
    costColumn: 'BilledCost',
    // no row has the names of all required columns in its cells
    isHeader: (fields) => missingColumns(fields).length === 0,
    translated: (record) => ({ header, record }),
    ownName: (column) => column,
  };
}

function exportOf(own: readonly string[]): ExportMapping | undefined {
  const names = new Set(own.map((name) => name.toLowerCase()));
  return EXPORTS.find(({ recognizedBy }) => recognizedBy.every((column) => names.has(column.toLowerCase())));
}

/** In other languages, Azure's portal writes the English name behind its own: `Währung (Currency)`. */
function englishName(name: string): string {
  return /\(([A-Za-z]+)\)$/.exec(name)?.[1] ?? name;
}

function isNamed(cell: string, name: string): boolean {
  const own = nameOf(cell);
  return own === name || englishName(own) === name;
}

function nameOf(cell: string): string {
  return cell.replace(/^\uFEFF/, '').trim();
}

function mappedLayout(mapping: ExportMapping, names: readonly string[]): Layout {
  const { columns, read } = rowMapper(mapping, names);
  const ownNames = new Map(columns.map((column) => [column as string, ownNameOf(mapping, column, names)]));
  return tableLayout({
    columns,
    names,
    costColumn: mapping.costColumn,
    note: `The file is read as: ${mapping.name}. The amounts are from ${mapping.costNote ?? mapping.costColumn}.`,
    read: (fields) => ({ cells: read(fields) }),
    ownName: (column) => ownNames.get(column),
    maxDecimals: EXPORT_DECIMALS,
  });
}

/** A table whose rows become FOCUS cells. */
interface TableReading {
  /** The FOCUS columns of the cells. */
  readonly columns: readonly KnownColumn[];
  /** The table's own columns. */
  readonly names: readonly string[];
  readonly costColumn: string;
  readonly note: string;
  read(
    fields: readonly string[],
  ): { readonly cells: readonly string[] } | { readonly rejected: RowRemark } | { readonly skipped: string };
  ownName(column: string): string | undefined;
  readonly maxDecimals?: number;
}

/** The layout of a table that isn't FOCUS. Its own columns are kept with each cost. */
export function tableLayout({ columns, names, costColumn, note, read, ownName, maxDecimals }: TableReading): Layout {
  // a FOCUS name among the file's own columns means something else
  const own = names.map((name) => (columns.some((column) => column === name) ? `${name} (original)` : name));
  const header = headerOf([...columns, ...own]);
  const raw = headerOf(names.map((name) => `${name} `));
  const isComplete = ({ fields, fault }: CsvRecord) =>
    fault === undefined && fields.length >= names.length && fields.slice(names.length).every((cell) => cell === '');
  return {
    header,
    costColumn,
    note,
    ...(maxDecimals !== undefined && { maxDecimals }),
    isHeader: (fields) => fields.length >= names.length && names.every((name, at) => isNamed(fields[at] ?? '', name)),
    translated: (record) => {
      if (!isComplete(record) || record.fields.every(isNull)) return { header: raw, record };
      const row = read(record.fields);
      if (!('cells' in row)) return row;
      return { header, record: { ...record, fields: [...row.cells, ...record.fields.slice(0, names.length)] } };
    },
    ownName: (column) => ownName(column) ?? column.replace(/ (?:\(original\))?$/, ''),
  };
}

/** The first of a mapping's columns that the file has. */
function ownNameOf({ cells }: ExportMapping, column: keyof ExportMapping['cells'], names: readonly string[]): string {
  const own = (cells[column] ?? []).flatMap((source) => ('column' in source ? [source.column] : []));
  const found = own.find((one) => names.some((name) => name.toLowerCase() === one.toLowerCase()));
  return found ?? own[0] ?? column;
}
