import { isUtf8 } from 'node:buffer';
import { headAsUtf8, utf16Of } from '../file/encoding.ts';
import { decodeWindows1252 } from '../file/windows-1252.ts';
import { statementFault } from './statement-fault.ts';

/** Larger files aren’t bank statements. */
export const STATEMENT_BYTES = 4 * 1024 * 1024;

/** A file as text: UTF-16, UTF-8, or otherwise Windows-1252, which banks still use. Without a byte order mark. */
export function bankText(bytes: Buffer): string {
  const utf8 = utf16Of(bytes) === undefined ? bytes : headAsUtf8(bytes);
  const text = isUtf8(utf8) ? utf8.toString('utf8') : decodeWindows1252(utf8);
  return text.replace(/^\uFEFF/, '');
}

/** The encoding in an XML declaration. */
const DECLARED = /^<\?xml\s[^>]{0,100}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']/;

/**
 * An XML file as text, as `bankText`. What isn’t UTF-16 or UTF-8 is in the encoding that it declares.
 *
 * @throws {Refusal} `statement_file` for an encoding that isn’t known
 */
export function xmlText(bytes: Buffer): string {
  const declared = DECLARED.exec(bytes.subarray(0, 300).toString('latin1'))?.[1];
  const isUnicode = utf16Of(bytes) !== undefined || isUtf8(bytes);
  if (isUnicode || declared === undefined || /^utf-?(?:8|16)/i.test(declared)) return bankText(bytes);
  try {
    const decoder = new TextDecoder(declared);
    return decoder.encoding === 'windows-1252' ? decodeWindows1252(bytes) : decoder.decode(bytes);
  } catch {
    throw statementFault(`The file is in the encoding ${declared}, which can’t be read.`, 'Export it in UTF-8.');
  }
}
