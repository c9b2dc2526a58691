import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvRecord, CsvScanner } from '../../src/imports/file/csv.ts';

function scan(text: string | Buffer, { size = Number.MAX_SAFE_INTEGER, maxRecordBytes = 1 << 20 } = {}): CsvRecord[] {
  const bytes = Buffer.from(text);
  const scanner = new CsvScanner(maxRecordBytes);
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += size) records.push(...scanner.push(bytes.subarray(at, at + size)));
  return [...records, ...scanner.end()];
}

const cells = (text: string): string[][] => scan(text).map(({ fields }) => fields);

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ü', '🧾', '0', ';'), maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** A table of cells, each quoted or not as RFC 4180 allows, with any line break at the end of a row. */
const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 6,
  }),
);
const lineBreak = fc.constantFrom('\n', '\r\n', '\r');

function written(rows: readonly (readonly (readonly [string, boolean])[])[], end: string): string {
  const write = ([value, quoted]: readonly [string, boolean]): string =>
    quoted || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  return rows.map((row) => row.map(write).join(',') + end).join('');
}

describe('CSV records', () => {
  it('are read back whatever a cell contains, however it is quoted, and wherever the chunks are split', () => {
    fc.assert(
      fc.property(table, lineBreak, fc.boolean(), fc.integer({ min: 1, max: 40 }), (rows, end, mark, size) => {
        const text = `${mark ? '\uFEFF' : ''}${written(rows, end)}`;
        const expected = rows.map((row) => row.map(([value]) => Buffer.from(value).toString()));
        // a byte order mark in the first cell can't be distinguished from the file's
        fc.pre(!expected[0]?.[0]?.startsWith('\uFEFF'));
        expect(scan(text, { size }).map(({ fields }) => fields)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same as csv-parse finds in a well-formed file', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        fc.pre(!rows[0]?.[0]?.[0].startsWith('\uFEFF'));
        const text = written(rows, end);
        expect(cells(text)).toEqual(parse(text, { bom: true, record_delimiter: end }));
      }),
      { numRuns: 500 },
    );
  });

  it('know their first line, counting line breaks inside cells once', () => {
    const text = 'h1,h2\r\n"a\nb\r\nc\rd",1\r\n\r\nx,2\n"\n",3\ny,4';
    expect(scan(text).map(({ line }) => line)).toEqual([1, 2, 7, 8, 10]);
    for (let size = 1; size < 12; size++) expect(scan(text, { size })).toEqual(scan(text));
  });

  it('skip blank lines, but not a quoted empty cell', () => {
    expect(cells('a\n\n\r\n""\nb\n')).toEqual([['a'], [''], ['b']]);
  });

  it('accept a quotation mark inside an unquoted cell', () => {
    expect(cells('5" disk,2\n')).toEqual([['5" disk', '2']]);
  });

  it('report the cell in which a quotation mark closes too early, and continue with the next row', () => {
    const [bad, good] = scan('a,"b"c,d\ne,f,g\n');
    expect(bad).toMatchObject({ line: 1, fault: { kind: 'quote', field: 1 }, fields: ['a', 'b', 'd'] });
    expect(good).toEqual({ line: 2, fields: ['e', 'f', 'g'], open: false });
  });

  it.each([1, 3, 1000])('lose one line to a quotation mark that is never closed (chunks of %i bytes)', (size) => {
    const found = scan('a,1\n"b,2\r\nc,3\nd,4\n', { size });
    expect(found.map(({ line, fields, fault }) => [line, fault?.kind ?? fields.join()])).toEqual([
      [1, 'a,1'],
      [2, 'endless'],
      [3, 'c,3'],
      [4, 'd,4'],
    ]);
  });

  it.each([1, 7, 10_000])('are limited to the longest allowed record (chunks of %i bytes)', (size) => {
    const text = `a,1\n"${'long\r\n'.repeat(50)}",2\n${'x'.repeat(300)}\nb,3\n`;
    const found = scan(text, { size, maxRecordBytes: 100 });
    const shown = found.map(({ line, fields, fault }) => `${line} ${fault?.kind ?? fields.join()}`);
    expect(shown.slice(0, 3)).toEqual(['1 a,1', '2 endless', '3 long']);
    expect(shown.slice(-2)).toEqual(['53 endless', '54 b,3']);
  });

  it('with several lines are complete, after blank lines and with trailing commas', () => {
    expect(cells('\n\na,b\n"1\n2",3\n"4\n5",6,,\n')).toEqual([
      ['a', 'b'],
      ['1\n2', '3'],
      ['4\n5', '6', '', ''],
    ]);
  });

  it('with several lines and a wrong number of cells may hide others, so their lines are read again', () => {
    const found = scan('a,b\n"1\n2,x\n3,"\n4,5\n');
    expect(found.map(({ line, fields }) => `${line} ${fields.join('|')}`)).toEqual([
      '1 a|b',
      '2 1\n2,x\n3,',
      '3 2|x',
      '4 ',
      '5 4|5',
    ]);
  });

  it('report a file that ends without a line break', () => {
    expect(scan('a,b\nc,d').map(({ open }) => open)).toEqual([false, true]);
    expect(scan('a,b\nc,"d"').map(({ open }) => open)).toEqual([false, true]);
    expect(scan('a,b\nc,d\r').map(({ open }) => open)).toEqual([false, false]);
  });

  it('don’t depend on the memory of their chunks', () => {
    const scanner = new CsvScanner();
    const chunk = Buffer.from('a,b\nc,');
    const first = [...scanner.push(chunk)];
    chunk.fill('?');
    const rest = [...scanner.push(Buffer.from('d\n'))];
    expect([...first, ...rest].map(({ fields }) => fields)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});

describe('reading takes linear time', () => {
  const read = (text: string, size: number): CsvScanner => {
    const bytes = Buffer.from(text);
    const scanner = new CsvScanner();
    for (let at = 0; at < bytes.length; at += size) for (const _ of scanner.push(bytes.subarray(at, at + size)));
    for (const _ of scanner.end());
    return scanner;
  };

  // previously each chunk read the record again from its start: 10¹¹ steps
  it.each([1, 7, 64])('however small the chunks of a long record are: %i bytes', (size) => {
    const text = `a,b\n"${'x'.repeat(1_000_000)}",1\n`;
    expect(read(text, size).bytesReadAgain).toBe(0);
  });

  it('twice as much text makes at most twice as many bytes read again, whatever the quotation marks', () => {
    const again = (lines: number): number => read(`a,b\n${'"a,"b"c\n'.repeat(lines)}`, 65_536).bytesReadAgain;
    expect(again(20_000)).toBeLessThanOrEqual(2 * again(10_000) + 100);
  });
});
