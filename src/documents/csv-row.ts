import { stringify } from 'csv-stringify/sync';

/** A cell that a spreadsheet shall read as a number. */
export interface Digits {
  readonly digits: string;
}

export function digits(text: string): Digits {
  return { digits: text };
}

/**
 * A row of CSV (RFC 4180). Texts that a spreadsheet would run as a formula get an apostrophe in front; digits do not, so
 * that they stay numbers.
 */
export function csvRow(cells: readonly (string | Digits)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'string' ? harmless(cell) : cell.digits));
  return stringify([texts], { record_delimiter: '\r\n' });
}

/** OWASP, CSV injection: these characters at the beginning make a spreadsheet read a formula. */
function harmless(text: string): string {
  return /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
}
