import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import { MAX_RECORDS_ABOVE, mappingFor } from '../mapping/find-mapping.ts';
import { CsvScanner } from './csv.ts';

/** A header that is longer than this isn't one. */
const MAX_HEADER_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** The separators that CSV files have, as bytes: comma, semicolon, tab and vertical bar. */
const SEPARATORS: readonly number[] = [...',;\t|'].map((character) => character.charCodeAt(0));

/**
 * The separator of a CSV file, as a byte: that of the mapping whose columns it has, or the one that gives its first line
 * the most cells.
 *
 * @param head the file's beginning in UTF-8, with its first line
 */
export function separatorOf(head: Uint8Array, mappings: readonly CostMapping[] = []): number {
  for (const separator of new Set(mappings.map((one) => one.separator))) {
    const byte = separator.charCodeAt(0);
    const first = firstRecords(head, byte, MAX_RECORDS_ABOVE);
    if (first.some((cells) => mappingFor(cells, mappings, separator))) return byte;
  }
  let best = { separator: SEPARATORS[0] as number, cells: 0 };
  for (const separator of SEPARATORS) {
    const cells = firstRecord(head, separator).length;
    if (cells > best.cells) best = { separator, cells };
  }
  return best.separator;
}

/** The cells of a CSV file's first line. */
export function firstRecord(head: Uint8Array, separator: number): readonly string[] {
  return firstRecords(head, separator, 1)[0] ?? [];
}

/** The cells of a CSV file's first records. */
export function firstRecords(head: Uint8Array, separator: number, most: number): (readonly string[])[] {
  const scanner = new CsvScanner(undefined, separator);
  const start = head.subarray(0, MAX_HEADER_BYTES);
  const found: (readonly string[])[] = [];
  for (const records of [scanner.push(start), scanner.end()]) {
    for (const { fields } of records) if (found.push(fields) >= most) return found;
  }
  return found;
}

/**
 * The same bytes, with at least a whole first line in the first chunk. Blank lines before it don't count.
 *
 * @param least the bytes that the first chunk has to have, unless the file is smaller
 */
export async function* withFirstLine(bytes: AsyncIterable<Uint8Array>, least = 0): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array[] | undefined = [];
  let size = 0;
  let isBlank = true;
  let isWhole = false;
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head.push(chunk);
    size += chunk.length;
    const text = isBlank ? chunk.findIndex((byte) => !isBreak(byte)) : 0;
    if (text >= 0) isBlank = false;
    isWhole ||= text >= 0 && chunk.subarray(text).some(isBreak);
    if ((!isWhole || size < least) && size < MAX_HEADER_BYTES) continue;
    yield head.length === 1 ? chunk : Buffer.concat(head);
    head = undefined;
  }
  if (head !== undefined && size > 0) yield Buffer.concat(head);
}

function isBreak(byte: number): boolean {
  return byte === LF || byte === CR;
}
