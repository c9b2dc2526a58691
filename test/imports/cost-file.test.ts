import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type CostFileOptions, type CostRow, readCosts } from '../../src/imports/costs/cost-file.ts';
import type { FileNote } from '../../src/imports/focus/focus.ts';
import { zipOf } from '../support/zip.ts';
import { chunks, csv, row } from './focus-file.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../data/${name}`, import.meta.url));
const SAMPLE = file('focus_sample_1000.csv');

interface Read {
  readonly rows: CostRow[];
  readonly notes: FileNote[];
}

async function read(bytes: Buffer, options: CostFileOptions = {}, size = 65_536): Promise<Read> {
  const rows: CostRow[] = [];
  const notes: FileNote[] = [];
  const source = { bytes: chunks(bytes, size), again: () => chunks(bytes, size) };
  const onFileNote = (note: FileNote) => void notes.push(note);
  for await (const found of readCosts(source, { ...options, onFileNote })) rows.push(found);
  return { rows, notes };
}

/** The refusal that ends the reading of a file: its problem and its remedy. */
async function problemWith(bytes: Buffer, options?: CostFileOptions): Promise<string> {
  try {
    await read(bytes, options);
  } catch (error) {
    const { code, data } = error as { code: string; data: { problem: string; remedy?: string } };
    expect(code).toBe('focus_file');
    return [data.problem, data.remedy].join(' ');
  }
  throw new Error('The file was read');
}

const shown = ({ rows }: Read): unknown =>
  rows.map((one) => (one.kind === 'row' ? [one.hash, one.amount.toFixed(), one.begin, one.tags] : one));
const amounts = ({ rows }: Read): unknown[] =>
  rows.map((one) => (one.kind === 'row' ? one.amount.toFixed() : one.reason));

const expected = read(SAMPLE);
const small = (cost: string) => csv(row({ BilledCost: cost }));

describe('a compressed file has the same rows as its CSV', () => {
  it.each([
    ['gzip', gzipSync(SAMPLE)],
    [
      'gzip in two parts, one after the other',
      Buffer.concat([gzipSync(SAMPLE.subarray(0, 9999)), gzipSync(SAMPLE.subarray(9999))]),
    ],
    ['ZIP', zipOf({ 'costs.csv': SAMPLE })],
    ['ZIP without compression', zipOf({ 'costs.csv': SAMPLE }, { isStored: true })],
    ['ZIP written to a pipe', zipOf({ 'costs.csv': SAMPLE }, { isStreamed: true })],
    ['gzip in a ZIP', zipOf({ 'costs.csv.gz': gzipSync(SAMPLE) })],
  ])('%s', async (_, bytes) => {
    expect(shown(await read(bytes))).toEqual(shown(await expected));
    // wherever the chunks are split
    expect((await read(bytes.subarray(0), {}, 1013)).rows).toHaveLength(1000);
  });

  it('UTF-16 in gzip', async () => {
    const bytes = gzipSync(Buffer.from(`\uFEFF${SAMPLE.toString()}`, 'utf16le'));
    expect(shown(await read(bytes))).toEqual(shown(await expected));
  });
});

describe('a ZIP archive', () => {
  it('is one load: equal rows in two of its files are two rows, and a rejected row names its file', async () => {
    const found = await read(
      zipOf({ 'a.csv': small('5'), 'b/c.csv': `${small('5')}${small('free').split('\n')[1]}\n` }),
    );
    expect(amounts(found)).toEqual(['5', '5', expect.stringContaining('isn’t a number')]);
    expect(found.rows[2]).toMatchObject({ file: 'b/c.csv', line: 3 });
  });

  it('may have folders, and files that macOS and Windows add', async () => {
    const files = { 'data/': '', '__MACOSX/._a.csv': 'x', 'data/.DS_Store': 'x', 'data/a.csv': small('5') };
    expect(amounts(await read(zipOf(files)))).toEqual(['5']);
    expect(await problemWith(zipOf({ 'data/': '' }))).toContain('There are no files in this ZIP archive');
  });

  it('with a file that isn’t a cost file is rejected with its name', async () => {
    expect(await problemWith(zipOf({ 'a.csv': small('5'), 'notes.txt': 'Lunch at noon' }))).toMatch(
      /^notes\.txt: This isn’t a FOCUS cost file/,
    );
    expect(await problemWith(zipOf({ 'b.zip': zipOf({ 'a.csv': small('5') }) }))).toContain('is an archive itself');
    expect(await problemWith(zipOf({ 'logo.png': Buffer.from('\x89PNG', 'latin1') }))).toContain('a picture');
  });

  it('that is encrypted, damaged, or whose directory lists other files is rejected', async () => {
    const encrypted = zipOf({ 'a.csv': small('5') });
    encrypted.writeUInt16LE(1, 6);
    expect(await problemWith(encrypted)).toBe(
      'a.csv in this ZIP archive is encrypted. Make the archive without a password.',
    );
    const changed = zipOf({ 'a.csv': small('5') }, { isStored: true });
    changed.write('6', changed.indexOf('5,payer'));
    expect(await problemWith(changed)).toContain('a.csv in this ZIP archive is damaged');
    const two = zipOf({ 'a.csv': small('5'), 'b.csv': small('6') });
    const hidden = Buffer.concat([
      two.subarray(0, two.lastIndexOf('PK\x01\x02')),
      two.subarray(two.indexOf('PK\x05\x06')),
    ]);
    expect(await problemWith(hidden)).toContain('list of files doesn’t match');
  });
});

describe('a file that is cut off', () => {
  it.each([
    ['gzip', gzipSync(SAMPLE), 'This gzip file is cut off'],
    ['ZIP', zipOf({ 'costs.csv': SAMPLE }), 'This ZIP archive is cut off'],
    ['Parquet', file('cost-files/parquet/zstd.parquet'), 'This Parquet file is cut off'],
  ])('%s is rejected as a whole', async (_, bytes, problem) => {
    for (const size of [bytes.length - 9, bytes.length >> 1]) {
      expect(await problemWith(bytes.subarray(0, size))).toContain(problem);
    }
  });

  it.each(['\x1f\x8b\x08', 'PK\x03\x04', 'PAR1'])('after its signature (%j) is rejected', async (signature) => {
    expect(await problemWith(Buffer.from(signature, 'latin1'))).toContain('is cut off');
  });

  it('a damaged gzip file is rejected as a whole', async () => {
    const bytes = gzipSync(SAMPLE);
    bytes.writeUInt32LE(0, bytes.length - 8);
    expect(await problemWith(bytes)).toContain('This gzip file is damaged');
  });
});

describe('a file that unpacks to far more than it should', () => {
  const limits = { maxBytes: 1 << 20, maxRatio: 250, freeBytes: 1 << 16 };
  const bomb = Buffer.concat([Buffer.from(small('5')), Buffer.alloc(1 << 19, `${small('5').split('\n')[1]}\n`)]);
  const zeros = Buffer.alloc(1 << 22);

  it.each([
    ['gzip', gzipSync(Buffer.concat([bomb, zeros]))],
    ['ZIP', zipOf({ 'a.csv': Buffer.concat([bomb, zeros]) })],
    ['gzip in a ZIP', zipOf({ 'a.csv.gz': gzipSync(Buffer.concat([bomb, zeros])) })],
  ])('%s is refused with the reason', async (_, bytes) => {
    expect(await problemWith(bytes, { expansion: limits })).toMatch(
      /unpacks to more than 250 times|has more than 1 MB/,
    );
  });

  it('may have rows that compress well', async () => {
    expect((await read(gzipSync(bomb), { expansion: { ...limits, maxRatio: 500 } })).rows.length).toBeGreaterThan(1000);
  });

  it('stops reading early, whatever the size', async () => {
    const packed = deflateRawSync(Buffer.alloc(1 << 20));
    let pieces = 0;
    async function* endless() {
      const header = Buffer.from('1f8b0800000000000003', 'hex');
      yield header;
      // the same block without an end, over and over
      for (; pieces < 1e6; pieces++) yield packed.subarray(0, packed.length - 8);
    }
    const reading = async () => {
      for await (const _row of readCosts({ bytes: endless() }, { expansion: limits }));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'focus_file' });
    expect(pieces).toBeLessThan(1000);
    expect(crc32(packed)).toBeGreaterThan(0);
  });
});

describe('separators', () => {
  it.each([';', '\t', '|'])('%j are read, also with commas in the cells', async (separator) => {
    const cells = row({ ChargeDescription: 'Hours, of a machine', Tags: '' });
    const text = [Object.keys(cells), Object.values(cells)].map((line) => line.join(separator)).join('\n');
    const { rows } = await read(Buffer.from(text), {}, 10);
    expect(rows).toMatchObject([{ kind: 'row', description: 'Hours, of a machine' }]);
  });

  it('don’t make decimal commas readable: the amount isn’t guessed', async () => {
    const cells = row({ BilledCost: '1,25' });
    const text = [Object.keys(cells), Object.values(cells)].map((line) => line.join(';')).join('\n');
    expect(amounts(await read(Buffer.from(text)))).toEqual([expect.stringContaining('The amount isn’t a number')]);
  });
});
