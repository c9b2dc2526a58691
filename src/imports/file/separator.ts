import { CsvScanner } from './csv.ts';

/** A header that is longer than this isn't one. */
const MAX_HEADER_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** The separators that CSV files have, as bytes: comma, semicolon, tab and vertical bar. */
const SEPARATORS: readonly number[] = [...',;\t|'].map((character) => character.charCodeAt(0));

/**
 * The separator of a CSV file, by its first line: the one that gives the most cells.
 *
 * @param head the file's beginning in UTF-8, with its first line
 */
export function separatorOf(head: Uint8Array): number {
  let best = { separator: SEPARATORS[0] as number, cells: 0 };
  for (const separator of SEPARATORS) {
    const cells = firstRecord(head, separator).length;
    if (cells > best.cells) best = { separator, cells };
  }
  return best.separator;
}

/** The cells of a CSV file's first line. */
export function firstRecord(head: Uint8Array, separator: number): readonly string[] {
  const scanner = new CsvScanner(undefined, separator);
  const start = head.subarray(0, MAX_HEADER_BYTES);
  for (const records of [scanner.push(start), scanner.end()]) {
    for (const { fields } of records) return fields;
  }
  return [];
}

/** The same bytes, with at least a whole first line in the first chunk. Blank lines before it don't count. */
export async function* withFirstLine(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array[] | undefined = [];
  let size = 0;
  let isBlank = true;
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head.push(chunk);
    size += chunk.length;
    const text = isBlank ? chunk.findIndex((byte) => !isBreak(byte)) : 0;
    if (text >= 0) isBlank = false;
    const isWhole = text >= 0 && chunk.subarray(text).some(isBreak);
    if (!isWhole && size < MAX_HEADER_BYTES) continue;
    yield head.length === 1 ? chunk : Buffer.concat(head);
    head = undefined;
  }
  if (head !== undefined && size > 0) yield Buffer.concat(head);
}

function isBreak(byte: number): boolean {
  return byte === LF || byte === CR;
}
