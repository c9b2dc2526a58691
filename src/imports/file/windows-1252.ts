/** What the bytes from 0x80 to 0x9F mean. The five that mean nothing stay control characters, as in browsers. */
const HIGH =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178';

/**
 * Decodes Windows-1252. Not with `TextDecoder`: that of Node.js 20 reads it as ISO 8859-1, in which the euro sign is a
 * control character.
 */
export function decodeWindows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(/[\x80-\x9F]/g, (byte) => HIGH[byte.charCodeAt(0) - 0x80] ?? byte);
}
