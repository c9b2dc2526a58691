import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type Cells, csv, ROW, readAll, readOne, row } from './focus-file.ts';
import { notations } from './notations.ts';

const SAMPLE = readFileSync(new URL('../data/focus_sample_1000.csv', import.meta.url), 'utf8');
const COLUMNS = SAMPLE.slice(0, SAMPLE.indexOf('\n')).replaceAll('"', '').split(',');
const NO_IDENTITY = ['Id', 'InvoiceIssuerName', 'ProviderName', 'PublisherName'];
const IDENTITY = COLUMNS.filter((column) => !NO_IDENTITY.includes(column));

const hash = async (cells: Cells): Promise<string> => (await readOne(cells)).hash;
const reference = await hash(ROW);

describe('a row’s hash', () => {
  it('is 128 bits in hex', () => {
    expect(reference).toMatch(/^[0-9a-f]{32}$/);
  });

  it('never changes between releases, since every record in the database has it', () => {
    expect(reference).toBe('5038b98a5ac98bb092418b24fe1be696');
  });

  it('does not depend on the order of columns', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(Object.entries(ROW), { minLength: Object.keys(ROW).length }),
        async (cells) => {
          expect(await hash(Object.fromEntries(cells))).toBe(reference);
        },
      ),
    );
  });

  it('does not depend on quotation marks, letter case of the header, NULL or empty, or absent columns', async () => {
    const bare = { ...ROW, Tags: '', SkuId: 'NULL', ResourceId: '', AvailabilityZone: ' ' };
    const quoted = csv(bare)
      .split('\n')
      .map((line) =>
        line
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      )
      .join('\n');
    const [fromQuoted] = await readAll(quoted);
    expect(fromQuoted).toMatchObject({ hash: await hash({ ...ROW, Tags: 'NULL' }) });
    const shouting = Object.fromEntries(Object.entries(ROW).map(([name, cell]) => [` ${name.toUpperCase()} `, cell]));
    expect(await hash(shouting)).toBe(reference);
  });

  it('does not depend on how a number is written', async () => {
    await fc.assert(
      fc.asyncProperty(notations, async ({ value, written }) => {
        // an amount has no more digits than can be booked
        fc.pre(value.decimalPlaces() <= 18 && value.precision(true) - value.decimalPlaces() <= 28);
        const rows = await readAll(csv(...written.map((BilledCost) => row({ BilledCost, ListCost: BilledCost }))));
        const read = rows.map((found) => (found.kind === 'row' ? [found.hash, found.amount.toFixed()] : [found]));
        expect(read).toEqual(written.map(() => [read[0]?.[0], value.toFixed()]));
      }),
    );
  });

  it.each(['2024-09-01T00:00:00Z', '2024-09-01', '2024-09-01T02:00:00.000+02:00', '2024-09-01 00:00:00 UTC'])(
    'does not depend on how a date is written: %s',
    async (date) => {
      expect(await hash(row({ BillingPeriodStart: date, ChargePeriodStart: date }))).toBe(reference);
    },
  );

  it('does not depend on the order and spacing of tags', async () => {
    const one = await hash(row({ Tags: '{"a": "1", "b": "2"}' }));
    expect(await hash(row({ Tags: '{"b":"2","a":"1"}' }))).toBe(one);
  });

  it.each([
    'Id',
    'x_Discount',
    'SkuMeter',
    'InvoiceId',
    'BillingAccountType',
    'HostProviderName',
    'ServiceSubcategory',
  ])('does not depend on %s, which FOCUS 1.0 does not have', async (column) => {
    expect(await hash(row({ [column]: 'anything' }))).toBe(reference);
  });

  it('does not depend on the names of provider and publisher, renamed in FOCUS 1.3', async () => {
    const later = row({ ProviderName: undefined, ServiceProviderName: 'Amazon Web Services', HostProviderName: 'AWS' });
    expect(await hash(later)).toBe(reference);
  });

  it.each(IDENTITY)('changes with %s', async (column) => {
    const value = { ChargeCategory: 'Purchase', BillingCurrency: 'EUR', BilledCost: '1.26' }[column];
    const date = /Period/.test(column) ? '2024-09-01 12:00:00' : undefined;
    const changed = await hash(row({ [column]: value ?? date ?? 'other' }));
    expect(changed).not.toBe(reference);
    if (value === undefined && date === undefined) {
      expect(await hash(row({ [column]: 'another' }))).not.toBe(changed);
    }
  });

  it('covers the columns of a split cost if they have a value (FOCUS 1.3)', async () => {
    const share = { AllocatedMethodId: 'even', AllocatedResourceId: 'a', AllocatedResourceName: 'b' };
    const hashes = [
      reference,
      await hash(row(share)),
      await hash(row({ ...share, AllocatedResourceId: 'c' })),
      await hash(row({ ...share, AllocatedResourceName: '' })),
      await hash(row({ AllocatedTags: '{"a":"1","b":"2"}' })),
      await hash(row({ AllocatedMethodDetails: '{"a":1}' })),
      await hash(row({ AllocatedResourceId: 'a1:b' })),
      await hash(row({ AllocatedResourceName: 'a1:b' })),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await hash(row({ AllocatedTags: '{"b": "2", "a": "1"}' }))).toBe(hashes[4]);
    expect(await hash(row({ AllocatedMethodId: '', AllocatedTags: 'null', AllocatedResourceId: 'NULL' }))).toBe(
      reference,
    );
  });

  it('never changes for the sample’s rows, whose former hashes stay known (by a hash of them all)', async () => {
    const rows = await readAll(SAMPLE);
    // payer IDs were case-sensitive
    const all = rows.map((found) => (found.kind === 'row' ? (found.formerHashes?.[0] ?? found.hash) : '')).join();
    expect(createHash('sha256').update(all).digest('hex')).toBe(
      '3a7fd5037d35723fdfd90e065eef3e9ca8acaa1c31e3ae8a46c95515844fd23b',
    );
  });

  it('changes when a value moves to the next column', async () => {
    const one = await hash(row({ ResourceId: 'ab', ResourceName: 'c' }));
    const other = await hash(row({ ResourceId: 'a', ResourceName: 'bc' }));
    const shifted = await hash(row({ ResourceId: '', ResourceName: 'abc' }));
    expect(new Set([one, other, shifted]).size).toBe(3);
  });

  it('differs for sample rows exactly when their columns do', async () => {
    const records: Cells[] = parse(SAMPLE, { columns: true });
    const rows = await readAll(SAMPLE);
    const hashes = new Set(rows.map((found) => (found.kind === 'row' ? found.hash : '')));
    const contents = new Set(records.map((record) => JSON.stringify(IDENTITY.map((column) => record[column]))));
    expect(hashes.size).toBe(contents.size);
  });
});
