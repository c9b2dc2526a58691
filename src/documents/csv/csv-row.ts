import { stringify } from 'csv-stringify/sync';

/** A cell that a spreadsheet should read as a number. */
export interface Digits {
  readonly digits: string;
}

export function digits(text: string): Digits {
  return { digits: text };
}

/** Makes spreadsheets read the file as UTF-8, instead of their country's encoding. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * All control characters except tabs and line breaks, which terminals interpret and XML can't contain, and direction
 * overrides.
 */
const CONTROLS = /(?![\t\r\n])[\p{Cc}\p{Cs}\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]/gu;

/** The first row of a file that people open in a spreadsheet. */
export function csvHeading(columns: readonly string[]): string {
  return `${BYTE_ORDER_MARK}${csvRow(columns)}`;
}

/**
 * A CSV row (RFC 4180). Texts that a spreadsheet would run as a formula get a leading apostrophe. Digits don't, so that
 * they stay numbers. Control characters are removed.
 */
export function csvRow(cells: readonly (string | Digits)[]): string {
  const texts = cells.map((cell) => (typeof cell === 'string' ? harmless(cell.replace(CONTROLS, '')) : cell.digits));
  return stringify([texts], { record_delimiter: '\r\n' });
}

/**
 * OWASP, CSV injection: characters that start a formula at the start of a cell. With decimal commas, spreadsheets split
 * rows at semicolons, and quotation marks within a cell protect neither those nor line breaks.
 */
const FORMULA = /(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])(?<=^|.[;\t\r\n] *)|^(?=[\t\r\n])/gs;

function harmless(text: string): string {
  return text.replace(FORMULA, "'");
}
