import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { Fields } from '../../../src/local/workspace/index.ts';
import { camt } from '../bank.ts';
import { zipOf } from '../zip.ts';

/** A file of one kind, and what the private answer to it has to say. */
export interface DroppedFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** What Slack says about the file instead of what is stored. */
  readonly shown?: Fields;
  readonly answer: readonly string[];
  /** A button that the answer has to have. */
  readonly button?: 'import.add' | 'costs.map.open' | 'bank.read' | 'bank.map.open' | 'import.rates';
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const costFile = (name: string): Buffer => readFileSync(new URL(`../../data/cost-files/${name}`, import.meta.url));
const office = (entry: string): Buffer => zipOf({ '[Content_Types].xml': '<Types/>', [entry]: '<x/>' });
const signature = (text: string, rest = 600): Buffer => Buffer.concat([latin1(text), Buffer.alloc(rest, 0x81)]);
const kind = (name: string, bytes: Buffer | string, ...answer: string[]): DroppedFile => ({
  ...{ name, bytes: Buffer.from(bytes), answer },
});

const HEADER = [
  ...['BillingAccountId', 'BillingCurrency', 'BillingPeriodStart', 'BilledCost', 'ChargeCategory'],
  ...['ChargePeriodStart', 'ChargePeriodEnd', 'ServiceName', 'SubAccountId'],
];
const ROW = ['b1', 'EUR', '2026-10-01', '5.25', 'Usage', '2026-10-10 00:00:00', '2026-10-10 01:00:00', 'Compute', 'p1'];
const costs = (separator = ','): string => `${[HEADER, ROW].map((cells) => cells.join(separator)).join('\n')}\n`;

const BILL = 'Day,Team,Product,Price,Currency\n2026-10-01,red,Storage,12.50,EUR\n2026-10-02,blue,Network,7.25,EUR\n';

/** A Parquet file of texts. */
function parquetOf(csv: string, codec: 'UNCOMPRESSED' | 'SNAPPY' = 'SNAPPY'): Buffer {
  const [header = [], ...rows] = csv
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const columnData = header.map(
    (name, at): ColumnSource => ({ name, type: 'STRING', data: rows.map((row) => row[at] ?? '') }),
  );
  return Buffer.from(parquetWriteBuffer({ columnData, codec }));
}

/** A valid file that unpacks to a thousand times its size. */
function bombOf(): Buffer {
  return gzipSync(Buffer.concat([Buffer.from(costs()), Buffer.alloc(70_000_000, ' ')]), { level: 9 });
}

/** The same archive, as if a password had been set. */
function encrypted(archive: Buffer): Buffer {
  const bytes = Buffer.from(archive);
  bytes.writeUInt16LE(bytes.readUInt16LE(6) | 1, 6);
  return bytes;
}

function tarOf(name: string, content: string): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('ustar\x0000', 257, 'latin1');
  return Buffer.concat([head, Buffer.from(content.padEnd(512, '\0')), Buffer.alloc(1024)]);
}

/** Files that can be imported. */
export const READABLE: readonly DroppedFile[] = [
  ['commas.csv', costs()],
  ['semicolons.csv', costs(';')],
  ['tabs.tsv', costs('\t')],
  ['bars.txt', costs('|')],
  ['bom.csv', `\uFEFF${costs()}`],
  ['utf-16-le.csv', Buffer.from(`\uFEFF${costs()}`, 'utf16le')],
  ['utf-16-be.csv', Buffer.from(`\uFEFF${costs()}`, 'utf16le').swap16()],
  ['utf-16-plain.csv', Buffer.from(costs(), 'utf16le')],
  ['costs.csv.gz', gzipSync(costs())],
  ['gzip-named.csv', gzipSync(costs())],
  ['costs.zip', zipOf({ 'october.csv': costs(), 'readme/': '' })],
  ['gzip-inside.zip', zipOf({ 'october.csv.gz': gzipSync(costs()) })],
  ['costs.parquet', parquetOf(costs())],
  ['costs.snappy.parquet', parquetOf(costs(), 'UNCOMPRESSED')],
].map(([name, bytes]) => ({
  ...kind(name as string, bytes as Buffer | string, '1 row: 1 new, 0 already imported, 0 rejected'),
  button: 'import.add',
}));

/** Bills in layouts that nobody has described yet, whose columns a person can choose. */
export const UNKNOWN_LAYOUTS: readonly DroppedFile[] = [
  ['bill.csv', BILL],
  ['bill-tabs.tsv', BILL.replaceAll(',', '\t')],
  ['bill-utf-16.csv', Buffer.from(`\uFEFF${BILL}`, 'utf16le')],
  ['bill.csv.gz', gzipSync(BILL)],
  ['bill.zip', zipOf({ 'bill.csv': BILL })],
  ['bill-gzip.zip', zipOf({ 'bill.csv.gz': gzipSync(BILL) })],
  ['bill.parquet', parquetOf(BILL)],
].map(([name, bytes]) => ({
  ...kind(name as string, bytes as Buffer | string, 'the columns “Day”, “Team”', '*If it’s a bill*'),
  button: 'costs.map.open',
}));

/** Files for other parts of the app. */
export const OTHER_USES: readonly DroppedFile[] = [
  {
    ...kind('statement.xml', camt([{ amount: '40.00', purpose: 'ACME-1' }]), 'the bank statement'),
    button: 'bank.read',
  },
  {
    ...kind('payments.csv', 'Date,Reference,Amount\n2026-10-13,Rest,40.00\n', 'the bank statement'),
    button: 'bank.map.open',
  },
  {
    ...kind('rates.csv', 'Date, USD, JPY, \n19 October 2026, 1.0840, 162.1, \n', 'exchange rates'),
    button: 'import.rates',
  },
];

/** Files of many kinds that can't be imported. */
export const UNREADABLE: readonly DroppedFile[] = [
  kind('people.csv', 'name,age\nann,30\n', 'the columns BilledCost', 'the columns “name”, “age”'),
  kind('people-semicolons.csv', 'name;age\nann;30\n', 'the columns “name”, “age”'),
  {
    ...kind('column-missing.csv', costFile('dropped-column-missing.csv'), 'the column BillingCurrency is missing'),
    button: 'costs.map.open',
  },
  kind('people.csv.gz', gzipSync('name,age\nann,30\n'), 'the columns “name”, “age”'),
  {
    ...kind('windows-1252-1.csv', costFile('windows-1252-1.csv'), 'in UTF-8: line 2, SubAccountName'),
    button: 'costs.map.open',
  },
  kind('tabs.txt', 'BilledCost\tBillingAccountId\n', 'missing'),
  kind('notes.txt', 'Lunch at noon\n', 'isn’t a list of columns'),
  kind('empty.csv', '\n', 'The file is empty'),
  kind('zip-named.csv', 'PK\u0003\u0004', 'ZIP archive is cut off'),
  kind('bill.xlsx', office('xl/workbook.xml'), 'a spreadsheet', 'Save it as CSV in UTF-8'),
  kind('xlsx-named.csv', office('xl/workbook.xml'), 'a spreadsheet', 'Save it as CSV in UTF-8'),
  kind('bill.docx', office('word/document.xml'), 'a text document', 'export them as CSV'),
  kind(
    'bill.ods',
    zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }, { isStored: true }),
    'a spreadsheet',
  ),
  kind('bill.xls', signature('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'an old Excel', 'Save it as CSV in UTF-8'),
  kind('bill.msg', signature('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'Outlook file', 'Save it as CSV in UTF-8'),
  kind('photos.zip', zipOf({ 'a.png': latin1('\x89PNG\r\n\x1a\n') }), 'a.png', 'a picture'),
  kind('nested.zip', zipOf({ 'inner.zip': zipOf({ 'a.csv': costs() }) }), 'inner.zip', 'It is an archive itself'),
  kind('secret.zip', encrypted(zipOf({ 'a.csv': costs() })), 'a.csv in this ZIP archive is encrypted', 'password'),
  kind('cut.zip', zipOf({ 'bill.csv': 'name,age\nann,30\n' }).subarray(0, 45), 'cut off', 'Download it again'),
  kind('empty.zip', zipOf({}), 'ZIP archive'),
  kind('cut.csv.gz', gzipSync('name,age\nann,30\n').subarray(0, 16), 'cut off', 'Download it again'),
  kind('bomb.csv.gz', bombOf(), 'unpacks to more than 250 times its size', 'Unpack it yourself'),
  kind('magic-only.parquet', 'PAR1', 'Parquet', 'cut off'),
  kind('cut.parquet', parquetOf(costs()).subarray(0, -20), 'Parquet', 'cut off'),
  kind('costs.tar', tarOf('costs.csv', costs()), 'a TAR archive', 'ZIP archive of its files'),
  kind('costs.tar.gz', gzipSync(tarOf('costs.csv', costs())), 'a TAR archive', 'ZIP archive of its files'),
  kind('bill.7z', signature('7z\xbc\xaf\x27\x1c'), 'compressed', 'gzip or ZIP'),
  kind('bill.rar', signature('Rar!\x1a\x07\x01\x00'), 'compressed', 'gzip or ZIP'),
  kind('bill.csv.zst', signature('\x28\xb5\x2f\xfd'), 'compressed', 'gzip or ZIP'),
  kind('bill.csv.bz2', signature('BZh91AY&SY'), 'compressed', 'gzip or ZIP'),
  kind('bill.json', '[{"BilledCost": 1}]', 'JSON', 'export them as CSV'),
  kind('bill.ndjson', '{"BilledCost": 1}\n{"BilledCost": 2}\n', 'JSON', 'export them as CSV'),
  kind('bill.xml', '<?xml version="1.0"?><bill/>', 'XML', 'export them as CSV'),
  kind(
    'statement.mt940',
    ':20:STARTUMS\r\n:25:10020030/1234567\r\n:28C:00001/001\r\n:60F:C261001EUR0,00\r\n',
    'MT940',
    'CAMT.053',
  ),
  kind('bill.html', '<!DOCTYPE html><title>Sign in</title><table></table>', 'a web page', 'a sign-in page'),
  kind('login.csv', '\n<html><head><title>Sign in</title>', 'a web page', 'a sign-in page'),
  kind('bill.pdf', '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'a PDF', 'export them as CSV'),
  kind('bill.avro', latin1('Obj\x01\0'), 'Avro'),
  kind('bill.orc', latin1('ORC\0'), 'ORC'),
  kind('bill.sqlite', latin1('SQLite format 3\0'), 'a database'),
  kind('logo.png', signature('\x89PNG\r\n\x1a\n'), 'a picture', 'export them as CSV'),
  kind('photo.csv', signature('\xff\xd8\xff\xe0'), 'a picture'),
  kind('call.mp4', latin1('\0\0\0\x18ftypisom'), 'a recording'),
  kind('song.mp3', latin1('ID3\x03\0'), 'a recording'),
  kind('tool', latin1('\x7fELF'), 'a program'),
  kind('setup.exe', signature('MZ\x90\0'), 'a program'),
  kind('utf-32.csv', latin1('\xff\xfe\0\0B\0\0\0'), 'UTF-32', 'Save it as CSV in UTF-8'),
  kind('key.pem', '-----BEGIN PRIVATE KEY-----\n', 'a key', 'delete it from Slack'),
  kind('lunch.ics', 'BEGIN:VCALENDAR\n', 'an event'),
  kind(
    'bill.eml',
    'From: a@example.com\r\nTo: b@example.com\r\nSubject: Your bill\r\n\r\nHello\r\n',
    'an email',
    'attachment',
  ),
  kind('bill.numbers', zipOf({ 'Index/Document.iwa': 'x' }, { isStored: true }), 'a spreadsheet', 'Save it as CSV'),
  kind('bill.yaml', 'costs:\n  - project: p1\n    amount: 5\n', 'isn’t a list of columns'),
  kind('bill.rtf', '{\\rtf1 Hello}', 'a text document'),
  kind('random.csv', latin1('\x01\0\x02\0\0\x03'), 'isn’t text'),
  kind('only-header.csv', `${HEADER.join(',')}\n`, 'There are no rows to import', '0 rows'),
  kind('only-header.csv.gz', gzipSync(`${HEADER.join(',')}\n`), 'There are no rows to import', '0 rows'),
  kind('only-header.parquet', parquetOf(HEADER.join(',')), 'There are no rows to import', '0 rows'),
];

/** Files whose bytes aren't in Slack, or not as many as they should be. */
export const ELSEWHERE: readonly DroppedFile[] = [
  {
    ...kind('sheet', 'x', 'isn’t stored in Slack', 'upload it to Slack'),
    shown: { mode: 'external', is_external: true },
  },
  { ...kind('deleted.csv', 'x', 'no longer exists', 'Upload it again'), shown: { mode: 'tombstone' } },
  { ...kind('hidden.csv', 'x', 'no longer exists', 'Upload it again'), shown: { mode: 'hidden_by_limit' } },
  { ...kind('mail', 'x', 'an email', 'its attachment'), shown: { mode: 'email' } },
  { ...kind('canvas', 'x', 'a canvas', 'CSV'), shown: { mode: 'quip' } },
  { ...kind('huge.csv', costs(), 'larger than 1 GB', 'smaller files'), shown: { size: 1024 ** 3 + 1 } },
  { ...kind('large.csv', costs(), 'Reading large.csv (1024.0 MB)'), shown: { size: 1024 ** 3 }, button: 'import.add' },
];
