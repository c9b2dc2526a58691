import { describe, expect, it } from '@jest/globals';
import {
  type Candidate,
  candidatesAmong,
  isVersionOf,
  partsNamed,
  type StoredObject,
} from '../../../src/billing/source/deliveries.ts';
import { monthInKey } from '../../../src/billing/source/object-keys.ts';

const T0 = Date.parse('2026-11-01T00:00:00Z');
const object = (key: string, minute = 0, etag = 'e'): StoredObject => ({
  ...{ key, etag, size: 10, modified: new Date(T0 + minute * 60_000) },
});
const named = (keys: readonly string[], rule: 'together' | 'newest' = 'together') =>
  candidatesAmong(
    keys.map((key, at) => object(key, at)),
    rule,
  ).candidates.map(({ name, month, content }) => [
    name,
    month,
    content.kind === 'files' ? content.files.map(({ key }) => key) : content.kind,
  ]);

describe('the month in a key', () => {
  it('is found however it is written', () => {
    const months: readonly (readonly [string, string | undefined, string?])[] = [
      ['p/focus/data/BILLING_PERIOD=2026-10/focus-00001.csv.gz', '2026-10', 'p/focus/'],
      ['data/BILLING_PERIOD=2026-10/x.csv', '2026-10', ''],
      ['p/focus/metadata/BILLING_PERIOD=2026-10/focus-Manifest.json', '2026-10', 'p/focus/'],
      ['cur/report/20261001-20261101/uuid/report-1.csv.gz', '2026-10', 'cur/report/'],
      ['cur/report/report/year=2026/month=9/report.snappy.parquet', '2026-09', 'cur/report/report/'],
      ['costs-2026-10-31.csv', '2026-10', ''],
      ['gcp_billing_202610.csv', '2026-10', ''],
      ['2026/10/costs.csv', '2026-10', ''],
      ['export-20261031.csv', '2026-10', ''],
      ['invoice-1234567.csv', undefined],
      ['costs.csv', undefined],
      ['2026-13.csv', undefined],
    ];
    expect(months.map(([key]) => [key, monthInKey(key)?.month, monthInKey(key)?.root])).toEqual(
      months.map(([key, month, root]) => [key, month, root]),
    );
  });
});

describe('the deliveries of a source', () => {
  it('are one for each export and month with a manifest', () => {
    expect(
      named([
        'a/data/BILLING_PERIOD=2026-09/a-1.csv',
        'a/metadata/BILLING_PERIOD=2026-09/a-Manifest.json',
        'a/data/BILLING_PERIOD=2026-10/a-1.csv',
        'b/20261001-20261031/run-1/manifest.json',
        'b/20261001-20261031/run-2/manifest.json',
        'readme.txt',
      ]),
    ).toEqual([
      ['a/2026-09', '2026-09', 'manifest'],
      ['a/2026-10', '2026-10', 'unannounced'],
      ['b/2026-10', '2026-10', 'manifest'],
    ]);
  });

  it('are those of the newest run', () => {
    const all = [object('b/20261001-20261031/z/manifest.json', 1), object('b/20261001-20261031/a/manifest.json', 2)];
    const [one] = candidatesAmong(all, 'together').candidates;
    expect(one?.content).toMatchObject({ kind: 'manifest', manifest: { key: 'b/20261001-20261031/a/manifest.json' } });
  });

  it('are files by month otherwise, all of them or the newest', () => {
    const keys = [
      '2026-10-01.csv',
      '2026-10-02.csv',
      '2026-09.csv',
      'other.csv',
      'more.parquet',
      '_SUCCESS',
      'sums.md5',
      'x/',
    ];
    expect(named(keys)).toEqual([
      ['files', undefined, ['more.parquet', 'other.csv']],
      ['2026-09', '2026-09', ['2026-09.csv']],
      ['2026-10', '2026-10', ['2026-10-01.csv', '2026-10-02.csv']],
    ]);
    expect(named(keys, 'newest').at(-1)).toEqual(['2026-10', '2026-10', ['2026-10-02.csv']]);
  });

  it('have another version with each change of a file', () => {
    const version = (etag: string, size = 10) =>
      candidatesAmong([{ ...object('2026-10.csv', 0, etag), size }], 'together').candidates[0]?.version;
    expect(version('a')).toBe(version('a'));
    expect(new Set([version('a'), version('b'), version('a', 11)]).size).toBe(3);
  });

  it('have a version as short for many files as for one, which is also that of the text once stored', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => object(`2026-10/part-${at}.csv`, 0, 'a'));
    const [candidate] = candidatesAmong(many, 'together').candidates as [Candidate];
    expect(candidate.version).toHaveLength(64);
    const sorted = many.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const text = (etag: string) => sorted.map((one) => `${one.key} ${etag} ${one.size}`).join('\n');
    expect([candidate.version, text('a'), text('b')].map((stored) => isVersionOf(stored, candidate))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('the parts that a manifest names', () => {
  const manifest = object('p/a/metadata/BILLING_PERIOD=2026-10/a-Manifest.json', 5);
  const names = (paths: string[], objects: StoredObject[], of = manifest) => {
    const { parts, missing, newer } = partsNamed(of, paths, objects);
    return { parts: parts.map(({ key }) => key), missing, newer };
  };

  it('are found with bucket or without, and where leading folders were left out', () => {
    const path = 's3://bucket/p/a/data/BILLING_PERIOD=2026-10/a-00001.csv.gz';
    for (const key of [
      'p/a/data/BILLING_PERIOD=2026-10/a-00001.csv.gz',
      'a/data/BILLING_PERIOD=2026-10/a-00001.csv.gz',
    ]) {
      expect(names([path], [object(key)])).toEqual({ parts: [key], missing: [], newer: [] });
    }
    const beside = object('20261001-20261031/manifest.json', 5);
    expect(names(['x/y/part_0.csv'], [object('20261001-20261031/part_0.csv')], beside).missing).toEqual([]);
  });

  it('are never those of another month', () => {
    const paths = ['p/a/data/BILLING_PERIOD=2026-10/a-00001.csv.gz'];
    expect(names(paths, [object('p/a/data/BILLING_PERIOD=2026-09/a-00001.csv.gz')])).toEqual({
      ...{ parts: [], missing: ['a-00001.csv.gz'], newer: [] },
    });
  });

  it('are being replaced if they are newer than the manifest', () => {
    const key = 'p/a/data/BILLING_PERIOD=2026-10/a-00001.csv.gz';
    expect(names([key], [object(key, 6)]).newer).toEqual(['a-00001.csv.gz']);
  });
});
