import { UnreadableRow } from './focus-cells.ts';
import type { FocusHeader, KnownColumn } from './focus-columns.ts';

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
/** The same in JSON, unless its backslash is itself escaped. */
const ESCAPED_REPLACEMENT = /(?<!\\)(?:\\\\)*\\ufffd/i;

/** Characters that nobody sees, such as NUL, soft hyphens, joiners and byte order marks: two IDs would look the same. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** Only marks, such as the `#` of SAP for “not assigned”. */
const WITHOUT_LETTERS = /^[^\p{L}\p{N}]*$/u;

/** Longer than any of the above. */
const MAX_DAMAGED_LENGTH = 60;

/**
 * Checks that an ID that decides who pays is complete: a shortened number could mean many accounts.
 * @throws UnreadableRow naming the column, if a spreadsheet has damaged it
 */
export function assertWholeId(column: KnownColumn, id: string | null): void {
  if (id === null) return;
  if (id.includes(REPLACEMENT_CHARACTER)) {
    const reason = 'Characters in this ID were lost when the file was converted. Export the file again in UTF-8.';
    throw new UnreadableRow(column, reason, id.replaceAll(REPLACEMENT_CHARACTER, '?'));
  }
  const invisible = INVISIBLE.exec(id)?.[0];
  if (invisible !== undefined) {
    const reason = `This ID has an invisible character (${codePoint(invisible)}). Remove it, and import the file again.`;
    throw new UnreadableRow(column, reason, id.replace(new RegExp(INVISIBLE, 'gu'), '?'));
  }
  const damage = id.length > MAX_DAMAGED_LENGTH ? undefined : damageTo(id);
  if (damage !== undefined) {
    const reason = `${damage} Export the file again, and don’t save it from a spreadsheet.`;
    throw new UnreadableRow(column, reason, id);
  }
  if (WITHOUT_LETTERS.test(id)) {
    const reason =
      'This ID has no letters or digits. Leave the cell empty if there is no ID, and import the file again.';
    throw new UnreadableRow(column, reason, id);
  }
}

/**
 * Checks that no FOCUS column of a row has lost characters. Such a row would be another one than the same row from a
 * correct export, and both would be booked. Other columns don't identify a row.
 *
 * @param cells the row's cells, null as an empty text
 * @throws UnreadableRow naming the first column with replacement characters, also in tags that escape them
 */
export function assertReadable({ kinds, names }: FocusHeader, cells: readonly string[]): void {
  for (let at = 0; at < kinds.length; at++) {
    const cell = cells[at] ?? '';
    if (kinds[at] === undefined || !hasLostCharacters(cell, kinds[at] === 'json')) continue;
    const reason = 'Characters in this cell were lost when the file was converted. Export the file again in UTF-8.';
    throw new UnreadableRow(names[at] as KnownColumn, reason, cell.replaceAll(REPLACEMENT_CHARACTER, '?'));
  }
}

function hasLostCharacters(cell: string, isJson: boolean): boolean {
  if (cell.includes(REPLACEMENT_CHARACTER)) return true;
  return isJson && cell.includes('\\u') && ESCAPED_REPLACEMENT.test(cell);
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function damageTo(id: string): string | undefined {
  if (SCIENTIFIC.test(id)) return 'A spreadsheet shortened this ID to a number with an exponent.';
  if (KEPT_AS_TEXT.test(id)) return 'A spreadsheet added a text marker, such as an apostrophe, to this ID.';
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
