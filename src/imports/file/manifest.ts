import { z } from 'zod';
import { count } from '../../billing/money/count.ts';
import { Refusal } from '../../billing/refusal.ts';

/** What a provider says an export consists of. */
export interface Manifest {
  /** The names of its parts, without folders. */
  readonly parts: readonly string[];
  /** The same with their folders, as the manifest has them. */
  readonly paths: readonly string[];
  /** The number of rows in all parts; undefined if it isn't stated. */
  readonly rows: number | undefined;
}

/** Larger files aren't manifests. */
export const MANIFEST_BYTES = 1024 * 1024;

const names = z.array(z.string().min(1)).min(1);
/** AWS Cost and Usage Reports: `…-Manifest.json`. */
const reports = z.object({ reportKeys: names }).transform(({ reportKeys }) => ({ paths: reportKeys, rows: undefined }));
/** AWS Data Exports: `…-Manifest.json`. */
const dataExports = z
  .object({ dataFiles: names })
  .transform(({ dataFiles }) => ({ paths: dataFiles, rows: undefined }));
/** Azure's exports: `manifest.json`. */
const azureExports = z
  .object({
    blobs: z.array(z.object({ blobName: z.string().min(1) })).min(1),
    dataRowCount: z.number().int().min(0).optional(),
  })
  .transform(({ blobs, dataRowCount }) => ({ paths: blobs.map(({ blobName }) => blobName), rows: dataRowCount }));
const manifest = z.union([reports, dataExports, azureExports]);

/** Reads a manifest of AWS or Azure; undefined for any other file. */
export function readManifest(bytes: Buffer): Manifest | undefined {
  if (bytes.length > MANIFEST_BYTES) return undefined;
  const text = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (!text.startsWith('{')) return undefined;
  const found = manifest.safeParse(parsed(text));
  if (!found.success) return undefined;
  const { paths, rows } = found.data;
  return { parts: paths.map((path) => path.split('/').at(-1) ?? path), paths, rows };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Checks that files are exactly the parts that a manifest lists.
 *
 * @param files names without folders
 * @throws {Refusal} `focus_file` naming a part that is missing, or a file that isn't listed
 */
export function assertComplete({ parts }: Pick<Manifest, 'parts'>, files: readonly string[]): void {
  const missing = parts.filter((part) => !files.includes(part));
  if (missing.length > 0) {
    const others = missing.length === 1 ? '' : ` and ${count(missing.length - 1, 'other part')}`;
    throw new Refusal('focus_file', {
      problem: `The manifest lists ${missing[0]}${others}, which ${missing.length === 1 ? 'is' : 'are'} missing.`,
      remedy: 'Import all parts together.',
    });
  }
  const unlisted = files.find((file) => !parts.includes(file));
  if (unlisted === undefined) return;
  throw new Refusal('focus_file', {
    problem: `The manifest doesn’t list ${unlisted}.`,
    remedy: 'Import it separately.',
  });
}

/** @throws {Refusal} `focus_file` if the parts have another number of rows than the manifest says */
export function assertRows({ rows }: Manifest, read: number): void {
  if (rows === undefined || rows === read) return;
  throw new Refusal('focus_file', {
    problem: `The manifest says that there are ${count(rows, 'row')}, but the parts have ${read}.`,
    remedy: 'Download all parts again.',
  });
}
