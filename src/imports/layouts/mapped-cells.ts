import { Decimal } from '../../billing/money/money.ts';
import type { KnownColumn } from '../focus/focus-columns.ts';
import { isNull, parseDecimal } from '../focus/focus-values.ts';
import type { CellSource, ExportMapping } from './export-mapping.ts';

/** A provider's day: the month first, as Microsoft writes it. */
const US_DAY = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO_DAY = /^(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/;
const MONTH = /^(\d{4})(\d\d)$/;
const DAY_MS = 86_400_000;

/** Reads a row of an export: the value of each FOCUS column that it maps, as text. */
export type RowMapper = (fields: readonly string[]) => string[];

/** Prepares a mapping for an export with these columns. */
export function rowMapper(
  { cells, tagColumns }: ExportMapping,
  names: readonly string[],
): { readonly columns: readonly KnownColumn[]; readonly read: RowMapper } {
  const indexOf = columnIndex(names);
  const readers = Object.entries(cells).map(([column, sources]) => {
    return [column as KnownColumn, (sources ?? []).map((source) => reader(source, indexOf))] as const;
  });
  const tags = tagColumns === undefined ? [] : tagCells(tagColumns, names);
  if (tags.length > 0) {
    const known = readers.find(([column]) => column === 'Tags')?.[1] ?? [];
    const others = readers.filter(([column]) => column !== 'Tags');
    return rowOf([...others, ['Tags', [(fields) => tagsText(tags, fields), ...known]]]);
  }
  return rowOf(readers);
}

type CellReader = (fields: readonly string[]) => string;

function rowOf(readers: readonly (readonly [KnownColumn, readonly CellReader[]])[]) {
  return {
    columns: readers.map(([column]) => column),
    read: (fields: readonly string[]) => readers.map(([, sources]) => firstValue(sources, fields)),
  };
}

function firstValue(sources: readonly CellReader[], fields: readonly string[]): string {
  for (const source of sources) {
    const value = source(fields);
    if (!isNull(value)) return value;
  }
  return '';
}

/** Finds columns whatever their case: providers have changed it. */
function columnIndex(names: readonly string[]): (column: string) => number {
  const indices = new Map(names.map((name, at) => [name.toLowerCase(), at]).reverse() as [string, number][]);
  return (column) => indices.get(column.toLowerCase()) ?? -1;
}

function reader(source: CellSource, indexOf: (column: string) => number): CellReader {
  if ('constant' in source) return () => source.constant;
  const at = indexOf(source.column);
  const cell: CellReader = (fields) => fields[at] ?? '';
  if ('key' in source) {
    const value: CellReader = (fields) => valueIn(cell(fields), source.key);
    return 'month' in source ? (fields) => monthText(value(fields)) : value;
  }
  if ('words' in source) return (fields) => source.words[cell(fields).trim()] ?? cell(fields);
  if ('day' in source) return (fields) => dayText(cell(fields), source.day);
  if ('month' in source) return (fields) => monthText(cell(fields));
  if ('pairs' in source) return (fields) => pairsText(cell(fields));
  if ('plus' in source) {
    const list = indexOf(source.plus.column);
    return (fields) => sumText(cell(fields), fields[list] ?? '', source.plus.key);
  }
  return cell;
}

/** The first day of a month. What isn't a month stays as it is, so that the row is rejected with what it says. */
function monthText(cell: string): string {
  return cell.trim().replace(MONTH, '$1-$2-01');
}

/** A day as FOCUS writes it. What isn't a day stays as it is, so that the row is rejected with what it says. */
function dayText(cell: string, side: 'begin' | 'end'): string {
  const text = cell.trim();
  const [, month = '', day = '', year] = US_DAY.exec(text) ?? [];
  const iso =
    year === undefined ? ISO_DAY.exec(text)?.[1] : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (iso === undefined || side === 'begin') return iso ?? cell;
  const begin = Date.parse(`${iso}T00:00:00Z`);
  return Number.isNaN(begin) ? cell : new Date(begin + DAY_MS).toISOString().slice(0, 10);
}

function valueIn(json: string, key: string): string {
  const found = parsed(json);
  const value = isRecord(found) ? found[key] : undefined;
  return typeof value === 'string' ? value : '';
}

/** Labels written as a list of keys and values, as one JSON object. */
function pairsText(json: string): string {
  const list = parsed(json);
  if (!Array.isArray(list)) return json;
  const pairs = list.filter(isRecord).map(({ key, value }) => [String(key), String(value ?? '')]);
  return pairs.length === 0 ? '' : JSON.stringify(Object.fromEntries(pairs));
}

/** The exact sum. An amount that can't be read makes the whole text unreadable, so that the row is rejected. */
function sumText(cell: string, json: string, key: string): string {
  const list = isNull(json) ? [] : parsed(json, true);
  if (!Array.isArray(list)) return json;
  const amounts = list.map((one) => (isRecord(one) ? String(one[key] ?? '0') : json));
  let sum = new Decimal(0);
  for (const amount of [cell.trim(), ...amounts]) {
    const parts = parseDecimal(amount);
    if (parts === null) return amount;
    sum = sum.plus(parts.canonical);
  }
  return sum.toFixed();
}

/** @param isExact numbers become texts, with all their digits */
function parsed(json: string, isExact = false): unknown {
  // a number in JSON is a floating-point number once it has been parsed
  const text = isExact ? json.replace(/:\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?=[,}\]])/g, ':"$1"') : json;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface TagCell {
  readonly key: string;
  readonly index: number;
}

function tagCells(prefix: string, names: readonly string[]): TagCell[] {
  return names.flatMap((name, index) =>
    name.toLowerCase().startsWith(prefix.toLowerCase()) ? [{ key: name.slice(prefix.length), index }] : [],
  );
}

function tagsText(cells: readonly TagCell[], fields: readonly string[]): string {
  const tags = cells.flatMap(({ key, index }) => {
    const value = fields[index] ?? '';
    return isNull(value) ? [] : [[key, value]];
  });
  return tags.length === 0 ? '' : JSON.stringify(Object.fromEntries(tags));
}
