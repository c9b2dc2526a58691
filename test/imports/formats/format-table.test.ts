import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Decimal } from '../../../src/billing/money/money.ts';
import { type CostRow, readCosts } from '../../../src/imports/costs/cost-file.ts';
import { zipOf } from '../../support/zip.ts';
import { chunks } from '../focus-file.ts';
import { exactSums, exactTotal, type OwnColumns } from './exact-sums.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../../data/${name}`, import.meta.url));
const SAMPLE = file('focus_sample_1000.csv');
const TRUTH = JSON.parse(file('focus_sample_1000.truth.json').toString()) as { readonly total: string };

/** What each version of FOCUS added to the columns of the one before, and removed. */
const VERSIONS: Readonly<Record<string, { readonly adds: readonly string[]; readonly removes?: readonly string[] }>> = {
  '1.0': { adds: [] },
  '1.1': {
    adds: [
      ...['CapacityReservationId', 'CapacityReservationStatus', 'CommitmentDiscountQuantity', 'CommitmentDiscountUnit'],
      ...['ServiceSubcategory', 'SkuMeter', 'SkuPriceDetails'],
    ],
  },
  '1.2': {
    adds: [
      ...['BillingAccountType', 'InvoiceId', 'PricingCurrency', 'PricingCurrencyContractedUnitPrice'],
      ...['PricingCurrencyEffectiveCost', 'PricingCurrencyListUnitPrice', 'SubAccountType'],
    ],
  },
  '1.3': {
    adds: [
      ...['AllocatedMethodDetails', 'AllocatedMethodId', 'AllocatedResourceId', 'AllocatedResourceName'],
      ...['AllocatedTags', 'ContractApplied', 'HostProviderName', 'ServiceProviderName'],
    ],
  },
  '1.4': { adds: ['InvoiceDetailId'], removes: ['ProviderName', 'PublisherName'] },
};

const OWN: OwnColumns = {
  project: (row) => row.SubAccountId ?? '',
  service: (row) => row.ServiceName ?? '',
  amounts: (row) => [row.BilledCost ?? ''],
};

/** The sample with the columns of a version. Those of later versions are empty, as most are in real exports. */
function sampleOf(version: string): { readonly columns: string[]; readonly rows: string[][] } {
  const [header = [], ...rows] = parse(SAMPLE) as string[][];
  const columns = [...header];
  const removed = new Set<string>();
  for (const [one, { adds, removes = [] }] of Object.entries(VERSIONS)) {
    columns.push(...adds);
    for (const column of removes) removed.add(column);
    if (one === version) break;
  }
  const kept = columns.map((column, at) => ({ column, at })).filter(({ column }) => !removed.has(column));
  return { columns: kept.map(({ column }) => column), rows: rows.map((row) => kept.map(({ at }) => row[at] ?? '')) };
}

const csvOf = (version: string): Buffer => {
  const { columns, rows } = sampleOf(version);
  return Buffer.from(stringify([columns, ...rows]));
};

function parquetOf(version: string, codec: 'UNCOMPRESSED' | 'SNAPPY'): Buffer {
  const { columns, rows } = sampleOf(version);
  const columnData = columns.map((name, at) => ({ name, type: 'STRING' as const, data: rows.map((row) => row[at]) }));
  return Buffer.from(parquetWriteBuffer({ columnData, codec, rowGroupSize: 400 }));
}

async function read(bytes: Buffer): Promise<CostRow[]> {
  const rows: CostRow[] = [];
  const source = { bytes: chunks(bytes, 10_000), again: () => chunks(bytes, 10_000) };
  for await (const row of readCosts(source)) rows.push(row);
  return rows;
}

function sumsOf(rows: readonly CostRow[]): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const row of rows) {
    if (row.kind !== 'row') throw new Error(row.reason);
    const key = `${row.subAccountId} ${row.serviceName}`;
    sums.set(key, (sums.get(key) ?? new Decimal(0)).plus(row.amount));
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, sum.toFixed()]));
}

const FORMATS: Readonly<Record<string, (version: string) => Buffer>> = {
  CSV: csvOf,
  'CSV in UTF-16': (version) => Buffer.from(`\uFEFF${csvOf(version)}`, 'utf16le'),
  gzip: (version) => gzipSync(csvOf(version)),
  ZIP: (version) => zipOf({ 'a.csv': csvOf(version) }),
  Parquet: (version) => parquetOf(version, 'UNCOMPRESSED'),
  'Parquet with snappy': (version) => parquetOf(version, 'SNAPPY'),
};

describe('the exact sums by project and service', () => {
  const exact = exactSums(SAMPLE, OWN);
  const hashes = read(SAMPLE).then((rows) => rows.map((row) => row.kind === 'row' && row.hash));

  it('of the sample are those computed elsewhere', () => {
    expect(exactTotal(SAMPLE, OWN)).toBe(TRUTH.total);
  });

  it.each(Object.keys(VERSIONS).flatMap((version) => Object.keys(FORMATS).map((format) => [version, format] as const)))(
    'are those of FOCUS %s as %s, whose rows are the same as in any other',
    async (version, format) => {
      const rows = await read(FORMATS[format]?.(version) ?? Buffer.alloc(0));
      expect(sumsOf(rows)).toEqual(exact);
      // so a second import, in whatever version and format, changes nothing
      expect(rows.map((row) => row.kind === 'row' && row.hash)).toEqual(await hashes);
    },
  );
});
