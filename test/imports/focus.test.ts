import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money/money.ts';
import { type FocusRow, readFocus } from '../../src/imports/focus/focus.ts';
import { zipOf } from '../support/zip.ts';
import { chunks, csv, readAll, row } from './focus-file.ts';

const SAMPLE_FILE = new URL('../data/focus_sample_1000.csv', import.meta.url);
const SAMPLE = readFileSync(SAMPLE_FILE);

interface Truth {
  readonly rows: number;
  readonly total: string;
  readonly groups: Readonly<Record<string, Readonly<Record<string, { readonly sum: string; readonly rows: number }>>>>;
}
const TRUTH: Truth = JSON.parse(readFileSync(new URL('../data/focus_sample_1000.truth.json', import.meta.url), 'utf8'));

async function sample(): Promise<FocusRow[]> {
  const rows: FocusRow[] = [];
  for await (const found of readFocus(createReadStream(SAMPLE_FILE))) {
    if (found.kind === 'rejected') throw new Error(`line ${found.line}: ${found.reason}`);
    rows.push(found);
  }
  return rows;
}

function sums(
  rows: readonly FocusRow[],
  key: (cost: FocusRow) => string,
): Record<string, { sum: string; rows: number }> {
  const groups = new Map<string, { sum: Decimal; rows: number }>();
  for (const cost of rows) {
    const group = groups.get(key(cost)) ?? { sum: new Decimal(0), rows: 0 };
    groups.set(key(cost), { sum: group.sum.plus(cost.amount), rows: group.rows + 1 });
  }
  return Object.fromEntries([...groups].map(([name, group]) => [name, { ...group, sum: group.sum.toFixed() }]));
}

function truth(name: string): Record<string, { sum: string; rows: number }> {
  const groups = Object.entries(TRUTH.groups[name] ?? {});
  return Object.fromEntries(groups.map(([key, { sum, rows }]) => [key, { sum: new Decimal(sum).toFixed(), rows }]));
}

describe('the FOCUS sample', () => {
  it('has 1,000 rows, no rejections or warnings, and the exact total', async () => {
    const rows = await sample();
    expect(rows).toHaveLength(TRUTH.rows);
    expect(rows.filter(({ warnings }) => warnings !== undefined)).toEqual([]);
    expect(sums(rows, () => 'total')).toEqual({ total: { sum: TRUTH.total, rows: 1000 } });
  });

  it.each<[string, (cost: FocusRow) => string]>([
    ['SubAccountId', (cost) => cost.subAccountId],
    ['ServiceName', (cost) => cost.serviceName],
    ['BillingAccountId', (cost) => cost.source.slice('focus:'.length)],
    [
      'BillingPeriodStart|SubAccountId|ServiceName',
      (cost) => `${cost.columns.BillingPeriodStart}|${cost.subAccountId}|${cost.serviceName}`,
    ],
  ])('adds up exactly by %s', async (name, key) => {
    expect(Object.keys(truth(name)).length).toBeGreaterThan(1);
    expect(sums(await sample(), key)).toEqual(truth(name));
  });

  it('covers two billing months', async () => {
    const months = sums(await sample(), ({ billingMonth }) => billingMonth);
    expect(Object.entries(months).map(([month, { rows }]) => [month, rows])).toEqual([
      ['2024-09', 999],
      ['2024-10', 1],
    ]);
  });

  it('reads the same in chunks of any size', async () => {
    const whole = await readAll(SAMPLE);
    for (const size of [61, 1000, 4097]) {
      let at = 0;
      for await (const found of readFocus(chunks(SAMPLE, size))) {
        expect([found.line, found.kind === 'row' && found.hash]).toEqual([whole[at]?.line, hashOf(whole[at++])]);
      }
      expect(at).toBe(1000);
    }
  });

  it('truncated at any byte gives only rows that the whole file has too', async () => {
    const start = SAMPLE.lastIndexOf('\n', SAMPLE.length - 2500) + 1;
    const header = SAMPLE.subarray(0, SAMPLE.indexOf('\n') + 1);
    const end = SAMPLE.subarray(start);
    const whole = (await readAll(Buffer.concat([header, end]))).map(hashOf);
    for (let cut = 0; cut <= end.length; cut++) {
      const rows = await readAll(Buffer.concat([header, end.subarray(0, cut)]));
      const hashes = rows.map(hashOf).filter((hash) => hash !== undefined);
      expect(hashes).toEqual(whole.slice(0, hashes.length));
      expect(rows.length - hashes.length).toBeLessThanOrEqual(1);
    }
  });
});

function hashOf(found: Awaited<ReturnType<typeof readAll>>[number] | undefined): string | undefined {
  return found?.kind === 'row' ? found.hash : undefined;
}

describe('a cost file', () => {
  it('can start with a byte order mark and end without a line break', async () => {
    const text = csv(row());
    expect(await readAll(`\uFEFF${text.trimEnd()}`)).toEqual(await readAll(text));
  });

  it('with only a header has no rows', async () => {
    const [header = ''] = csv(row()).split('\n');
    expect(await readAll(header)).toEqual([]);
    expect(await readAll(`${header}\r\n`)).toEqual([]);
  });

  it.each(['', '\n\n', '\uFEFF'])('that is empty is rejected: %j', async (text) => {
    await expect(readAll(text)).rejects.toMatchObject({ code: 'focus_file', data: { problem: 'The file is empty.' } });
  });

  it('without required columns is rejected with their names', async () => {
    const one = await readAll(csv(row({ BilledCost: undefined }))).catch((error: unknown) => error);
    expect(one).toMatchObject({
      code: 'focus_file',
      data: {
        missing: ['BilledCost'],
        problem: 'This is not a FOCUS cost file: the column BilledCost is missing.',
      },
    });
    await expect(
      readAll(csv(row({ BilledCost: undefined, ServiceName: undefined, BillingCurrency: undefined }))),
    ).rejects.toMatchObject({
      data: { problem: expect.stringContaining('the columns BilledCost, BillingCurrency and ServiceName are missing') },
    });
  });

  it('with a duplicate column is rejected', async () => {
    await expect(readAll(csv({ ...row(), BILLEDCOST: '5' }))).rejects.toMatchObject({
      data: { problem: expect.stringContaining('BilledCost twice') },
    });
  });

  it.each<[string, Buffer, RegExp]>([
    ['gzip', gzipSync(SAMPLE), /gzip/],
    ['Parquet', Buffer.from('PAR1\u0015\u0004'), /Parquet/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x42, 0, 0, 0]), /UTF-8/],
    ['an Excel file', zipOf({ '[Content_Types].xml': '<Types/>' }), /Excel/],
    ['a ZIP archive', Buffer.from('PK\u0003\u0004\u0014\0costs.csv'), /ZIP/],
    ['PDF', Buffer.from('%PDF-1.7\n%\xb5'), /PDF/],
    ['JSON', Buffer.from('[{"BilledCost": 1}]'), /JSON/],
    ['a web page', Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>'), /web page/],
    ['XML', Buffer.from('<?xml version="1.0"?><costs/>'), /XML/],
    ['an image', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /picture/],
  ])('that isn’t CSV is rejected with a way to fix it: %s', async (_, bytes, wayOut) => {
    const error = await readAll(bytes).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'focus_file',
      data: { remedy: expect.stringMatching(wayOut), missing: expect.arrayContaining(['BilledCost']) },
    });
  });

  it('with hopeless quotation marks is rejected, and not read a million times', async () => {
    const text = `${csv(row())}${'a","\n'.repeat(300_000)}`;
    let rejected = 0;
    const reading = (async () => {
      for await (const found of readFocus(chunks(Buffer.from(text), 65_536))) rejected += found.kind === 'row' ? 0 : 1;
    })();
    await expect(reading).rejects.toMatchObject({ data: { problem: expect.stringContaining('quotation marks') } });
    expect(rejected).toBeLessThan(100);
  });
});

describe('reading a file', () => {
  it('requests a chunk only when the previous rows have been consumed', async () => {
    const [header = '', line = ''] = csv(row()).split('\n');
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${header}\n`);
      for (;;) {
        given++;
        yield Buffer.from(`${line}\n`.repeat(10));
      }
    }
    const rows = readFocus(endless());
    for (let taken = 1; taken <= 25; taken++) {
      await rows.next();
      expect(given).toBe(Math.ceil(taken / 10));
    }
    await rows.return();
    expect((await rows.next()).done).toBe(true);
  });

  it('closes the file when it is stopped early', async () => {
    const file = createReadStream(SAMPLE_FILE, { highWaterMark: 4096 });
    for await (const found of readFocus(file)) {
      expect(found.line).toBe(2);
      break;
    }
    expect(file.destroyed).toBe(true);
  });

  it("passes on the stream's own error", async () => {
    const broken = Readable.from(
      (async function* () {
        yield SAMPLE.subarray(0, 10_000);
        throw new Error('connection lost');
      })(),
    );
    const reading = (async () => {
      let rows = 0;
      for await (const _ of readFocus(broken)) rows++;
      return rows;
    })();
    await expect(reading).rejects.toThrow('connection lost');
  });

  it('accepts a stream of text too', async () => {
    const file = createReadStream(SAMPLE_FILE, { encoding: 'utf8' });
    let rows = 0;
    for await (const found of readFocus(file)) rows += found.kind === 'row' ? 1 : 0;
    expect(rows).toBe(1000);
  });
});
