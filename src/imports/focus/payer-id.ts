import { UnreadableRow } from './focus-cells.ts';
import type { KnownColumn } from './focus-columns.ts';

/** A number with an exponent: `1.23457E+11`, `1,23E+11`, `1.23457E11`. Without a point or sign, `12e4` may be an ID. */
const SCIENTIFIC = /^[+-]?(?:\d+[.,]\d+e[+-]?\d{1,3}|\d+e[+-]\d{1,3})$/i;
/** A long whole number that a program read as a floating-point number. */
const FLOAT = /^\d{6,}[.,]0+$/;
/** A long whole number formatted with thousands separators: `123,456,789,012`, `123 456 789 012`. */
const GROUPED = /^\d{1,3}(?:([,'\u2019\u00A0\u202F ])\d{3})(?:\1\d{3}){2,}$/;
/** The content of a column that was too narrow when the sheet was saved. */
const HASHES = /^#{2,}$/;
/** The error values of Excel, LibreOffice and Google Sheets, in any language: `#REF!`, `#NAME?`, `#DIV/0!`, `#BEZUG!`. */
const ERROR_VALUE = /^#[\p{L}\d_/ .]{1,20}[!?]$/u;
const OTHER_ERRORS: ReadonlySet<string> = new Set(['#N/A', '#N/D', '#NV', '#NA', '#GETTING_DATA', '#N/A N/A']);
const LIBRE_OFFICE_ERROR = /^Err:\d{3}$/i;
/** The replacement character for characters that a program couldn't read. */
const REPLACEMENT_CHARACTER = '\uFFFD';

/** Longer than any of the above. */
const MAX_DAMAGED_LENGTH = 60;

/**
 * Checks that an ID that decides who pays is complete: a shortened number could mean many accounts.
 * @throws UnreadableRow naming the column, if a spreadsheet has damaged it
 */
export function assertWholeId(column: KnownColumn, id: string | null): void {
  if (id === null) return;
  if (id.includes(REPLACEMENT_CHARACTER)) {
    const reason = 'The ID has characters that were lost in a conversion. Export the file again in UTF-8.';
    throw new UnreadableRow(column, reason, id.replaceAll(REPLACEMENT_CHARACTER, '?'));
  }
  const damage = id.length > MAX_DAMAGED_LENGTH ? undefined : damageTo(id);
  if (damage === undefined) return;
  const reason = `${damage} Export the file again, and don’t save it from a spreadsheet.`;
  throw new UnreadableRow(column, reason, id);
}

function damageTo(id: string): string | undefined {
  if (SCIENTIFIC.test(id)) return 'A spreadsheet shortened this ID to a number with an exponent.';
  if (GROUPED.test(id)) return 'A spreadsheet put thousands separators into this ID.';
  if (FLOAT.test(id)) return 'A program turned this ID into a decimal number.';
  if (HASHES.test(id)) return 'A spreadsheet replaced this ID with number signs.';
  if (OTHER_ERRORS.has(id.toUpperCase()) || ERROR_VALUE.test(id) || LIBRE_OFFICE_ERROR.test(id)) {
    return 'A spreadsheet replaced this ID with an error value.';
  }
  return undefined;
}
