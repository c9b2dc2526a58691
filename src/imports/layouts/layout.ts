import type { CsvRecord } from '../file/csv.ts';
import { type FocusHeader, headerOf, missingColumns, readHeader } from '../focus/focus-columns.ts';
import { AWS_CUR, AWS_CUR_2 } from './aws.ts';
import { AZURE_EA, AZURE_MCA } from './azure.ts';
import type { ExportMapping } from './export-mapping.ts';
import { GOOGLE_EXPORT } from './google.ts';
import { rowMapper } from './mapped-cells.ts';
import { OCI_COST_REPORT } from './oracle.ts';

/** How the columns of a table are read as costs. */
export interface Layout {
  readonly header: FocusHeader;
  /** The column that holds the amounts, by its name in the file. */
  readonly costColumn: string;
  /** What the file is and where its amounts come from, if it isn't FOCUS. */
  readonly note?: string;
  /** Whether a record has the names of the columns in its cells, as the first one does. */
  isHeader(fields: readonly string[]): boolean;
  /** A record with the cells of `header`. One without as many cells as the file's header isn't translated. */
  translated(record: CsvRecord): { readonly header: FocusHeader; readonly record: CsvRecord };
  /** The file's own name for a column. */
  ownName(column: string): string;
}

/** The exports of providers that aren't FOCUS. */
export const EXPORTS: readonly ExportMapping[] = [
  AWS_CUR,
  AWS_CUR_2,
  AZURE_MCA,
  AZURE_EA,
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
  const mapping = missingColumns(cells).length === 0 ? undefined : exportOf(cells);
  if (mapping) return mappedLayout(mapping, cells.map(nameOf));
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

function exportOf(cells: readonly string[]): ExportMapping | undefined {
  const names = new Set(cells.map((cell) => nameOf(cell).toLowerCase()));
  return EXPORTS.find(({ recognizedBy }) => recognizedBy.every((column) => names.has(column.toLowerCase())));
}

function nameOf(cell: string): string {
  return cell.replace(/^\uFEFF/, '').trim();
}

function mappedLayout(mapping: ExportMapping, names: readonly string[]): Layout {
  const { columns, read } = rowMapper(mapping, names);
  // the export's own columns are kept with each cost; a FOCUS name in them means something else
  const own = names.map((name) => (columns.some((column) => column === name) ? `${name} (original)` : name));
  const header = headerOf([...columns, ...own]);
  const raw = headerOf(names.map((name) => `${name} `));
  const ownNames = new Map(columns.map((column) => [column as string, ownNameOf(mapping, column, names)]));
  const isComplete = ({ fields, fault }: CsvRecord) =>
    fault === undefined && fields.length >= names.length && fields.slice(names.length).every((cell) => cell === '');
  return {
    header,
    costColumn: mapping.costColumn,
    note: `The file is read as: ${mapping.name}. The amounts are from ${mapping.costNote ?? mapping.costColumn}.`,
    isHeader: (fields) => fields.length >= names.length && names.every((name, at) => nameOf(fields[at] ?? '') === name),
    translated: (record) => {
      if (!isComplete(record)) return { header: raw, record };
      return {
        header,
        record: { ...record, fields: [...read(record.fields), ...record.fields.slice(0, names.length)] },
      };
    },
    ownName: (column) => ownNames.get(column) ?? column.replace(/ (?:\(original\))?$/, ''),
  };
}

/** The first of a mapping's columns that the file has. */
function ownNameOf({ cells }: ExportMapping, column: keyof ExportMapping['cells'], names: readonly string[]): string {
  const own = (cells[column] ?? []).flatMap((source) => ('column' in source ? [source.column] : []));
  const found = own.find((one) => names.some((name) => name.toLowerCase() === one.toLowerCase()));
  return found ?? own[0] ?? column;
}
