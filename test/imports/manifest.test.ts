import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { partsListed } from '../../src/imports/command-line/files.ts';
import { assertComplete, assertRows, readManifest } from '../../src/imports/file/manifest.ts';

const read = (content: unknown) => readManifest(Buffer.from(JSON.stringify(content)));

describe('a manifest', () => {
  it.each([
    ['AWS Cost and Usage Report', { reportKeys: ['cur/20261001-20261101/a/part-1.csv.gz', 'cur/b/part-2.csv.gz'] }],
    [
      'AWS Data Export',
      { dataFiles: ['s3://bucket/data/BILLING_PERIOD=2026-10/part-1.csv.gz', 's3://b/part-2.csv.gz'] },
    ],
    [
      'Azure',
      { manifestVersion: '2024-04-01', blobs: [{ blobName: 'c/part-1.csv.gz' }, { blobName: 'part-2.csv.gz' }] },
    ],
  ])('of %s lists its parts', (_, content) => {
    expect(read(content)).toMatchObject({ parts: ['part-1.csv.gz', 'part-2.csv.gz'], rows: undefined });
  });

  it('of Azure may state the number of rows, which the parts must have', () => {
    const manifest = read({ blobs: [{ blobName: 'a.csv' }], dataRowCount: 3 });
    expect(manifest?.rows).toBe(3);
    if (!manifest) throw new Error('no manifest');
    expect(() => assertRows(manifest, 3)).not.toThrow();
    expect(() => assertRows(manifest, 2)).toThrow(expect.objectContaining({ code: 'focus_file' }));
  });

  it.each(['[]', '{}', '{"reportKeys": []}', '{"blobs": [1]}', '{"reportKeys": ["a"]', 'a,b\n'])('isn’t %s', (text) => {
    expect(readManifest(Buffer.from(text))).toBeUndefined();
  });

  it('names what is missing, and what it doesn’t list', () => {
    const manifest = { parts: ['a.csv', 'b.csv', 'c.csv'], rows: undefined };
    const problem = (files: readonly string[]) => {
      try {
        assertComplete(manifest, files);
        return '';
      } catch (error) {
        return (error as { data: { problem: string } }).data.problem;
      }
    };
    expect(problem(['c.csv', 'a.csv', 'b.csv'])).toBe('');
    expect(problem(['a.csv', 'c.csv'])).toBe('The manifest lists b.csv, which is missing.');
    expect(problem([])).toBe('The manifest lists a.csv and 2 other parts, which are missing.');
    expect(problem(['a.csv', 'b.csv', 'c.csv', 'd.csv'])).toBe('The manifest doesn’t list d.csv.');
  });
});

describe('on the command line', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'manifest-'));
  const at = (name: string) => path.join(folder, name);
  writeFileSync(at('manifest.json'), JSON.stringify({ blobs: [{ blobName: 'x/a.csv' }, { blobName: 'x/b.csv' }] }));
  writeFileSync(at('a.csv'), 'a');

  it('parts are found beside their manifest, and all have to be there', () => {
    expect(() => partsListed([at('manifest.json')])).toThrow(expect.objectContaining({ code: 'focus_file' }));
    writeFileSync(at('b.csv'), 'b');
    expect(partsListed([at('manifest.json')])).toEqual([at('a.csv'), at('b.csv')]);
    expect(partsListed([at('b.csv'), at('manifest.json')])).toEqual([at('b.csv'), at('a.csv')]);
    expect(partsListed([at('b.csv')])).toEqual([at('b.csv')]);
  });
});
