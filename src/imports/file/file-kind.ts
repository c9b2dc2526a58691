/** What a file that isn't CSV seems to be, and what to do about it. */
interface FileKind {
  /** Completes “It looks like …”. */
  readonly what: string;
  /** In a sentence; if absent, to export the costs. */
  readonly remedy?: string;
  /** People share files of this kind for other reasons than to import them. */
  readonly isOrdinary?: true;
  matches(head: Buffer): boolean;
}

/** Enough bytes to tell a spreadsheet from other ZIP archives. */
const HEAD_BYTES = 4096;
/** Where TAR archives have their signature. */
const TAR_SIGNATURE_AT = 257;
/** Where ZIP archives have the name of their first file, and its length. */
const [ZIP_NAME_AT, ZIP_NAME_LENGTH_AT] = [30, 26];

const EXPORT = 'To import costs, export them as CSV or Parquet.';
const SAVE_AS_CSV = 'Save it as CSV in UTF-8.';

/** The first header of an email, and another one. */
const EMAIL =
  /^(?:From|To|Subject|Date|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|X-[\w-]+): ?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n|[A-Za-z][\w-]*:[^\r\n]*\r?\n){0,40}?(?:From|To|Subject|Date|MIME-Version):/i;

/** The first file in the archives that office programs write. */
const OF_OFFICE = /^(?:\[Content_Types\]\.xml$|_rels\/|docProps\/|xl\/|word\/|ppt\/|mimetype$|Index\/|META-INF\/)/;

/** Checked in this order: a spreadsheet is also a ZIP archive. */
const KINDS: readonly FileKind[] = [
  {
    what: 'a text document or a presentation',
    isOrdinary: true,
    matches: (head) =>
      isOffice(head) && /word\/|ppt\/|opendocument\.(?:text|presentation)|epub\+zip/.test(latin1(head)),
  },
  { what: 'a spreadsheet (Excel or OpenDocument)', remedy: SAVE_AS_CSV, matches: (head) => isOffice(head) },
  { what: 'a ZIP archive', matches: begins('PK\x03\x04', 'PK\x05\x06') },
  { what: 'an encrypted Parquet file', remedy: 'Export it without encryption.', matches: begins('PARE') },
  { what: 'a Parquet file', matches: begins('PAR1') },
  { what: 'an old Excel, Word or Outlook file', remedy: SAVE_AS_CSV, matches: begins('\xd0\xcf\x11\xe0') },
  { what: 'a PDF', isOrdinary: true, matches: begins('%PDF') },
  {
    what: 'a compressed file of a kind that isn’t supported',
    remedy: 'Unpack it, or compress it with gzip or ZIP.',
    matches: begins(
      '\x1f\x8b',
      'BZh',
      '\xfd7zXZ',
      '\x28\xb5\x2f\xfd',
      '7z\xbc\xaf\x27\x1c',
      'Rar!',
      '\x04\x22\x4d\x18',
    ),
  },
  {
    what: 'a TAR archive',
    remedy: 'Unpack it, or make a ZIP archive of its files.',
    matches: (head) => head.toString('latin1', TAR_SIGNATURE_AT, TAR_SIGNATURE_AT + 5) === 'ustar',
  },
  { what: 'data in Avro, ORC or Arrow', matches: binary('Obj\x01', 'ORC', 'ARROW1') },
  { what: 'a database', matches: begins('SQLite format 3') },
  {
    what: 'a picture',
    isOrdinary: true,
    matches: (head) =>
      begins('\x89PNG', '\xff\xd8\xff', 'GIF8', '8BPS')(head) ||
      binary('BM', 'II*\0', 'MM\0*')(head) ||
      /^(?:RIFF.{4}WEBP|.{4}ftyp(?:heic|heix|mif1|avif))/s.test(latin1(head)),
  },
  {
    what: 'a recording (sound or video)',
    isOrdinary: true,
    matches: (head) =>
      begins('\xff\xfb', '\xff\xf3', 'OggS', 'fLaC', '\x1aE\xdf\xa3')(head) ||
      binary('ID3', 'RIFF')(head) ||
      latin1(head).slice(4, 8) === 'ftyp',
  },
  {
    what: 'a program',
    isOrdinary: true,
    matches: (head) => begins('\x7fELF', '\xca\xfe\xba\xbe', '\xcf\xfa\xed\xfe', '#!')(head) || binary('MZ')(head),
  },
  { what: 'text in UTF-32', remedy: SAVE_AS_CSV, matches: begins('\xff\xfe\x00\x00', '\x00\x00\xfe\xff') },
  { what: 'a text document', isOrdinary: true, matches: begins('{\\rtf') },
  { what: 'JSON', matches: (head) => /^[{[]/.test(textOf(head)) },
  {
    what: 'a web page',
    remedy: 'It may be a sign-in page instead of the file: sign in, and download it again.',
    isOrdinary: true,
    matches: (head) => /^<(?:!doctype html|html|head|body|table|script)\b/i.test(textOf(head)),
  },
  {
    what: 'a drawing',
    isOrdinary: true,
    matches: (head) => /^(?:<\?xml[^>]{0,200}>\s{0,9})?<svg\b/i.test(textOf(head)),
  },
  { what: 'XML', matches: (head) => /^<[?!a-z]/i.test(textOf(head)) },
  {
    what: 'a key or a certificate',
    remedy: 'If it’s secret, delete it from Slack and replace it.',
    matches: (head) => /^-----BEGIN /.test(textOf(head)),
  },
  {
    what: 'an event or a contact',
    isOrdinary: true,
    matches: (head) => /^BEGIN:V(?:CALENDAR|CARD)/.test(textOf(head)),
  },
  {
    what: 'an email',
    remedy: 'Save its attachment, and import that.',
    isOrdinary: true,
    matches: (head) => EMAIL.test(textOf(head)),
  },
  {
    what: 'a bank statement in MT940',
    remedy: 'Download the statement as CAMT.053 or CSV.',
    matches: (head) => /^(?:\{1:[A-Z]\d{2}[^{}]*\}|:20:[^\r\n]{0,16}\r?\n:(?:21|25|28C?):)/.test(textOf(head)),
  },
  { what: 'a file that isn’t text', remedy: SAVE_AS_CSV, matches: (head) => head.includes(0) },
];

/** What a file that starts with these bytes seems to be if it isn't CSV, and what to do; undefined for a text file. */
export function remedyFor(firstBytes: Uint8Array): string | undefined {
  const kind = kindOf(firstBytes);
  return kind && `It looks like ${kind.what}. ${kind.remedy ?? EXPORT}`;
}

/** Whether people share files that start with these bytes for many reasons, such as pictures. */
export function isOrdinary(firstBytes: Uint8Array): boolean {
  return kindOf(firstBytes)?.isOrdinary === true;
}

/** Whether a ZIP archive that starts with these bytes is a document of an office program. */
export function isOfficeDocument(firstBytes: Uint8Array): boolean {
  return isOffice(headOf(firstBytes));
}

function isOffice(head: Buffer): boolean {
  if (!begins('PK')(head) || head.length < ZIP_NAME_AT) return false;
  const length = head.readUInt16LE(ZIP_NAME_LENGTH_AT);
  return OF_OFFICE.test(head.toString('latin1', ZIP_NAME_AT, ZIP_NAME_AT + length));
}

function kindOf(firstBytes: Uint8Array): FileKind | undefined {
  const head = headOf(firstBytes);
  return KINDS.find((kind) => kind.matches(head));
}

function headOf(firstBytes: Uint8Array): Buffer {
  return Buffer.from(firstBytes.buffer, firstBytes.byteOffset, Math.min(firstBytes.byteLength, HEAD_BYTES));
}

function begins(...signatures: readonly string[]): FileKind['matches'] {
  return (head) => signatures.some((signature) => head.toString('latin1', 0, signature.length) === signature);
}

/** The same for signatures that a text may begin with. */
function binary(...signatures: readonly string[]): FileKind['matches'] {
  return (head) => head.includes(0) && begins(...signatures)(head);
}

function latin1(head: Buffer): string {
  return head.toString('latin1');
}

function textOf(head: Buffer): string {
  return head.toString('utf8').trimStart();
}
