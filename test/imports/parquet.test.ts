import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Decimal } from '../../src/billing/money/money.ts';
import { type CostRow, readCosts } from '../../src/imports/costs/cost-file.ts';
import type { FileNote } from '../../src/imports/focus/focus.ts';
import { openParquet } from '../../src/imports/parquet/parquet-rows.ts';
import { chunks, ROW, readAll } from './focus-file.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/${name}`, import.meta.url));
const parquet = (name: string): Buffer => file(`cost-files/parquet/${name}.parquet`);
const SAMPLE = file('focus_sample_1000.csv');

async function read(bytes: Buffer): Promise<{ readonly rows: CostRow[]; readonly notes: FileNote[] }> {
  const rows: CostRow[] = [];
  const notes: FileNote[] = [];
  const source = { bytes: chunks(bytes, 50_000), again: () => chunks(bytes, 50_000) };
  const onFileNote = (note: FileNote) => void notes.push(note);
  for await (const found of readCosts(source, { onFileNote })) rows.push(found);
  return { rows, notes };
}

async function cellsOf(bytes: Buffer): Promise<Record<string, string>[]> {
  const { columns, slices } = await openParquet(chunks(bytes, 1000), () => chunks(bytes, 1000));
  const rows: Record<string, string>[] = [];
  for await (const records of slices()) {
    for (const { fields } of records)
      rows.push(Object.fromEntries(columns.map(({ name }, n) => [name, fields[n] ?? ''])));
  }
  return rows;
}

const identity = (rows: readonly CostRow[]): unknown[] =>
  rows.map((one) => (one.kind === 'row' ? [one.hash, one.amount.toFixed(), one.begin, one.end, one.tags] : one));
/** The exact sum, computed apart from the product. */
const TRUTH = JSON.parse(file('focus_sample_1000.truth.json').toString()) as { readonly total: string };
const sum = (rows: readonly CostRow[]): string =>
  rows.reduce((all, one) => (one.kind === 'row' ? all.plus(one.amount) : all), new Decimal(0)).toFixed();

describe('a Parquet file has the same rows as its CSV', () => {
  // decimals of 38 digits, instants in micro-, milli- and nanoseconds, dictionary pages, maps, several row groups
  it.each(['snappy', 'gzip', 'zstd'])('%s', async (codec) => {
    const { rows, notes } = await read(parquet(codec));
    expect(identity(rows)).toEqual(identity(await readAll(SAMPLE)));
    expect(notes).toEqual([]);
    expect(sum(rows)).toBe(TRUTH.total);
  });

  it('amounts in floating point are read in their shortest form, and the report says so', async () => {
    const { rows, notes } = await read(parquet('doubles'));
    expect(rows).toHaveLength(1000);
    expect(notes).toEqual([
      { line: 1, column: 'BilledCost', reason: expect.stringContaining('shortest decimal form') },
    ]);
    expect(rows.map((one) => one.kind === 'row' && one.amount.toFixed())).toEqual(
      (await readAll(SAMPLE)).map((one) => one.kind === 'row' && new Decimal(String(one.amount.toNumber())).toFixed()),
    );
  });
});

describe('values', () => {
  it('keep every digit', async () => {
    const cells = await cellsOf(parquet('exact'));
    expect(cells.map(({ BilledCost }) => BilledCost)).toEqual([
      '12345678901234567890.123456789012345678',
      '-0.000000000000000001',
      '99999999999999999999.999999999999999999',
      '3.1',
      '4.1',
    ]);
    expect(cells[3]).toMatchObject({
      BillingPeriodStart: '2024-09-01T00:00:00',
      ChargePeriodStart: '2024-09-05T10:00:00.123456',
      ChargePeriodEnd: '2024-09-05T10:00:00.123456789',
      AZoned: '2024-09-05T10:00:00Z',
      ADay: '2024-09-05',
      SmallDecimal: '0.03',
      MediumDecimal: '3000',
      ADouble: '0.30000000000000004',
      AFloat: '0.3',
      Tags: '{"env":"dev"}',
      Maybe: 'ü',
    });
    expect(cells[0]?.Maybe).toBe('');
  });

  it('with more digits than can be stored are rounded, with a note, as in CSV', async () => {
    const { rows } = await read(parquet('exact'));
    expect(rows.map((one) => one.kind === 'row' && (one.warnings ?? []).length)).toEqual([1, 0, 1, 0, 0]);
  });
});

/** A file of another writer, with these values in the columns. */
function written(columns: Readonly<Record<string, unknown[]>>, of: { readonly rowGroupSize?: number } = {}): Buffer {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data, type: 'STRING' as const }));
  return Buffer.from(parquetWriteBuffer({ columnData, ...of }));
}

describe('a file', () => {
  it('is read in slices across row groups, in order', async () => {
    const costs = Array.from({ length: 10_000 }, (_, at) => `${at}.5`);
    const columns = Object.fromEntries(Object.entries(ROW).map(([name, value]) => [name, costs.map(() => value)]));
    const { rows } = await read(written({ ...columns, BilledCost: costs }, { rowGroupSize: 3000 }));
    expect(rows.map((one) => one.kind === 'row' && one.amount.toFixed())).toEqual(costs);
    expect(rows.at(-1)?.line).toBe(10_000);
  });

  it('without the required columns is rejected with their names', async () => {
    await expect(read(written({ Cost: ['1'], Day: ['2024-09-01'] }))).rejects.toMatchObject({
      data: { problem: expect.stringContaining('BilledCost'), remedy: expect.stringContaining('“Cost”, “Day”') },
    });
  });

  it('with bytes that aren’t UTF-8 is rejected with the column', async () => {
    const bytes = written(
      Object.fromEntries(
        Object.entries({ ...ROW, ServiceName: 'Servic\u00e9' }).map(([name, value]) => [name, [value]]),
      ),
    );
    // the letter é, in the page and in the statistics
    for (let at = bytes.indexOf('Servic\u00e9'); at >= 0; at = bytes.indexOf('Servic\u00e9', at + 1))
      bytes[at + 6] = 0xe9;
    await expect(read(bytes)).rejects.toMatchObject({
      data: { problem: 'The column ServiceName of this Parquet file can’t be read.' },
    });
  });

  it('from a pipe is rejected, since it has to be read twice', async () => {
    const reading = async () => {
      for await (const _row of readCosts({ bytes: chunks(parquet('zstd')) }));
    };
    await expect(reading()).rejects.toMatchObject({ data: { problem: expect.stringContaining('from a pipe') } });
  });

  it('that is damaged anywhere gives a refusal or rows, never another error', async () => {
    const bytes = parquet('exact');
    for (let at = 4; at < bytes.length - 8; at += 37) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await read(damaged).catch((error: unknown) => expect(error).toMatchObject({ code: 'focus_file' }));
    }
  });
});
