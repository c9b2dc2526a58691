import { count } from '../../billing/money/count.ts';
import { periodName } from '../../billing/period/period.ts';
import {
  type Candidate,
  candidatesAmong,
  type Found,
  partsNamed,
  type StoredObject,
  withUnsettled,
} from '../../billing/source/deliveries.ts';
import { isCostKey, isManifestKey, nameOfKey } from '../../billing/source/object-keys.ts';
import { MANIFEST_BYTES, type Manifest, readManifest } from '../../imports/file/manifest.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { listAll, openGuarded } from './guarded-storage.ts';
import { type SourceStorage, StorageFault } from './source-storage.ts';

/** A source's files, and which of them belong together. */
export interface Contents extends Found {
  readonly objects: readonly StoredObject[];
  /** In how many milliseconds others count that are still being written; undefined if there are none. */
  readonly settlesInMs: number | undefined;
}

/** The files of a delivery, or why it isn't complete. */
export type Completeness =
  | { readonly parts: readonly StoredObject[]; readonly manifest: Manifest | undefined }
  | { readonly waitsFor: string };

/** @throws {StorageFault} */
export async function contentsOf(storage: SourceStorage, { files }: Pick<SourceDoc, 'files'>): Promise<Contents> {
  const objects = await listAll(storage);
  // others would be ignored, however often they change
  const unsettled = (storage.unsettled?.() ?? []).filter(({ key }) => isCostKey(key) || isManifestKey(key));
  const found = candidatesAmong(objects, files);
  const keys = unsettled.map(({ key }) => key);
  const settlesInMs = unsettled.reduce<number | undefined>((most, { inMs }) => Math.max(most ?? 0, inMs), undefined);
  return { objects, ...found, candidates: withUnsettled(found.candidates, keys), settlesInMs };
}

/** Whether a delivery is complete, and its files if it is. @throws {StorageFault} */
export async function completenessOf(
  storage: SourceStorage,
  { content }: Candidate,
  objects: readonly StoredObject[],
): Promise<Completeness> {
  if (content.kind === 'files') return { parts: content.files, manifest: undefined };
  if (content.kind === 'unsettled') return { waitsFor: `${nameOfKey(content.key)} is still being written.` };
  if (content.kind === 'unannounced') {
    return { waitsFor: `The manifest for ${count(content.files, 'file')} is missing. It is written last.` };
  }
  const manifest = readManifest(await wholeOf(storage, content.manifest));
  const name = nameOfKey(content.manifest.key);
  if (!manifest) return { waitsFor: `${name} isn’t a manifest of AWS or Azure that can be read.` };
  const { parts, missing, newer } = partsNamed(content.manifest, manifest.paths, objects);
  if (missing.length > 0) {
    return { waitsFor: `${name} lists ${count(manifest.paths.length, 'file')}, of which ${some(missing)} missing.` };
  }
  if (newer.length > 0) return { waitsFor: `${some(newer)} newer than ${name}, which is written last.` };
  return { parts, manifest };
}

/** A delivery as people know it: `AWS for October 2026`. */
export function deliveryTitle({ name }: Pick<SourceDoc, 'name'>, { month }: Pick<Candidate, 'month'>): string {
  return month === undefined ? name : `${name} for ${periodName(month)}`;
}

/** A manifest's bytes, which are few. */
async function wholeOf(storage: SourceStorage, object: StoredObject): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of await openGuarded(storage, object)) {
    bytes += chunk.length;
    if (bytes > MANIFEST_BYTES) throw new StorageFault('invalid', `${object.key} is too large to be a manifest.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function some([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `${first} is` : `${first} and ${count(others.length, 'other')} are`;
}
