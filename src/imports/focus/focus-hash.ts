import { hash } from 'node:crypto';
import type { ColumnKind, FocusHeader } from './focus-columns.ts';
import { parseTags } from './focus-tags.ts';
import { parseDecimal, parseInstant } from './focus-values.ts';

/** 128 bits: with a billion rows in one month, the chance of two different rows with one hash is below 10⁻²⁰. */
const HEX_DIGITS = 32;

/**
 * The identity of a row's content: 128 bits of SHA-256, in hex.
 *
 * FOCUS rows have no id, and two equal rows can be two real charges, so a record's identity is its source, its billing
 * month, this hash, and the how-manieth of its equals it is. The hash covers the columns of FOCUS 1.0 but for the names
 * of provider, publisher and invoice issuer, and FOCUS 1.3's columns of a share of costs where they have a value, each by
 * its value and not by its notation. So it stays the same when
 * columns change places, quotation marks come and go, `NULL` becomes an empty cell, `0.00000080000` becomes `8E-7`,
 * dates get a `T` or a zone, tags change their order or spacing, and when a provider adds columns: of a later version of
 * FOCUS, its own (`x_…`), or running numbers. It changes when any of these columns changes its value.
 * @param cells the row's cells, null as an empty text
 */
export function rowHash(header: FocusHeader, cells: readonly string[]): string {
  let content = '';
  for (const { index, kind } of header.identity) {
    const cell = cells[index];
    content += cell === undefined || cell === '' ? '-' : measured(canonical(kind, cell));
  }
  for (const { name, index, kind } of header.allocation) {
    const cell = cells[index];
    if (cell !== undefined && cell !== '') content += `${name}=${measured(canonical(kind, cell))}`;
  }
  return hash('sha256', content, 'hex').slice(0, HEX_DIGITS);
}

/** Its length makes the end of a value certain whatever it contains. */
function measured(value: string): string {
  return `${value.length}:${value}`;
}

/** A value that does not read as its column's kind stands for itself: it is still the same on the next import. */
function canonical(kind: ColumnKind, cell: string): string {
  switch (kind) {
    case 'text':
      return cell;
    case 'number':
      return parseDecimal(cell)?.canonical ?? cell;
    case 'instant':
      return parseInstant(cell)?.canonical ?? cell;
    case 'currency':
      return cell.trim().toUpperCase();
    case 'json':
      return parseTags(cell)?.canonical ?? cell;
  }
}
