import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money/money.ts';
import { type CostRow, readCosts } from '../../src/imports/costs/cost-file.ts';
import type { FileNote, FocusRow } from '../../src/imports/focus/focus.ts';
import { EXPORTS } from '../../src/imports/layouts/layout.ts';
import { chunks } from './focus-file.ts';
import { exactSums, type OwnColumns } from './formats/exact-sums.ts';
import { EXPORT_COLUMNS } from './formats/export-columns.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/exports/${name}`, import.meta.url));

async function read(bytes: Buffer): Promise<{ readonly rows: CostRow[]; readonly notes: FileNote[] }> {
  const rows: CostRow[] = [];
  const notes: FileNote[] = [];
  const options = { now: new Date('2026-11-02T00:00:00Z'), onFileNote: (note: FileNote) => void notes.push(note) };
  for await (const row of readCosts({ bytes: chunks(bytes, 1000) }, options)) rows.push(row);
  return { rows, notes };
}

/** The first row of an export with other cells, by the names of its columns. */
async function changed(name: string, cells: Readonly<Record<string, string>>): Promise<CostRow | undefined> {
  const [head = ''] = file(name).toString().split('\r\n');
  const names = head.replace(/^\uFEFF/, '').split(',');
  const { rows } = await read(file(name));
  const columns = (rows[0] as FocusRow).columns;
  const line = names.map((column) => cells[column] ?? columns[column] ?? columns[`${column} (original)`] ?? '');
  const quoted = line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  return (await read(Buffer.from(`${head}\n${quoted}\n`))).rows[0];
}

describe('a provider’s own export', () => {
  it.each([
    ['aws-cur.csv', 'AWS Cost and Usage Report', 'lineItem/UnblendedCost'],
    ['aws-cur-2.csv', 'AWS Cost and Usage Report 2.0', 'line_item_unblended_cost'],
    ['azure-ea.csv', 'Azure cost export (Enterprise Agreement, actual cost)', 'CostInBillingCurrency'],
    ['azure-ea-cost.csv', 'Azure cost export (Enterprise Agreement, actual cost)', 'Cost'],
    ['azure-mca.csv', 'Azure cost export (Microsoft Customer Agreement, actual cost)', 'costInBillingCurrency'],
    ['azure-usage.csv', 'Azure usage details (pay-as-you-go)', 'PreTaxCost'],
    ['google-export.csv', 'Google Cloud billing export', 'cost, plus the amounts in credits'],
    ['oci.csv', 'Oracle Cloud (OCI) cost report', 'cost/myCost'],
  ])('%s has its exact sums by project and service, and the report names the column', async (name, what, column) => {
    const { rows, notes } = await read(file(name));
    expect(rows.filter(({ kind }) => kind === 'rejected')).toEqual([]);
    const sums = new Map<string, Decimal>();
    for (const one of rows as FocusRow[]) {
      const key = `${one.subAccountId} ${one.serviceName}`;
      sums.set(key, (sums.get(key) ?? new Decimal(0)).plus(one.amount));
      expect(one.billingMonth).toBe('2026-10');
    }
    expect(Object.fromEntries([...sums].map(([key, sum]) => [key, sum.toFixed()]))).toEqual(
      exactSums(file(name), EXPORT_COLUMNS[name] as OwnColumns),
    );
    const reason = `The file is read as: ${what}. The amounts are from ${column}.`;
    expect(notes).toEqual([{ line: 1, column: '(file)', reason }]);
  });

  it('of every kind is among these', () => {
    // pay-as-you-go differs from the Enterprise Agreement by one name
    expect(Object.keys(EXPORT_COLUMNS)).toHaveLength(EXPORTS.length - 1);
  });
});

describe('a row of an export', () => {
  it('has its tags, its cloud and its type of line', async () => {
    expect(
      await changed('aws-cur.csv', { 'resourceTags/user:env': 'prod', 'lineItem/LineItemType': 'Tax' }),
    ).toMatchObject({
      tags: { env: 'prod', team: 'Käufer' },
      cloudName: 'aws-eu-central-1',
      lineType: 'extra_charge',
    });
    expect(await changed('aws-cur-2.csv', { resource_tags: '{"user_env":"prod"}' })).toMatchObject({
      tags: { user_env: 'prod' },
    });
    expect(await changed('azure-ea.csv', { Tags: '"env": "prod","team": "x"' })).toMatchObject({
      tags: { env: 'prod', team: 'x' },
    });
    expect(await changed('google-export.csv', { labels: '[{"key":"env","value":"prod"}]' })).toMatchObject({
      tags: { env: 'prod' },
    });
    expect(await changed('oci.csv', { 'tags/env': 'prod' })).toMatchObject({ tags: { env: 'prod' } });
  });

  it('of Azure has the month before the day, or a day of ISO 8601, and lasts that day', async () => {
    const day = { begin: new Date('2026-10-05T00:00:00Z'), end: new Date('2026-10-06T00:00:00Z') };
    expect(await changed('azure-ea.csv', { Date: '10/5/2026' })).toMatchObject(day);
    expect(await changed('azure-mca.csv', { date: '2026-10-05' })).toMatchObject(day);
    expect(await changed('azure-ea.csv', { Date: '31/10/2026' })).toMatchObject({ kind: 'rejected', column: 'Date' });
  });

  it('of Azure can have more digits than a FOCUS file', async () => {
    const digits = '0.0000000072922557592391990000';
    const row = (await changed('azure-ea-cost.csv', { Cost: digits })) as FocusRow;
    expect(row.amount.toFixed()).toBe('0.000000007292255759239199');
  });

  it('of Azure’s portal in another language is read by the English names behind its own', async () => {
    const text = file('azure-usage.csv').toString();
    const german = text
      .replace('SubscriptionGuid', 'Abonnement-GUID (SubscriptionGuid)')
      .replace('PreTaxCost', 'PreTaxCost (PreTaxCost)')
      .replace('Currency', 'Währung (Currency)');
    const costs = async (one: string) =>
      (await read(Buffer.from(one))).rows.map((row) => row.kind === 'row' && row.amount.toFixed());
    expect(await costs(german)).toEqual(await costs(text));
    // files that were joined have the names again
    const [names] = german.split('\n');
    expect(await costs(`${german.trimEnd()}\n${names}\n`)).toEqual(await costs(text));
  });

  it('adds Google’s credits to its cost exactly', async () => {
    const credits = '[{"amount":-0.1,"name":"a"},{"name":"b","amount":-1.5e-7}]';
    const row = (await changed('google-export.csv', { cost: '0.3', credits })) as FocusRow;
    expect(row.amount.toFixed()).toBe('0.19999985');
    for (const broken of ['free', '[{"amount":"free"}]', '{}']) {
      expect(await changed('google-export.csv', { credits: broken })).toMatchObject({
        kind: 'rejected',
        column: 'cost',
      });
    }
  });

  it('that can’t be booked is rejected with the export’s own name of the column', async () => {
    expect(await changed('aws-cur.csv', { 'lineItem/UnblendedCost': 'free' })).toMatchObject({
      kind: 'rejected',
      column: 'lineItem/UnblendedCost',
    });
    expect(await changed('azure-ea.csv', { ChargeType: 'UnusedReservation' })).toMatchObject({
      kind: 'rejected',
      column: 'ChargeType',
    });
    const { rows } = await read(Buffer.concat([file('oci.csv'), Buffer.from('a,b\r\n')]));
    expect(rows.at(-1)).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('2 cells') });
  });

  it('that repeats the header is skipped', async () => {
    const { rows } = await read(Buffer.concat([file('oci.csv'), file('oci.csv')]));
    expect(rows.map(({ kind }) => kind)).toEqual(Array.from({ length: 100 }, () => 'row'));
  });
});
