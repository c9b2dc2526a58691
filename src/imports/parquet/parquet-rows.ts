import { setImmediate as pause } from 'node:timers/promises';
import { type FileMetaData, parquetScan, type RowGroup } from 'hyparquet';
import { Refusal } from '../../billing/refusal.ts';
import type { CsvRecord } from '../file/csv.ts';
import { COMPRESSORS } from './compressors.ts';
import { cellText } from './parquet-cell.ts';
import { type ColumnBytes, describeParquet, groupBytes, type ParquetDescription, unreadable } from './parquet-file.ts';
import type { ParquetColumn } from './parquet-schema.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** How many rows become texts at a time. */
const SLICE_ROWS = 4096;
/**
 * How many rows are decoded at a time, a multiple of the above. Some programs write a whole row group as one page, which
 * is decoded again for each.
 */
const DECODED_ROWS = 16 * SLICE_ROWS;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A Parquet file as a table of texts. */
export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  /** The rows, some at a time. Their line is their number in the file, from 1. */
  slices(): AsyncGenerator<readonly CsvRecord[], void>;
}

/**
 * Opens a Parquet file that is read twice, each time from its beginning to its end: for its description, then for its
 * rows. One row group's compressed bytes and some thousand of its rows are in memory.
 *
 * @param again opens the file once more, for the rows
 * @throws {Refusal} `focus_file` for a file that can't be read
 */
export async function openParquet(bytes: Bytes, again: () => Bytes | Promise<Bytes>): Promise<ParquetTable> {
  const description = await describeParquet(bytes);
  return {
    columns: description.columns,
    slices: () => slicesOf(description, again),
  };
}

async function* slicesOf(
  { columns, metadata }: ParquetDescription,
  again: () => Bytes | Promise<Bytes>,
): AsyncGenerator<readonly CsvRecord[], void> {
  let before = 0;
  let place = 0;
  for await (const chunks of groupBytes(await again(), metadata.row_groups)) {
    const group = metadata.row_groups[place++] as RowGroup;
    for await (const slice of slicesOfGroup({ columns, metadata, group, chunks })) {
      yield slice.map((fields, at) => ({ line: before + at + 1, fields, open: false }));
      before += slice.length;
    }
  }
}

interface Group {
  readonly columns: readonly ParquetColumn[];
  readonly metadata: FileMetaData;
  readonly group: RowGroup;
  readonly chunks: readonly ColumnBytes[];
}

async function* slicesOfGroup({ columns, metadata, group, chunks }: Group): AsyncGenerator<string[][], void> {
  const file = { byteLength: Number.MAX_SAFE_INTEGER, slice: sliceOf(chunks) };
  const rows = Number(group.num_rows);
  const scan = await parquetScan({
    file,
    metadata: { ...metadata, row_groups: [group], num_rows: group.num_rows },
    compressors: COMPRESSORS,
    utf8: false,
    useOffsetIndex: false,
    parsers: { stringFromBytes: textOf, timestampFromNanoseconds: (nanos) => nanos },
  });
  for (let start = 0; start < rows; start += SLICE_ROWS) {
    const end = Math.min(start + SLICE_ROWS, rows);
    const slice = Array.from({ length: end - start }, () => new Array<string>(columns.length));
    for (const [n, column] of columns.entries()) {
      const values = await columnOf(scan, column, { start, end, rows });
      for (let at = 0; at < slice.length; at++) (slice[at] as string[])[n] = cellText(column.form, values[at]);
      // decoding is synchronous
      await pause();
    }
    yield slice;
  }
}

type Scan = Awaited<ReturnType<typeof parquetScan>>;

async function columnOf(
  scan: Scan,
  { name, form }: ParquetColumn,
  { start, end, rows }: { readonly start: number; readonly end: number; readonly rows: number },
): Promise<ArrayLike<unknown>> {
  // pages of nested values can't be skipped: they are decoded once for the whole group
  const rowStart = form.kind === 'nested' ? 0 : start - (start % DECODED_ROWS);
  const rowEnd = form.kind === 'nested' ? rows : Math.min(rowStart + DECODED_ROWS, rows);
  try {
    // the library keeps the last range of each column
    const values = await scan.readColumn({ column: name, rowStart, rowEnd });
    if (values.length !== rowEnd - rowStart) throw new Error(`${values.length} instead of ${rowEnd - rowStart} values`);
    return Array.prototype.slice.call(values, start - rowStart, end - rowStart);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreadable(`The column ${name} of this Parquet file can’t be read.`, undefined, error);
  }
}

/** Serves the library's requests from the columns of the current row group. It combines neighboring columns. */
function sliceOf(chunks: readonly ColumnBytes[]): (start: number, end?: number) => ArrayBuffer {
  return (start, end = Number.MAX_SAFE_INTEGER) => {
    const whole = chunks.find((one) => one.start === start && one.start + one.bytes.byteLength === end);
    if (whole) return whole.bytes;
    const inside = chunks.filter((one) => one.start < end && start < one.start + one.bytes.byteLength);
    const last = Math.max(...inside.map((one) => one.start + one.bytes.byteLength));
    if (last < end) throw unreadable('This Parquet file is damaged.');
    const slice = new Uint8Array(end - start);
    for (const one of inside) {
      const from = Math.max(start, one.start);
      const to = Math.min(end, one.start + one.bytes.byteLength);
      slice.set(new Uint8Array(one.bytes, from - one.start, to - from), from - start);
    }
    return slice.buffer;
  };
}

/** Bytes that aren't UTF-8 end the import: they must not be booked as replacement characters. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  return utf8.decode(bytes);
}
