/** Reads the files of `npm run import` and describes problems with them in plain words. */
import { accessSync, constants, createReadStream, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { Refusal } from '../../billing/refusal.ts';
import { assertComplete, MANIFEST_BYTES, type Manifest, readManifest } from '../file/manifest.ts';

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "doesn't exist",
  ENOTDIR: "doesn't exist",
  EACCES: "can't be read: permission denied",
  EPERM: "can't be read: permission denied",
  EISDIR: 'is a folder, not a file',
  ELOOP: 'is a broken link',
};
const CALLS: readonly string[] = ['open', 'read', 'stat', 'access'];

/** The files' sizes in bytes, checked before anything else. @throws {Refusal} for the first file that can't be read */
export function sizeOfAll(files: readonly string[]): number {
  return files.reduce((bytes, file) => bytes + sizeOf(file), 0);
}

/**
 * The cost files among these: a manifest isn't one, but lists the parts of an export. Parts that weren't given are looked
 * for beside their manifest.
 *
 * @throws {Refusal} `focus_file` for a part that is missing, or a file that the manifest doesn't list
 */
export function partsListed(files: readonly string[]): readonly string[] {
  const found = files.map((file) => ({ file, manifest: manifestOf(file) }));
  const listing = found.find(({ manifest }) => manifest !== undefined);
  const given = found.flatMap(({ file, manifest }) => (manifest === undefined ? [file] : []));
  if (!listing?.manifest) return given;
  const { file, manifest } = listing;
  const names = given.map((one) => path.basename(one));
  const beside = manifest.parts
    .filter((part) => !names.includes(part))
    .map((part) => path.join(path.dirname(file), part))
    .filter(isFile);
  const parts = [...given, ...beside];
  assertComplete(
    manifest,
    parts.map((one) => path.basename(one)),
  );
  return parts;
}

function manifestOf(file: string): Manifest | undefined {
  if (!isFile(file) || statSync(file).size > MANIFEST_BYTES) return undefined;
  return readManifest(readFileSync(file));
}

/** Whether it is a file that can be read again, and not a pipe. */
export function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The file's bytes. The stream ends with a Refusal if they can't be read. @param count receives each chunk's length */
export function readBytes(file: string, count: (bytes: number) => void): Readable {
  const counted = new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      done(null, chunk);
    },
  });
  const source = createReadStream(file);
  pipeline(source, counted, () => undefined);
  // before the pipeline passes on the raw error
  source.prependOnceListener('error', (error) => {
    const refusal = refusalFor(file, error);
    counted.destroy(refusal instanceof Error ? refusal : error);
  });
  return counted;
}

function sizeOf(file: string): number {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR', syscall: 'read' });
    accessSync(file, constants.R_OK);
    return stats.size;
  } catch (error) {
    throw refusalFor(file, error);
  }
}

function refusalFor(file: string, error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error && 'syscall' in error)) return error;
  if (!CALLS.includes(String(error.syscall))) return error;
  const what = FAULTS[String(error.code)] ?? `can't be read (${error.code})`;
  return new Refusal('file_unreadable', { file, problem: what }, { cause: error });
}
