import { Refusal } from '../../billing/refusal.ts';
import { assertUtf8, emptyFile } from '../focus/focus.ts';
import type { FocusFileError } from '../focus/focus-columns.ts';
import type { Layout } from '../layouts/layout.ts';
import { LayoutSearch, type MappingOptions } from '../layouts/layout-search.ts';
import { CsvScanner } from './csv.ts';
import { headAsUtf8, utf16Of } from './encoding.ts';
import { packedKindOf } from './packed-kind.ts';
import { separatorOf } from './separator.ts';

/** Whether a file that starts with these bytes may contain the European Central Bank's rates, as XML or CSV. */
export function looksLikeEcb(firstBytes: Buffer): boolean {
  const head = firstBytes.subarray(0, 4096).toString('utf8').trimStart();
  return /^(?:<\?xml[^>]*>\s*)?<gesmes:Envelope/.test(head) || /^date\s*,\s*USD\s*,/i.test(head);
}

/**
 * Whether a file that starts with these bytes may be a cost file: its header has the required columns, or it is
 * compressed. 8 kB are plenty. If the header is cut off, only the available part counts.
 */
export function looksLikeFocus(firstBytes: Buffer): boolean {
  return whyNotFocus(firstBytes) === undefined;
}

/**
 * Why a file that starts with these bytes can't be imported, as the import would say it; undefined if it can. What is
 * inside compressed files and Parquet files isn't known yet.
 *
 * @param options the mappings of the account that the file would be imported into
 */
export function whyNotFocus(firstBytes: Buffer, options: MappingOptions = {}): FocusFileError | undefined {
  if (packedKindOf(firstBytes) !== undefined) return undefined;
  const head = headAsUtf8(firstBytes);
  const separator = separatorOf(head, options.mappings);
  const scanner = new CsvScanner(undefined, separator);
  const search = new LayoutSearch(options, String.fromCharCode(separator));
  let layout: Layout | undefined;
  try {
    for (const records of [scanner.push(head), scanner.end()]) {
      for (const record of records) {
        layout ??= search.next(record, head);
        if (layout && layout.mapping?.encoding !== 'windows-1252') assertUtf8(layout, record);
      }
    }
    if (layout) return undefined;
    throw search.failure ?? emptyFile();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'focus_file') return error;
    throw error;
  }
}

/** Whether a file that starts with these bytes is in UTF-16. */
export function isUtf16(firstBytes: Buffer): boolean {
  return utf16Of(firstBytes) !== undefined;
}

/** Whether a text that starts with these bytes seems to be a table: two lines with as many cells, at least three. */
export function isTable(firstBytes: Buffer): boolean {
  const head = headAsUtf8(firstBytes);
  const scanner = new CsvScanner(undefined, separatorOf(head));
  const [first, second] = [...scanner.push(head)];
  return first !== undefined && first.fields.length > 2 && first.fields.length === second?.fields.length;
}
