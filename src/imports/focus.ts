import type { Readable } from 'node:stream';
import { type CsvRecord, CsvScanner } from './csv.ts';
import { FocusFileError, type FocusHeader, readHeader } from './focus-columns.ts';
import { type FocusRow, type RejectedRow, readRow } from './focus-row.ts';

export type { RowRemark } from './focus-cells.ts';
export type { FocusLineType } from './focus-charge.ts';
export { FocusFileError } from './focus-columns.ts';
export { type FocusRow, type RejectedRow, UNKNOWN_SERVICE } from './focus-row.ts';

export interface FocusOptions {
  /** The source of all rows; by default `focus:` and the row's billing account. */
  readonly source?: string;
}

/** A file with bad quotation marks costs no more than this in repeated reading. */
const MAX_BYTES_READ_AGAIN = 64 << 20;

/**
 * Reads a FOCUS cost file (versions 1.0 to 1.4, CSV in UTF-8) as a stream: every row below the header, in the file's
 * order, as a cost or as rejected with a reason. Holds one chunk and one row at a time and asks for the next chunk only
 * when the rows of this one are taken; stopping early closes a `Readable`. Reading the same bytes again gives the same
 * rows with the same hashes.
 * @throws FocusFileError when the file as a whole is none: empty, not CSV, or without a required column
 */
export async function* readFocus(
  input: Readable | AsyncIterable<Uint8Array>,
  options: FocusOptions = {},
): AsyncGenerator<FocusRow | RejectedRow, void> {
  const scanner = new CsvScanner();
  const reader = new FocusReader(scanner, options.source);
  for await (const chunk of input) {
    yield* reader.rows(scanner.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  }
  yield* reader.rows(scanner.end());
  reader.finish();
}

class FocusReader {
  readonly #scanner: CsvScanner;
  readonly #source: string | undefined;
  #header: FocusHeader | undefined;

  constructor(scanner: CsvScanner, source: string | undefined) {
    this.#scanner = scanner;
    this.#source = source;
  }

  *rows(records: Iterable<CsvRecord>): Generator<FocusRow | RejectedRow, void> {
    for (const record of records) {
      if (this.#scanner.bytesReadAgain > MAX_BYTES_READ_AGAIN) {
        throw new FocusFileError('The quotation marks in this file do not pair up, so its rows cannot be told apart.');
      }
      if (this.#header === undefined) {
        this.#header = readHeader(record.fields);
        continue;
      }
      const row = readRow(this.#header, record, this.#source);
      if (row !== null) yield row;
    }
  }

  finish(): void {
    if (this.#header === undefined) throw new FocusFileError('The file is empty: it has no header.');
  }
}
