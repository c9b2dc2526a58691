import { Refusal } from '../../billing/refusal.ts';

type Utf16 = 'UTF-16LE' | 'UTF-16BE';

/** How many bytes are enough to tell encodings apart. */
const TELLING_BYTES = 4;
/** Half of a surrogate pair without the other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The bytes of a text file in UTF-8. UTF-16 is converted, with or without a byte order mark. Everything else is passed
 * on unchanged.
 * @param onUtf16 called once, before the first bytes, if the file is in UTF-16
 * @throws {Refusal} `focus_file` for UTF-16 with broken characters, naming the line
 */
export async function* asUtf8(
  input: AsyncIterable<Uint8Array | string>,
  onUtf16: () => void = () => undefined,
): AsyncGenerator<Uint8Array, void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let converter: Utf16Converter | undefined;
  for await (const chunk of input) {
    let bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (head !== undefined) {
      if (head.length > 0 || bytes.length < TELLING_BYTES) head = Buffer.concat([head, bytes]);
      else head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (head.length < TELLING_BYTES) continue;
      const encoding = utf16Of(head);
      if (encoding !== undefined) {
        converter = new Utf16Converter(encoding);
        onUtf16();
      }
      bytes = head;
      head = undefined;
    }
    yield converter === undefined ? bytes : converter.convert(bytes);
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** A file's first bytes in UTF-8. Bytes that aren't UTF-16 are returned unchanged. */
export function headAsUtf8(head: Buffer): Buffer {
  const encoding = utf16Of(head);
  if (encoding === undefined) return head;
  const even = Buffer.from(head.subarray(0, head.length & ~1));
  return Buffer.from((encoding === 'UTF-16BE' ? even.swap16() : even).toString('utf16le'), 'utf8');
}

/**
 * The kind of UTF-16 that a text starts with, detected by its byte order mark or, failing that, by its first letters
 * being ASCII.
 */
export function utf16Of(head: Uint8Array): Utf16 | undefined {
  const [a, b, c, d] = head;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  // UTF-32 starts with the same mark
  if (a === 0xff && b === 0xfe && (c !== 0 || d !== 0)) return 'UTF-16LE';
  if (a === 0xfe && b === 0xff) return 'UTF-16BE';
  if (isAscii(a) && b === 0 && isAscii(c) && d === 0) return 'UTF-16LE';
  if (a === 0 && isAscii(b) && c === 0 && isAscii(d)) return 'UTF-16BE';
  return undefined;
}

/** Whether it is a character that a text may begin with. */
function isAscii(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Converts UTF-16 chunk by chunk. Half a character at the end of the file is dropped, so its row counts as cut off. */
class Utf16Converter {
  readonly #encoding: Utf16;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;

  constructor(encoding: Utf16) {
    this.#encoding = encoding;
  }

  convert(chunk: Uint8Array): Buffer {
    // always a copy, because the bytes may be swapped
    const bytes = Buffer.concat([this.#rest, chunk]);
    let even = bytes.length & ~1;
    const whole = bytes.subarray(0, even);
    if (this.#encoding === 'UTF-16BE') whole.swap16();
    // the first half of a surrogate pair waits for the second
    const lastHigh = even > 0 ? (bytes[even - 1] ?? 0) : 0;
    if (lastHigh >= 0xd8 && lastHigh <= 0xdb) even -= 2;
    const text = whole.toString('utf16le', 0, even);
    this.#rest = Buffer.from(bytes.subarray(even));
    if (this.#encoding === 'UTF-16BE') this.#rest.subarray(0, this.#rest.length & ~1).swap16();
    if (LONE_SURROGATE.test(text)) throw this.#broken(text);
    this.#line += text.split('\n').length - 1;
    return Buffer.from(text, 'utf8');
  }

  #broken(text: string): Refusal {
    const at = text.split('\n').findIndex((line) => LONE_SURROGATE.test(line));
    return new Refusal('focus_file', {
      problem: `Line ${this.#line + at} of this UTF-16 file has characters that can’t be read.`,
      remedy: 'Save the file as CSV in UTF-8, and import it again.',
    });
  }
}
