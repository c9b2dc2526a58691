import { createHash } from 'node:crypto';
import type { Period } from '../period/period.ts';
import { folderOfKey, isAnnouncedKey, isCostKey, isManifestKey, monthInKey, nameOfKey } from './object-keys.ts';
import type { FilesRule } from './source.ts';

/** A file at a source. Its key, ETag, size and time identify a version of it. */
export interface StoredObject {
  /** Its path, without the bucket or container. */
  readonly key: string;
  /** Changes with its contents. */
  readonly etag: string;
  /** In bytes; null if the server doesn't say. */
  readonly size: number | null;
  readonly modified: Date;
}

/** Files that belong together: all costs of an export for a month. */
export interface Candidate {
  /** Identifies them within their source, whatever their version. */
  readonly name: string;
  /** Undefined if the keys name no month. */
  readonly month: Period | undefined;
  /** Changes with their version. */
  readonly version: string;
  readonly content:
    | { readonly kind: 'manifest'; readonly manifest: StoredObject }
    | { readonly kind: 'files'; readonly files: readonly StoredObject[] }
    /** The manifest, which is written last, isn't there yet. */
    | { readonly kind: 'unannounced'; readonly files: number }
    /** One of the files is still being written. */
    | { readonly kind: 'unsettled'; readonly key: string };
}

/** What there is at a source. */
export interface Found {
  /** By month, the earliest first. */
  readonly candidates: readonly Candidate[];
  /** How many files were left out, because they aren't costs. Where there are manifests, nothing is left out. */
  readonly ignored: number;
}

/** Files without a month in their keys are one delivery, whatever months they contain. */
const WITHOUT_MONTH = 'files';

/**
 * Whether a stored version is that of these files. Versions were once stored as the text that is digested now.
 *
 * @param stored of a delivery, as of its last run
 */
export function isVersionOf(stored: string, { version, content }: Candidate): boolean {
  return stored === version || (content.kind === 'files' && digestOf(stored) === version);
}

/** The text would have the names of up to 100,000 files. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Groups a source's files by export and month. Where there is a manifest, only files that a manifest names count. Other
 * files are grouped by the month in their keys.
 */
export function candidatesAmong(objects: readonly StoredObject[], rule: FilesRule): Found {
  const announced = announcedAmong(objects);
  if (announced.length > 0) {
    return { candidates: byMonth(announced), ignored: 0 };
  }
  const files = objects.filter(({ key, size }) => isCostKey(key) && size !== 0);
  const groups = grouped(files, ({ key }) => monthInKey(key)?.month ?? WITHOUT_MONTH);
  const candidates = [...groups].map(([name, all]): Candidate => {
    const chosen = rule === 'newest' ? all.toSorted(newestFirst).slice(0, 1) : all.toSorted(byKey);
    const month = name === WITHOUT_MONTH ? undefined : (name as Period);
    const version = digestOf(chosen.map((one) => [one.key, one.etag, one.size].join(' ')).join('\n'));
    return { name, month, version, content: { kind: 'files', files: chosen } };
  });
  const taken = candidates.reduce((all, { content }) => all + (content.kind === 'files' ? content.files.length : 0), 0);
  return { candidates: byMonth(candidates), ignored: objects.length - taken };
}

/**
 * The same deliveries, of which those wait that have a file, or their manifest, which is still being written. What a
 * manifest names counts with the manifest.
 */
export function withUnsettled(candidates: readonly Candidate[], keys: readonly string[]): readonly Candidate[] {
  const files = new Map(keys.filter(isCostKey).map((key) => [monthInKey(key)?.month ?? WITHOUT_MONTH, key]));
  const manifests = new Map(keys.filter(isManifestKey).map((key) => [exportName(key), key]));
  return candidates.map((candidate): Candidate => {
    const key = (candidate.content.kind === 'files' ? files : manifests).get(candidate.name);
    return key === undefined ? candidate : { ...candidate, version: '', content: { kind: 'unsettled', key } };
  });
}

function announcedAmong(objects: readonly StoredObject[]): Candidate[] {
  const manifests = grouped(
    objects.filter(({ key }) => isManifestKey(key)),
    ({ key }) => exportName(key),
  );
  const data = grouped(
    objects.filter(({ key }) => isAnnouncedKey(key)),
    ({ key }) => exportName(key),
  );
  const complete = [...manifests].map(([name, all]): Candidate => {
    // each run may have a manifest in its own folder
    const [manifest] = all.toSorted(newestFirst) as [StoredObject, ...StoredObject[]];
    const { key, etag, size, modified } = manifest;
    const version = [key, etag, size, modified.toISOString()].join(' ');
    return { name, month: monthInKey(key)?.month, version, content: { kind: 'manifest', manifest } };
  });
  const unannounced = [...data]
    .filter(([name]) => !manifests.has(name))
    .map(([name, files]): Candidate => {
      const [{ key }] = files as [StoredObject, ...StoredObject[]];
      const content = { kind: 'unannounced', files: files.length } as const;
      return { name, month: monthInKey(key)?.month, version: '', content };
    });
  return [...complete, ...unannounced];
}

/** The same for all files of an export and month. */
function exportName(key: string): string {
  const found = monthInKey(key);
  return found ? `${found.root}${found.month}` : folderOfKey(key) || '/';
}

/** The files that a manifest names, and the names of those that aren't there. */
export interface Parts {
  readonly parts: readonly StoredObject[];
  readonly missing: readonly string[];
  /** Names of parts that were written after the manifest, which is therefore about to be replaced. */
  readonly newer: readonly string[];
}

/**
 * Finds the parts that a manifest names. Their paths may begin with a bucket, or with folders that were left out when
 * the files were copied.
 *
 * @param paths as the manifest has them
 */
export function partsNamed(manifest: StoredObject, paths: readonly string[], objects: readonly StoredObject[]): Parts {
  const byName = grouped(objects, ({ key }) => nameOfKey(key));
  const found = paths.map((path) => partNamed(path, manifest, byName.get(nameOfKey(path)) ?? []));
  const parts = [...new Set(found.filter((part) => part !== undefined))];
  return {
    parts,
    missing: paths.filter((_path, at) => found[at] === undefined).map(nameOfKey),
    newer: parts.filter(({ modified }) => modified > manifest.modified).map(({ key }) => nameOfKey(key)),
  };
}

function partNamed(path: string, manifest: StoredObject, sameName: readonly StoredObject[]): StoredObject | undefined {
  const wanted = path.replace(/^[a-z0-9+.-]+:\/\/[^/]+\//i, '').replace(/^\/+/, '');
  const ends = (a: string, b: string) => a === b || a.endsWith(`/${b}`);
  return (
    sameName.find(({ key }) => key === wanted) ??
    sameName.find(({ key }) => key.includes('/') && (ends(wanted, key) || ends(key, wanted))) ??
    sameName.find(({ key }) => folderOfKey(key) === folderOfKey(manifest.key))
  );
}

function byMonth(candidates: readonly Candidate[]): Candidate[] {
  const order = ({ month, name }: Candidate) => `${month ?? ''} ${name}`;
  return candidates.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

function newestFirst(a: StoredObject, b: StoredObject): number {
  return b.modified.getTime() - a.modified.getTime() || a.key.length - b.key.length || byKey(a, b);
}

function byKey(a: StoredObject, b: StoredObject): number {
  return a.key < b.key ? -1 : 1;
}

function grouped<T>(all: readonly T[], of: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const name = of(one);
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}
