import { CsvScanner } from './csv.ts';
import { missingColumns } from './focus-columns.ts';

/** Whether a file that begins with these bytes may be one of the European Central Bank's rates: its XML, or its CSV. */
export function looksLikeEcb(firstBytes: Buffer): boolean {
  const head = firstBytes.subarray(0, 4096).toString('utf8').trimStart();
  return /^(?:<\?xml[^>]*>\s*)?<gesmes:Envelope/.test(head) || /^date\s*,\s*USD\s*,/i.test(head);
}

/**
 * Whether a file that begins with these bytes is a FOCUS cost file: its header has the required columns. 8 kB are
 * plenty; a header that is cut off counts as far as it goes.
 */
export function looksLikeFocus(firstBytes: Buffer): boolean {
  const scanner = new CsvScanner();
  for (const records of [scanner.push(firstBytes), scanner.end()]) {
    for (const header of records) return missingColumns(header.fields).length === 0;
  }
  return false;
}
