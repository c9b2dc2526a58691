import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readAll, readOne, rejected, row } from './focus-file.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

describe('the payer', () => {
  it('is never an ID that a spreadsheet damaged: all three rows are rejected', async () => {
    const rows = await readAll(file('ids-after-a-spreadsheet.csv'));
    expect(rows.map((found) => (found.kind === 'rejected' ? [found.line, found.column, found.value] : found))).toEqual([
      [2, 'SubAccountId', '1.23457E+11'],
      [3, 'SubAccountId', '1.23457E+11'],
      [4, 'SubAccountId', '########'],
    ]);
  });

  it.each([
    ...['1.23E+11', '1,23E+11', '1E+11', '1.23457e+11', '1.23457E11', '-1.5E+20', '123456789012.0', '123456789012,00'],
    ...['##', '####', '#N/A', '#n/a', '#REF!', '#VALUE!', '#NAME?', '#DIV/0!', '#NUM!', '#NULL!', '#SPILL!', '#ERROR!'],
    ...['123,456,789,012', '12 345 678 901', '123.456.789.012', '="123456789012"', "'123456789012", '1.23457 E+11'],
    ...['#¡VALOR!', '#¡REF!', '#¿NOMBRE?', '#N/B', '#I/T', '#Н/Д', '#YOK', '#HIÁNYZIK', '#NEDOSTUPNÝ'],
    ...['#BEZUG!', '#NV', '#VALEUR!', '#GETTING_DATA', 'Err:502', ' #REF! ', 'proj-\uFFFD'],
  ])('is not %s, in either column', async (id) => {
    const reason = expect.stringMatching(/^(?:A spreadsheet|A program|The ID has).*Export the file again/);
    expect(await rejected(row({ SubAccountId: id }))).toMatchObject({ column: 'SubAccountId', reason });
    expect(await rejected(row({ BillingAccountId: id }))).toMatchObject({ column: 'BillingAccountId', reason });
  });

  it.each([
    ...[
      '123456789012',
      '000123',
      '12e4',
      '4E10',
      '1.0',
      '2024.10',
      '1234-5678-9012',
      '#1',
      '#team',
      '1.2.3E+4',
      'E+11',
    ],
    ...[
      '10.20.30',
      '192.168.100.200',
      '123.123.123.123',
      "o'brien",
      '#N/team',
      '123.456.789',
      '/subscriptions/1E+11',
      'ocid1.tenancy.oc1..aaaa',
      '-5',
    ],
  ])('can be %s, a valid ID even if it looks like a number', async (id) => {
    expect(await readOne(row({ SubAccountId: id }))).toMatchObject({ subAccountId: id });
  });

  it('is the billing account when a program wrote a word for null', async () => {
    const rows = await readAll(file('null-in-other-words.csv'));
    expect(rows).toMatchObject(
      [1, 2, 3].map(() => ({ kind: 'row', subAccountId: 'payer-1', subAccountName: 'Payer', tags: {} })),
    );
    expect(rows.filter((found) => found.kind === 'row' && found.warnings)).toEqual([]);
    expect(await readOne(row({ SubAccountId: 'null-island' }))).toMatchObject({ subAccountId: 'null-island' });
  });
});
