import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readAll, readOne, rejected, row } from './focus-file.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

describe('a row with characters that were lost in a conversion', () => {
  const lost = 'M\uFFFDnchen';
  const texts = [
    'SubAccountName',
    'BillingAccountName',
    'ChargeDescription',
    'ServiceName',
    'ResourceName',
    'ResourceId',
  ];

  it.each([...texts, 'RegionName', 'SkuId', 'ProviderName', 'AllocatedResourceName', 'ListCost'])(
    'is rejected, naming %s',
    async (column) => {
      expect(await rejected(row({ [column]: lost }))).toMatchObject({
        ...{ line: 2, column, value: 'M?nchen' },
        reason: 'Characters in this cell were lost when the file was converted. Export the file again in UTF-8.',
      });
    },
  );

  it.each([`{"city":"${lost}"}`, '{"city":"M\\ufffdnchen"}', '{"M\\uFFFD":"1"}', `city=${lost}`])(
    'is rejected for tags such as %s',
    async (Tags) => {
      expect(await rejected(row({ Tags }))).toMatchObject({ column: 'Tags' });
      expect(await rejected(row({ AllocatedTags: Tags }))).toMatchObject({ column: 'AllocatedTags' });
    },
  );

  it('is imported if only a custom column is damaged, which doesn’t identify it, or if a backslash is escaped', async () => {
    const whole = await readOne(row({ Tags: '{"path":"c:\\\\ufffd"}', x_Note: 'München' }));
    expect((await readOne(row({ Tags: '{"path":"c:\\\\ufffd"}', x_Note: lost }))).hash).toBe(whole.hash);
  });
});

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
    const reason = expect.stringMatching(/^(?:A spreadsheet|A program|Characters in this ID).*Export the file again/);
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

  it.each(['acme\u0000', 'ac\u200Bme', 'ac\u2060me', 'ac\uFEFFme', 'ac\u00ADme', 'ac\u202Eme', 'ac\nme', '\u200B'])(
    'is not %j, which looks like another ID',
    async (id) => {
      const reason = expect.stringMatching(/^This ID has an invisible character \(U\+[0-9A-F]{4}\)\. Remove it/);
      expect(await rejected(row({ SubAccountId: id }))).toMatchObject({ column: 'SubAccountId', reason });
      expect(await rejected(row({ BillingAccountId: id }))).toMatchObject({ column: 'BillingAccountId', reason });
    },
  );

  it.each(['#', '*', '?', '.', '_', '()', '--.--', '******'])('is not %s, which names nobody', async (id) => {
    const reason =
      'This ID has no letters or digits. Leave the cell empty if there is no ID, and import the file again.';
    expect(await rejected(row({ SubAccountId: id }))).toMatchObject({ column: 'SubAccountId', reason });
  });

  it.each([
    'NaN',
    '(blank)',
    '<blank>',
    '(empty)',
    '-',
    '--',
    '—',
    'n.d.',
    ' n.a. ',
    '[missing]',
    '(not set)',
    '(N/A)',
  ])('is the billing account when a tool wrote %s for a missing value', async (word) => {
    const found = await readOne(row({ SubAccountId: word, SubAccountName: word, ServiceName: word, Tags: word }));
    expect(found).toMatchObject({
      ...{ subAccountId: 'payer-1', subAccountName: 'Payer', serviceName: 'Unknown service', tags: {} },
      warnings: [{ column: 'ServiceName' }],
    });
    const empty = await readOne(row({ SubAccountId: '', SubAccountName: '', ServiceName: '', Tags: '' }));
    expect(found.hash).toBe(empty.hash);
  });

  it.each(['blank', 'empty', 'NA', 'nan-1', '(blank)-1', '-1', 'a-', 'missing', '<team>', '(not me)'])(
    'can be %s, which is a name',
    async (id) => {
      expect(await readOne(row({ SubAccountId: id }))).toMatchObject({ subAccountId: id });
    },
  );

  it('of an amount that is NaN or a dash is not asked: the amount is rejected', async () => {
    for (const BilledCost of ['NaN', '-']) {
      expect(await rejected(row({ BilledCost }))).toMatchObject({ column: 'BilledCost', value: BilledCost });
    }
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
