/** What a file that isn't CSV seems to be, and what to do about it. */
interface FileKind {
  /** The end of a sentence that starts with “It looks like …”, and the remedy. */
  readonly remedy: string;
  matches(head: Buffer): boolean;
}

/** Enough bytes to tell a spreadsheet from other ZIP archives. */
const HEAD_BYTES = 4096;

const EXPORT_CSV = 'export the costs as CSV.';

/** Checked in this order: a spreadsheet is also a ZIP archive. */
const KINDS: readonly FileKind[] = [
  { remedy: 'It looks like a gzip archive. Unpack it first.', matches: begins('\x1f\x8b') },
  {
    remedy: 'It looks like a spreadsheet (Excel or OpenDocument). Save it as CSV in UTF-8.',
    matches: (head) => begins('PK')(head) && /\[Content_Types\]\.xml|xl\/|_rels\/|opendocument/.test(latin1(head)),
  },
  {
    remedy: 'It looks like a ZIP archive or a spreadsheet. Send the CSV file itself.',
    matches: begins('PK\x03\x04', 'PK\x05\x06'),
  },
  { remedy: `It looks like a Parquet file: ${EXPORT_CSV}`, matches: begins('PAR1', 'PARE') },
  {
    remedy: 'It looks like an old Excel or Word file. Save it as CSV in UTF-8.',
    matches: begins('\xd0\xcf\x11\xe0'),
  },
  { remedy: `It looks like a PDF: ${EXPORT_CSV}`, matches: begins('%PDF') },
  {
    remedy: 'It looks like a compressed file. Unpack it first.',
    matches: begins('BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd', '7z\xbc\xaf\x27\x1c', 'Rar!'),
  },
  { remedy: 'It looks like a picture.', matches: begins('\x89PNG', '\xff\xd8\xff', 'GIF8') },
  { remedy: 'It is in UTF-32. Save it as CSV in UTF-8.', matches: begins('\xff\xfe\x00\x00', '\x00\x00\xfe\xff') },
  { remedy: `It looks like JSON: ${EXPORT_CSV}`, matches: (head) => /^[{[]/.test(textOf(head)) },
  {
    remedy: `It looks like a web page: ${EXPORT_CSV}`,
    matches: (head) => /^<(?:!doctype html|html|head|body|table|script)\b/i.test(textOf(head)),
  },
  { remedy: `It looks like XML: ${EXPORT_CSV}`, matches: (head) => /^<[?!a-z]/i.test(textOf(head)) },
  { remedy: 'It isn’t a text file in UTF-8. Save it as CSV in UTF-8.', matches: (head) => head.includes(0) },
];

/** What a file that starts with these bytes seems to be if it isn't CSV, and what to do; undefined for a text file. */
export function remedyFor(firstBytes: Uint8Array): string | undefined {
  const head = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, Math.min(firstBytes.byteLength, HEAD_BYTES));
  return KINDS.find((kind) => kind.matches(head))?.remedy;
}

function begins(...signatures: readonly string[]): FileKind['matches'] {
  return (head) => signatures.some((signature) => head.toString('latin1', 0, signature.length) === signature);
}

function latin1(head: Buffer): string {
  return head.toString('latin1');
}

function textOf(head: Buffer): string {
  return head.toString('utf8').trimStart();
}
