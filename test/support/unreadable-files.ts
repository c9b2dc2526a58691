import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { zipOf } from './zip.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const costFile = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));
const office = (entry: string): Buffer => zipOf({ '[Content_Types].xml': '<Types/>', [entry]: '<x/>' });

/** Files of many kinds that can't be imported, and what the answer has to say. */
export const UNREADABLE: readonly (readonly [name: string, bytes: Buffer, ...said: string[]])[] = [
  ['people.csv', Buffer.from('name,age\nann,30\n'), 'the columns BilledCost', 'the columns “name”, “age”'],
  ['people-semicolons.csv', Buffer.from('name;age\nann;30\n'), 'the columns “name”, “age”'],
  ['column-missing.csv', costFile('dropped-column-missing.csv'), 'the column BillingCurrency is missing'],
  ['people.csv.gz', gzipSync('name,age\nann,30\n'), 'the columns “name”, “age”'],
  ['windows-1252-1.csv', costFile('windows-1252-1.csv'), 'in UTF-8: line 2, SubAccountName'],
  ['tabs.txt', Buffer.from('BilledCost\tBillingAccountId\n'), 'missing'],
  ['notes.txt', Buffer.from('Lunch at noon\n'), 'isn’t a list of columns'],
  ['empty.csv', Buffer.from('\n'), 'The file is empty'],
  ['costs.csv', Buffer.from('PK\u0003\u0004'), 'ZIP archive is cut off'],
  ['bill.xlsx', office('xl/workbook.xml'), 'a spreadsheet', 'Save it as CSV in UTF-8'],
  ['bill.docx', office('word/document.xml'), 'a text document', 'export them as CSV'],
  [
    'bill.ods',
    zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }, { isStored: true }),
    'a spreadsheet',
  ],
  ['bill.xls', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'an old Excel'],
  ['photos.zip', zipOf({ 'a.png': latin1('\x89PNG\r\n\x1a\n') }), 'a.png', 'a picture'],
  ['bill.zip', zipOf({ 'bill.csv': 'name,age\nann,30\n' }).subarray(0, 45), 'cut off', 'Download it again'],
  ['cut.csv.gz', gzipSync('name,age\nann,30\n').subarray(0, 16), 'cut off', 'Download it again'],
  ['bill.parquet', latin1('PAR1'), 'Parquet'],
  ['bill.tar', Buffer.concat([Buffer.alloc(257), latin1('ustar\0'), Buffer.alloc(250)]), 'a TAR archive'],
  ['bill.7z', latin1('7z\xbc\xaf\x27\x1c'), 'compressed', 'gzip or ZIP'],
  ['bill.csv.zst', latin1('\x28\xb5\x2f\xfd'), 'compressed', 'gzip or ZIP'],
  ['bill.csv.bz2', latin1('BZh91AY'), 'compressed', 'gzip or ZIP'],
  ['bill.json', Buffer.from('[{"BilledCost": 1}]'), 'JSON', 'export them as CSV'],
  ['bill.xml', Buffer.from('<?xml version="1.0"?><bill/>'), 'XML', 'export them as CSV'],
  ['bill.html', Buffer.from('<!DOCTYPE html><table></table>'), 'a web page'],
  ['bill.pdf', Buffer.from('%PDF-1.7'), 'a PDF', 'export them as CSV'],
  ['bill.avro', latin1('Obj\x01\0'), 'Avro'],
  ['bill.sqlite', latin1('SQLite format 3\0'), 'a database'],
  ['logo.png', latin1('\x89PNG\r\n\x1a\n'), 'a picture', 'export them as CSV'],
  ['photo.csv', latin1('\xff\xd8\xff\xe0'), 'a picture'],
  ['call.mp4', latin1('\0\0\0\x18ftypisom'), 'a recording'],
  ['song.mp3', latin1('ID3\x03\0'), 'a recording'],
  ['tool', latin1('\x7fELF'), 'a program'],
  ['utf-32.csv', latin1('\xff\xfe\0\0B\0\0\0'), 'UTF-32'],
  ['key.pem', Buffer.from('-----BEGIN PRIVATE KEY-----\n'), 'a key'],
  ['lunch.ics', Buffer.from('BEGIN:VCALENDAR\n'), 'an event'],
  ['bytes.bin', latin1('\x01\0\x02\0\0\x03'), 'isn’t text'],
];
