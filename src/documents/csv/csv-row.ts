import { stringify } from 'csv-stringify/sync';

/** A cell that a spreadsheet should read as a number. */
export interface Digits {
  readonly digits: string;
}

export function digits(text: string): Digits {
  return { digits: text };
}

/** Spreadsheets read a file that begins with it as UTF-8, and any other in the encoding of their country. */
const BYTE_ORDER_MARK = '\uFEFF';

/** All control characters but tab and line ends, which a terminal would obey and XML can't hold, and forced directions. */
const CONTROLS = /(?![\t\r\n])[\p{Cc}\p{Cs}\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]/gu;

/** The first row of a file for people, which their spreadsheet opens by a double click. */
export function csvHeading(columns: readonly string[]): string {
  return `${BYTE_ORDER_MARK}${csvRow(columns)}`;
}

/**
 * A row of CSV (RFC 4180). Texts that a spreadsheet would run as a formula get an apostrophe in front; digits do not, so
 * that they stay numbers. Control characters are left out.
 */
export function csvRow(cells: readonly (string | Digits)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'string' ? harmless(cell.replace(CONTROLS, '')) : cell.digits));
  return stringify([texts], { record_delimiter: '\r\n' });
}

/**
 * OWASP, CSV injection: what makes a spreadsheet read a formula, at the beginning of a cell. Where decimals have a comma,
 * spreadsheets divide rows at semicolons, and quotation marks within a cell keep neither those nor line breaks together.
 */
const FORMULA = /(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])(?<=^|.[;\t\r\n] *)|^(?=[\t\r\n])/gs;

function harmless(text: string): string {
  return text.replace(FORMULA, "'");
}
