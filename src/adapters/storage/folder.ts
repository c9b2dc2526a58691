import { constants, createReadStream } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import type { FolderLocation } from '../../billing/source/source.ts';
import { type SourceStorage, StorageFault, type UnsettledFile } from '../../services/sources/source-storage.ts';
import { replacedWhileRead } from './storage-faults.ts';

export interface FolderOptions {
  /** Only folders in this one can be read; undefined for none. */
  readonly root: string | undefined;
  /** The real time, which the times of files are compared with. */
  readonly now: () => Date;
}

interface FolderFile {
  readonly object: StoredObject;
  /** When its contents or its times last changed, which nobody can date. */
  readonly changed: Date;
}

/** A file that changed this recently, in milliseconds, may still be being written. */
const SETTLE_MS = 60_000;
/** How deep folders are looked into. */
const MAX_DEPTH = 12;

/**
 * The files of a folder on the server, such as one on NFS, or one that SFTP writes to. Symbolic links aren't followed,
 * so nothing outside the root can be read. A file that is being written is left out until it has been unchanged for a
 * minute.
 *
 * @throws {StorageFault} if the folder doesn't exist, or isn't in the root
 */
export async function folderStorage(location: FolderLocation, options: FolderOptions): Promise<SourceStorage> {
  const folder = await folderIn(options.root, location);
  let unsettled: UnsettledFile[] = [];
  /** Whether a file has been unchanged for long enough. Otherwise, notes when it will have been. */
  const isSettled = ({ object: { key, modified }, changed }: FolderFile) => {
    const now = options.now();
    // files can be dated years ahead; the time of their change is the file system's
    const since = modified > now ? changed : modified;
    const inMs = SETTLE_MS - (now.getTime() - since.getTime());
    if (inMs <= 0) return true;
    unsettled.push({ key, inMs });
    return false;
  };
  return {
    list() {
      unsettled = [];
      return filesIn(folder, '', isSettled, 0);
    },
    unsettled: () => unsettled,
    open: (object) => openFile(folder, object),
    close: async () => undefined,
  };
}

async function folderIn(root: string | undefined, location: FolderLocation): Promise<string> {
  if (root === undefined) throw new StorageFault('address', 'This server has no folder for sources (SOURCES_FOLDER).');
  const faulty = (error: unknown) =>
    faultOf(error, location.path === '' ? 'The folder for sources' : `The folder ${location.path}`);
  try {
    const [top, wanted] = [await realpath(root), await realpath(path.join(root, location.path))];
    // a link in between leads out of the root
    if (wanted !== path.join(top, location.path) || !isIn(wanted, top)) {
      throw new StorageFault('address', `The folder ${location.path} isn’t in the folder for sources.`);
    }
    if (!(await lstat(wanted)).isDirectory()) throw new StorageFault('missing', `${location.path} isn’t a folder.`);
    return wanted;
  } catch (error) {
    throw faulty(error);
  }
}

async function* filesIn(
  folder: string,
  prefix: string,
  isSettled: (file: FolderFile) => boolean,
  depth: number,
): AsyncGenerator<StoredObject, void> {
  const place = path.join(folder, prefix);
  const entries = await readdir(place, { withFileTypes: true }).catch((error: unknown) => {
    throw faultOf(error, `The folder ${prefix || 'for this source'}`);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory() && depth < MAX_DEPTH) yield* filesIn(folder, `${key}/`, isSettled, depth + 1);
    if (!entry.isFile()) continue;
    const file = await fileAt(path.join(folder, key), key);
    if (file && isSettled(file)) yield file.object;
  }
}

/** Undefined if it was deleted, or replaced by a link, in the meantime. */
async function fileAt(file: string, key: string): Promise<FolderFile | undefined> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  const modified = new Date(Number(stats.mtimeMs));
  return {
    object: { key, etag: versionOf(stats), size: Number(stats.size), modified },
    changed: new Date(Number(stats.ctimeMs)),
  };
}

async function openFile(folder: string, { key, etag }: StoredObject): Promise<AsyncIterable<Uint8Array>> {
  const file = path.join(folder, key);
  try {
    const real = await realpath(file);
    if (real !== file || !isIn(real, folder))
      throw new StorageFault('address', `${key} isn’t in the folder of this source.`);
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    if (versionOf(await handle.stat({ bigint: true })) !== etag) {
      await handle.close();
      throw replacedWhileRead(key);
    }
    return whole(createReadStream('', { fd: handle }), async () => {
      const now = await fileAt(file, key);
      if (now?.object.etag !== etag) throw replacedWhileRead(key);
    });
  } catch (error) {
    throw faultOf(error, `The file ${key}`);
  }
}

/** The bytes, and at their end a check that they are still those of the same version. */
async function* whole(bytes: AsyncIterable<Uint8Array>, check: () => Promise<void>): AsyncGenerator<Uint8Array, void> {
  yield* bytes;
  await check();
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}${path.sep}`);
}

function versionOf(stats: { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): string {
  return `${stats.ino}-${stats.size}-${stats.mtimeNs}`;
}

function faultOf(error: unknown, what: string): unknown {
  if (error instanceof StorageFault) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return new StorageFault('missing', `${what} doesn’t exist.`, error);
  if (code === 'EACCES' || code === 'EPERM')
    return new StorageFault('denied', `${what} can’t be read: permission denied.`, error);
  return code === '' ? error : new StorageFault('unreachable', `${what} can’t be read (${code}).`, error);
}
