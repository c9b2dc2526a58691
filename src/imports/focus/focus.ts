import type { Readable } from 'node:stream';
import { Refusal } from '../../billing/refusal.ts';
import { Breather, breathing } from '../file/breather.ts';
import { type CsvRecord, CsvScanner } from '../file/csv.ts';
import { asUtf8 } from '../file/encoding.ts';
import { separatorOf, withFirstLine } from '../file/separator.ts';
import type { Layout } from '../layouts/layout.ts';
import { LayoutSearch, type MappingOptions } from '../layouts/layout-search.ts';
import type { RowRemark } from './focus-cells.ts';
import type { FocusFileError } from './focus-columns.ts';
import { type FocusRow, type RejectedRow, type RowOptions, readRow } from './focus-row.ts';

export type { RowRemark } from './focus-cells.ts';
export type { FocusLineType } from './focus-charge.ts';
export { type FocusRow, type RejectedRow, UNKNOWN_SERVICE } from './focus-row.ts';

/** Something about the file that people should know but that rejects no row. */
export interface FileNote extends RowRemark {
  /** The 1-based line of the file that it concerns. */
  readonly line: number;
}

export interface FocusOptions extends RowOptions, MappingOptions {
  /** Called with notes about the file as a whole, as they are found. */
  readonly onFileNote?: (note: FileNote) => void;
}

/** The most bytes that a file with bad quotation marks may cause to be read again. */
const MAX_BYTES_READ_AGAIN = 64 << 20;
/** How much of a file's beginning is needed to identify it. */
const HEAD_BYTES = 4096;
/** How much is needed to find the columns of a mapped table below what was written above them. */
const TABLE_HEAD_BYTES = 16 * 1024;
const WHOLE_FILE = '(file)';

/**
 * Reads a cost file as text, as a stream: FOCUS 1.0 to 1.4, CSV in UTF-8 or UTF-16, separated by commas, semicolons,
 * tabs or vertical bars. Every row below the header is returned in file order, as a cost or as rejected with a reason.
 * Holds one chunk and one row at a time, and asks for the next chunk only when this one's rows have been taken. Stopping
 * early closes a `Readable`. The same bytes always give the same rows with the same hashes.
 * @throws {Refusal} `focus_file` if the file as a whole can't be read: empty, not CSV, without a required column, or in
 * an encoding that can't be read
 */
export async function* readFocus(
  input: Readable | AsyncIterable<Uint8Array>,
  options: FocusOptions = {},
): AsyncGenerator<FocusRow | RejectedRow, void> {
  const reader = new CostReader(options);
  const breather = new Breather();
  let scanner: CsvScanner | undefined;
  const { mappings = [] } = options;
  const text = asUtf8(input, () => reader.noteUtf16());
  for await (const chunk of withFirstLine(text, mappings.length > 0 ? TABLE_HEAD_BYTES : 0)) {
    if (scanner === undefined) {
      const separator = separatorOf(chunk, mappings);
      reader.expectSeparator(separator);
      scanner = new CsvScanner(undefined, separator);
    }
    yield* breathing(reader.rows(scanner.push(chunk), { chunk, scanner }), breather);
    // a chunk may have no rows at all
    if (breather.isOver) await breather.breathe();
  }
  if (scanner !== undefined) yield* breathing(reader.rows(scanner.end(), { scanner }), breather);
  reader.finish();
}

/** Turns the records of a table, the first of which has the names of its columns, into costs. */
export class CostReader {
  readonly #options: FocusOptions;
  #search: LayoutSearch;
  #layout: Layout | undefined;
  /** The first bytes of the file, until the header has been read. */
  #head: Buffer | undefined = Buffer.alloc(0);
  /** Whether the next row is the first below a header. */
  #isFirst = true;

  constructor(options: FocusOptions) {
    this.#options = options;
    this.#search = new LayoutSearch(options);
  }

  /** A mapping only applies to files with its separator. @param separator as a byte */
  expectSeparator(separator: number): void {
    this.#search = new LayoutSearch(this.#options, String.fromCharCode(separator));
  }

  /** How the columns are read, once the header has been. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  noteUtf16(): void {
    this.#note(1, 'The file is in UTF-16. It was read as such.');
  }

  *rows(
    records: Iterable<CsvRecord>,
    { chunk, scanner }: { readonly chunk?: Uint8Array; readonly scanner?: CsvScanner } = {},
  ): Generator<FocusRow | RejectedRow, void> {
    if (this.#head && chunk && this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES)]);
    }
    for (const record of records) {
      if (scanner && scanner.bytesReadAgain > MAX_BYTES_READ_AGAIN) {
        throw new Refusal('focus_file', {
          problem: 'The quotation marks in this file aren’t balanced, so its rows can’t be read.',
        });
      }
      if (this.#layout === undefined) {
        this.#layout = this.#search.next(record, this.#head);
        if (this.#layout === undefined) continue;
        this.#head = undefined;
        if (this.#layout.mapping?.encoding === 'windows-1252') scanner?.readWindows1252();
        else assertUtf8(this.#layout, record);
        scanner?.startTable(record.fields.length);
        if (this.#layout.note !== undefined) this.#note(record.line, this.#layout.note);
        continue;
      }
      const row = this.#rowOf(this.#layout, record);
      if (row !== null) yield row;
    }
  }

  finish(): void {
    if (this.#layout === undefined) throw this.#search.failure ?? emptyFile();
  }

  #rowOf(layout: Layout, record: CsvRecord): FocusRow | RejectedRow | null {
    assertUtf8(layout, record);
    const mayBeMarked = this.#isFirst || record.marked === true;
    this.#isFirst = false;
    const row = inOwnNames(layout, this.#translatedRow(layout, record, mayBeMarked));
    if (row?.kind === 'rejected' && layout.isHeader(record.fields)) {
      // a repeated header, possibly in another order
      this.#layout = layout.mapping ? layout : (this.#search.next(record) ?? layout);
      this.#isFirst = true;
      this.#note(record.line, 'This line repeats the column names, as in joined files. It was skipped.');
      return null;
    }
    if (row?.kind === 'row' && record.open) {
      this.#note(record.line, 'The file ended without a line break. Its last row is complete and was imported.');
    }
    return row;
  }

  #translatedRow(layout: Layout, record: CsvRecord, mayBeMarked: boolean): FocusRow | RejectedRow | null {
    const found = layout.translated(record);
    if ('skipped' in found) {
      this.#note(record.line, found.skipped);
      return null;
    }
    if ('rejected' in found) return { kind: 'rejected', line: record.line, ...found.rejected };
    const { header, record: cells } = found;
    const source = this.#options.source ?? layout.sourceOf?.(cells.fields);
    const { maxDecimals } = layout;
    return readRow(header, cells, {
      ...{ ...this.#options, mayBeMarked },
      ...(source !== undefined && { source }),
      ...(maxDecimals !== undefined && { maxDecimals }),
    });
  }

  #note(line: number, reason: string): void {
    this.#options.onFileNote?.({ line, column: WHOLE_FILE, reason });
  }
}

/** With the file's own names of the columns in what is said about the row. */
function inOwnNames(layout: Layout, row: FocusRow | RejectedRow | null): FocusRow | RejectedRow | null {
  if (row?.kind === 'rejected') return { ...row, column: layout.ownName(row.column) };
  if (!row?.warnings) return row;
  return { ...row, warnings: row.warnings.map((one) => ({ ...one, column: layout.ownName(one.column) })) };
}

/** The problem to report for a file without a header. */
export function emptyFile(): FocusFileError {
  return new Refusal('focus_file', { problem: 'The file is empty.' });
}

/** @throws {Refusal} `focus_file` naming the first cell that isn't UTF-8 */
export function assertUtf8(
  { header, mapping }: Pick<Layout, 'header' | 'mapping'>,
  { line, fields, fault }: CsvRecord,
): void {
  if (fault?.kind !== 'encoding') return;
  const column = header.names[fault.field] ?? `cell ${fault.field + 1}`;
  const cell = [...(fields[fault.field] ?? '')].slice(0, 40).join('');
  throw new Refusal('focus_file', {
    problem: `The file isn’t in UTF-8: line ${line}, ${column} has characters that can’t be read (“${cell}” in Windows-1252).`,
    remedy: mapping
      ? 'Save the file as CSV in UTF-8, or choose the encoding Windows-1252 in its mapping, and import it again.'
      : 'Save the file as CSV in UTF-8 (“CSV UTF-8” in Excel), and import it again.',
  });
}
