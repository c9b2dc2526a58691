import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { sum } from '../../../src/billing/money/money.ts';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { importReportMessage } from '../../../views/costs/import-report.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T00:00:00Z'));

const bytesOf = (name: string): Buffer => readFileSync(new URL(`../../data/cost-files/${name}.csv`, import.meta.url));

function importBytes(account: AccountDoc, bytes: Buffer, since?: Date): Promise<ImportReport> {
  const input = { accountId: account._id, fileName: 'costs.csv', replace: false, ...(since && { since }) };
  return importFocus(ctx, { ...input, open: () => Readable.from([bytes]) });
}

const importFile = (account: AccountDoc, name: string): Promise<ImportReport> => importBytes(account, bytesOf(name));

async function booked(account: AccountDoc): Promise<{ total: string; costs: number }> {
  const costs = await Costs.find({ accountId: account._id }).lean();
  return { total: sum(costs.map(({ amount }) => fromDecimal128(amount))).toFixed(2), costs: costs.length };
}

describe('importing real-world files', () => {
  it('imports each cost once, whether its file has a second byte order mark or not', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await importFile(account, 'second-bom-1');
    expect(await importFile(account, 'second-bom-2')).toMatchObject({ added: 0, repeated: 2 });
    expect(await booked(account)).toEqual({ total: '33.30', costs: 2 });
  });

  it('uses the billing account as payer when a program wrote a word for null', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await importFile(account, 'null-in-other-words');
    expect((await Projects.find({ accountId: account._id }).lean()).map(({ name }) => name)).toEqual(['payer-1']);
    expect(await booked(account)).toEqual({ total: '15.00', costs: 3 });
  });

  it('rejects a file that isn’t in UTF-8 with a fix, and imports it once when it is saved correctly', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await expect(importFile(account, 'windows-1252-1')).rejects.toMatchObject({ code: 'focus_file' });
    expect(await Imports.findOne({ accountId: account._id }).lean()).toMatchObject({
      state: 'refused',
      failure: expect.stringMatching(/line 2, SubAccountName.*Save the file as CSV in UTF-8/),
    });
    await importFile(account, 'windows-1252-2');
    expect(await booked(account)).toEqual({ total: '80.00', costs: 2 });
  });

  it('creates one project for an ID written in two cases', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await importFile(account, 'id-in-two-cases');
    expect((await Projects.find({ accountId: account._id }).lean()).map(({ name }) => name)).toEqual([
      '/subscriptions/1B7E6F5A-0000-4C6D-9A52-0A0A0A0A0A0A',
    ]);
    expect(await booked(account)).toEqual({ total: '10.00', costs: 2 });
  });

  it('imports two parts of one host’s costs as two costs, once each', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    for (const name of ['allocated-1', 'allocated-2', 'allocated-1']) await importFile(account, name);
    expect(await booked(account)).toEqual({ total: '8.00', costs: 2 });
  });

  it('rejects implausible dates, so that no group starts in 1970', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    expect(await importFile(account, 'dates-that-cannot-be')).toMatchObject({ added: 1, rejected: 2 });
    expect(await Groups.find({ accountId: account._id }).lean()).toMatchObject([{ nextPeriod: '2026-10' }]);
    expect(await booked(account)).toEqual({ total: '10.00', costs: 1 });
  });
});

describe('an import report', () => {
  const said = (report: ImportReport): string => JSON.stringify(importReportMessage(report));

  it('counts and shows changes to accepted rows, and to the file', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    const text = bytesOf('tags-without-braces')
      .toString()
      .replace('"{env=prod, team=ops}"', '{env=prod')
      .replace('00:00Z,Compute', '00:00Z,')
      .trimEnd();
    const report = await importBytes(account, Buffer.from(text));
    expect(report).toMatchObject({ added: 3, rejected: 0 });
    expect(report.notes).toEqual({
      count: 3,
      first: [
        {
          line: 4,
          column: '(file)',
          reason: 'The file ended without a line break. Its last row is complete and was imported.',
        },
        { line: 2, column: 'ServiceName', reason: 'The row has no service. It was imported as “Unknown service”.' },
        { line: 3, column: 'Tags', reason: 'The tags aren’t a JSON object. The cost was imported without tags.' },
      ],
    });
    expect(said(report)).toContain('*3 notes*');
    expect(said(report)).toContain('Line 3, `Tags`: The tags aren’t a JSON object.');
  });

  it('has no notes section when there are none', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    const report = await importFile(account, 'tags-without-braces');
    expect(report.notes).toEqual({ count: 0, first: [] });
    expect(said(report)).not.toContain('note');
  });

  it('names the option to import older costs', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    const report = await importFile(account, 'dates-that-cannot-be');
    expect(said(report)).toContain('import the file from the command line with --since 1970-01-01');
  });
});
