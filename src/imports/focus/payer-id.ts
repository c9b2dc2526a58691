import { UnreadableRow } from './focus-cells.ts';
import type { KnownColumn } from './focus-columns.ts';

/** A number with an exponent: `1.23457E+11`, `1,23E+11`, `1.23457E11`. Without a point or sign, `12e4` may be an ID. */
const SCIENTIFIC = /^[+-]?(?:\d+[.,]\d+ ?e[+-]?\d{1,3}|\d+ ?e[+-]\d{1,3})$/i;
/** A long whole number that a program read as a floating-point number. */
const FLOAT = /^\d{6,}[.,]0+$/;
/** A long whole number formatted with thousands separators: `123,456,789,012`, `123 456 789 012`. */
const GROUPED = /^\d{1,3}(?:([,'\u2019\u00A0\u202F ])\d{3})(?:\1\d{3}){2,}$/;
/** The same with points, as in Germany: `123.456.789.012`. Three groups may be a version, and four up to 255 an IP address. */
const GROUPED_WITH_POINTS = /^\d{1,3}(?:\.\d{3}){3,}$/;
/** Digits that a spreadsheet was made to keep as text: `="123456789012"`, `'123456789012`. */
const KEPT_AS_TEXT = /^(?:="[^"]*"|['\u2019]\d+)$/;
/** The content of a column that was too narrow when the sheet was saved. */
const HASHES = /^#{2,}$/;
/** The error values of Excel, LibreOffice and Google Sheets, in any language: `#REF!`, `#NAME?`, `#DIV/0!`, `#¡VALOR!`, `#N/B`. */
const ERROR_VALUE = /^#(?:[\u00A1\u00BF]?[\p{L}\d_/ .]{1,20}[!?]|\p{L}\/\p{L})$/u;
/** Those for a missing value have many forms. In capital letters. */
const OTHER_ERRORS: ReadonlySet<string> = new Set([
  ...['#NV', '#NA', '#N/A N/A', '#GETTING_DATA', '#YOK', '#HIÁNYZIK', '#NEDOSTUPNÝ', '#NENÍ_K_DISPOZICI'],
  ...['#NEDOSTUPNÉ', '#SAKNAS', '#BRAK', '#PUUTTUU', '#MANGLER', '#LIPSA', '#LIPSĂ'],
]);
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
  if (KEPT_AS_TEXT.test(id)) return 'A spreadsheet’s sign for text is part of this ID.';
  if (GROUPED.test(id) || (GROUPED_WITH_POINTS.test(id) && !isAddress(id)))
    return 'A spreadsheet put thousands separators into this ID.';
  if (FLOAT.test(id)) return 'A program turned this ID into a decimal number.';
  if (HASHES.test(id)) return 'A spreadsheet replaced this ID with number signs.';
  if (OTHER_ERRORS.has(id.toUpperCase()) || ERROR_VALUE.test(id) || LIBRE_OFFICE_ERROR.test(id)) {
    return 'A spreadsheet replaced this ID with an error value.';
  }
  return undefined;
}

/** Whether it may be an IPv4 address. */
function isAddress(id: string): boolean {
  const parts = id.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => part <= 255);
}
