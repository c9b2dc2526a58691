import { Refusal } from '../../billing/refusal.ts';
import { assertUtf8, emptyFile } from '../focus/focus.ts';
import { type FocusFileError, type FocusHeader, readHeader } from '../focus/focus-columns.ts';
import { CsvScanner } from './csv.ts';
import { headAsUtf8, utf16Of } from './encoding.ts';

/** Whether a file that starts with these bytes may contain the European Central Bank's rates, as XML or CSV. */
export function looksLikeEcb(firstBytes: Buffer): boolean {
  const head = firstBytes.subarray(0, 4096).toString('utf8').trimStart();
  return /^(?:<\?xml[^>]*>\s*)?<gesmes:Envelope/.test(head) || /^date\s*,\s*USD\s*,/i.test(head);
}

/**
 * Whether a file that starts with these bytes is a FOCUS cost file: its header has the required columns. 8 kB are
 * plenty. If the header is cut off, only the available part counts.
 */
export function looksLikeFocus(firstBytes: Buffer): boolean {
  return whyNotFocus(firstBytes) === undefined;
}

/** Why a file that starts with these bytes can't be imported, as the import would say it; undefined if it can. */
export function whyNotFocus(firstBytes: Buffer): FocusFileError | undefined {
  const scanner = new CsvScanner();
  let header: FocusHeader | undefined;
  try {
    for (const records of [scanner.push(headAsUtf8(firstBytes)), scanner.end()]) {
      for (const record of records) {
        header ??= readHeader(record.fields, firstBytes);
        assertUtf8(header, record);
      }
    }
    return header === undefined ? emptyFile() : undefined;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'focus_file') return error;
    throw error;
  }
}

/** Whether a file that starts with these bytes is in UTF-16. */
export function isUtf16(firstBytes: Buffer): boolean {
  return utf16Of(firstBytes) !== undefined;
}

/** Whether a text that starts with these bytes names FOCUS columns anywhere. Otherwise it could be any text. */
export function namesFocusColumns(firstBytes: Buffer): boolean {
  return /BilledCost|BillingAccount|ChargePeriod/i.test(headAsUtf8(firstBytes).toString('latin1'));
}
