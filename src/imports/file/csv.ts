import { isUtf8 } from 'node:buffer';
import { decodeWindows1252 } from './windows-1252.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  /** The 1-based line of the file on which the record starts. */
  readonly line: number;
  /** The cells, unquoted. Empty when the fault is `endless`. Cells that aren't UTF-8 are shown as Windows-1252. */
  readonly fields: string[];
  readonly fault?: CsvFault;
  /** A byte order mark before the first cell was ignored. */
  readonly marked?: true;
  /** The file ends with this record without a line break, so its last cell may have been cut off. */
  readonly open: boolean;
}

/** What is wrong with a record, and in which cell (0-based). */
export interface CsvFault {
  /**
   * A quotation mark that closes too early (`quote`) or never (`endless`), bytes that aren't UTF-8 (`encoding`), or a
   * file that ends in the middle of a character (`cut`).
   */
  readonly kind: 'quote' | 'endless' | 'encoding' | 'cut';
  readonly field: number;
}

/** A longer record has a quotation mark that was never closed. */
export const MAX_RECORD_BYTES = 1 << 20;

const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

const NEEDS_MORE = -1;
const ENDLESS = -2;

// how a cell was written
const PLAIN = 0;
const QUOTED = 1;
const QUOTED_WITH_ESCAPES = 2;

const NOTHING = Buffer.alloc(0);

/** The byte order mark in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Splits the bytes of a CSV file into records: RFC 4180, UTF-8, any separator and line breaks, blank lines skipped. A quotation mark
 * inside an unquoted cell is an ordinary character. Byte order marks before a cell are ignored: concatenated files have
 * them in the middle, too.
 *
 * Push the chunks in order, then call `end`. Only the unfinished record is kept in memory, and it is scanned again only
 * when its size has doubled, so the time is linear in the bytes, whatever the chunks. Bad quotation marks only affect
 * their own row: when a record never ends, or is bad and spans several lines (a fault in its quotation marks, or a
 * different number of cells than the first record), reading continues after its first line.
 *
 * Why not csv-parse: a cost file has about 750 bytes in 44 columns per row, and csv-parse takes longer just to split
 * them than the whole file may take to read. It also can't continue after a bad row. The tests compare both results.
 */
export class CsvScanner {
  readonly #maxRecordBytes: number;
  readonly #separator: number;
  #rest: Buffer = NOTHING;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #skipping = false;
  #line = 1;
  #width: number | undefined;
  #bytesReadAgain = 0;

  // results of the last scan by cell, reused so that a record allocates nothing but its strings
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #kinds: number[] = [];
  #count = 0;
  #innerBreaks = 0;
  #allBits = 0;
  #faulty = -1;
  #open = false;
  #readsWindows1252 = false;

  /** @param separator the byte between two cells */
  constructor(maxRecordBytes = MAX_RECORD_BYTES, separator = COMMA) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#separator = separator;
  }

  /** From here on, cells that aren't UTF-8 are Windows-1252, and no fault. */
  readWindows1252(): void {
    this.#readsWindows1252 = true;
  }

  /** From here on, records have this many cells: something else was written above the table. */
  startTable(width: number): void {
    this.#width = width;
  }

  /** How many bytes were read more than once because of bad quotation marks. Callers may want to limit it. */
  get bytesReadAgain(): number {
    return this.#bytesReadAgain;
  }

  /** The records that these bytes complete. Iterate to the end before pushing the next chunk. */
  push(chunk: Uint8Array): Generator<CsvRecord, void> {
    return this.#split(chunk, false);
  }

  /** The last record, if the file doesn't end with a line break. */
  end(): Generator<CsvRecord, void> {
    return this.#split(NOTHING, true);
  }

  *#split(chunk: Uint8Array, last: boolean): Generator<CsvRecord, void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (!last && this.#waitingBytes + bytes.length < this.#rest.length) {
      // a copy, because the chunk's memory belongs to the caller
      this.#waiting.push(Buffer.from(bytes));
      this.#waitingBytes += bytes.length;
      return;
    }
    const buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, ...this.#waiting, bytes]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    let at = 0;
    while (at < buffer.length) {
      if (this.#skipping) {
        const next = this.#skipLine(buffer, at, last);
        if (next === NEEDS_MORE) {
          at = buffer[buffer.length - 1] === CR ? buffer.length - 1 : buffer.length;
          break;
        }
        at = next;
        continue;
      }
      const next = this.#scan(buffer, at, last);
      if (next === NEEDS_MORE) break;
      if (next === ENDLESS) {
        const open = last && buffer.indexOf(LF, at) < 0;
        yield { line: this.#line, fields: [], fault: { kind: 'endless', field: this.#count }, open };
        this.#distrust(Math.min(buffer.length - at, this.#maxRecordBytes));
      } else {
        if (this.#isRecord()) {
          this.#width ??= this.#count;
          yield this.#record(buffer, at, next);
        }
        if (this.#mayHoldOthers()) {
          this.#distrust(next - at);
        } else {
          this.#line += this.#innerBreaks + 1;
          at = next;
        }
      }
    }
    this.#rest = at < buffer.length ? Buffer.from(buffer.subarray(at)) : NOTHING;
  }

  /** An extra quotation mark joins lines into one bad record, which may contain good rows. */
  #mayHoldOthers(): boolean {
    if (this.#innerBreaks === 0 || this.#width === undefined) return false;
    if (this.#faulty >= 0 || this.#count < this.#width) return true;
    // empty cells at the end of a line are harmless
    return this.#ends.slice(this.#width, this.#count).some((end, n) => end !== this.#starts[n + (this.#width ?? 0)]);
  }

  #distrust(bytes: number): void {
    this.#bytesReadAgain += bytes;
    this.#skipping = true;
  }

  #skipLine(buffer: Buffer, from: number, last: boolean): number {
    let i = from;
    while (i < buffer.length && buffer[i] !== LF && buffer[i] !== CR) i++;
    if (!last && i + 1 >= buffer.length && buffer[i] !== LF) return NEEDS_MORE;
    this.#skipping = false;
    this.#line++;
    return i + (buffer[i] === CR && buffer[i + 1] === LF ? 2 : 1);
  }

  /** Finds the cells of the record that starts at `from`. Returns the position after its line break. */
  #scan(buffer: Buffer, from: number, last: boolean): number {
    const size = Math.min(buffer.length, from + this.#maxRecordBytes);
    const atLimit = size - from === this.#maxRecordBytes;
    const separator = this.#separator;
    let i = from;
    let count = 0;
    let innerBreaks = 0;
    let allBits = 0;
    this.#faulty = -1;
    this.#open = false;
    for (;;) {
      if (buffer[i] === MARK[0]) i = behindMarks(buffer, i);
      let start = i;
      let end: number;
      let kind = PLAIN;
      if (buffer[i] === QUOTE) {
        i++;
        if (buffer[i] === MARK[0]) i = behindMarks(buffer, i);
        start = i;
        kind = QUOTED;
        for (; ; i++) {
          if (i >= size) {
            this.#count = count;
            return last || atLimit ? ENDLESS : NEEDS_MORE;
          }
          const byte = buffer[i] as number;
          allBits |= byte;
          if (byte === QUOTE) {
            if (buffer[i + 1] !== QUOTE) break;
            kind = QUOTED_WITH_ESCAPES;
            i++;
          } else if (byte === LF || (byte === CR && buffer[i + 1] !== LF)) {
            innerBreaks++;
          }
        }
        end = i++;
        if (i < size && !isCellEnd(buffer[i], separator)) {
          if (this.#faulty < 0) this.#faulty = count;
          while (i < size && !isCellEnd(buffer[i], separator)) i++;
        }
      } else {
        for (; i < size; i++) {
          const byte = buffer[i] as number;
          if (byte === separator || byte === LF || byte === CR) break;
          allBits |= byte;
        }
        end = i;
      }
      this.#starts[count] = start;
      this.#ends[count] = end;
      this.#kinds[count] = kind;
      count++;
      if (i < size && buffer[i] === separator) {
        i++;
        continue;
      }
      if (atLimit && i >= size) {
        this.#count = count - 1;
        return ENDLESS;
      }
      // a carriage return at the end of the chunk may be the first half of a line break
      if (!last && (i >= size || (buffer[i] === CR && i + 1 >= size))) {
        this.#count = count - 1;
        return NEEDS_MORE;
      }
      this.#count = count;
      this.#innerBreaks = innerBreaks;
      this.#allBits = allBits;
      this.#open = i >= size;
      if (i >= size) return size;
      return buffer[i] === CR && buffer[i + 1] === LF ? i + 2 : i + 1;
    }
  }

  #isRecord(): boolean {
    return this.#count > 1 || this.#starts[0] !== this.#ends[0] || this.#kinds[0] !== PLAIN;
  }

  #record(buffer: Buffer, from: number, next: number): CsvRecord {
    // most rows are ASCII: decode the row once and slice it into cells
    const text = this.#allBits < 0x80 ? buffer.toString('latin1', from, next) : undefined;
    const fields = new Array<string>(this.#count);
    for (let n = 0; n < this.#count; n++) {
      const start = this.#starts[n] as number;
      const end = this.#ends[n] as number;
      const cell = text === undefined ? buffer.toString('utf8', start, end) : text.slice(start - from, end - from);
      fields[n] = this.#kinds[n] === QUOTED_WITH_ESCAPES ? cell.replaceAll('""', '"') : cell;
    }
    const fault = text === undefined ? this.#faultIn(buffer, from, next, fields) : this.#quoteFault();
    const record: CsvRecord = { line: this.#line, fields, open: this.#open };
    const isMarked = (this.#starts[0] as number) > from + (this.#kinds[0] === PLAIN ? 0 : 1);
    if (fault === undefined && !isMarked) return record;
    return { ...record, ...(fault !== undefined && { fault }), ...(isMarked && { marked: true }) };
  }

  #quoteFault(): CsvFault | undefined {
    return this.#faulty < 0 ? undefined : { kind: 'quote', field: this.#faulty };
  }

  /** What is wrong with a record that isn't ASCII. Cells that aren't UTF-8 are read as Windows-1252. */
  #faultIn(buffer: Buffer, from: number, next: number, fields: string[]): CsvFault | undefined {
    if (isUtf8(buffer.subarray(from, next))) return this.#quoteFault();
    let first = -1;
    for (let n = 0; n < this.#count; n++) {
      const cell = buffer.subarray(this.#starts[n], this.#ends[n]);
      if (isUtf8(cell)) continue;
      const isCut = this.#open && n === this.#count - 1 && endsWithinCharacter(cell);
      if (isCut && !this.#readsWindows1252) return { kind: 'cut', field: n };
      if (first < 0) first = n;
      const text = decodeWindows1252(cell);
      fields[n] = this.#kinds[n] === QUOTED_WITH_ESCAPES ? text.replaceAll('""', '"') : text;
    }
    if (this.#readsWindows1252) return this.#quoteFault();
    return { kind: 'encoding', field: Math.max(first, 0) };
  }
}

/** The position after any byte order marks that start at `from`. */
function behindMarks(buffer: Buffer, from: number): number {
  let i = from;
  while (buffer[i] === MARK[0] && buffer[i + 1] === MARK[1] && buffer[i + 2] === MARK[2]) i += MARK.length;
  return i;
}

/** Whether these bytes are UTF-8, except that the last character is incomplete. */
function endsWithinCharacter(bytes: Buffer): boolean {
  let start = bytes.length - 1;
  while (start > 0 && start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  return lead <= 0xf4 && bytes.length - start < size && isUtf8(bytes.subarray(0, start));
}

function isCellEnd(byte: number | undefined, separator: number): boolean {
  return byte === separator || byte === LF || byte === CR;
}
