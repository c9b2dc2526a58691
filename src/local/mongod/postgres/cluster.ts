/**
 * A data folder and the PostgreSQL cluster that holds its data. PostgreSQL sees only the engine's own root folder, so
 * the cluster is stored there. The file `documentdb.id` in the data folder names it, and the file `dbpath` beside the
 * cluster names the data folder.
 *
 * ROOT/data/ID/pg      the cluster, once started
 * ROOT/data/ID/run     its socket
 * ROOT/data/ID/lock    locked while any of its processes is running
 * ROOT/data/ID/dbpath  the data folder
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Cluster {
  readonly id: string;
  readonly folder: string;
  /** The data folder is temporary, so data need not survive a power failure. */
  readonly isTemporary: boolean;
}

/** Why a data folder can't be used; `name` is MongoDB's name for the error. */
export class DataFolderError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const runFile = promisify(execFile);
const DISCARD = fileURLToPath(new URL('./discard.sh', import.meta.url));

/**
 * A data folder may have been moved, so its cluster is kept this long after the folder was last seen, in milliseconds.
 */
const KEEP_MISSING_MS = 7 * 24 * 3600 * 1000;
/** A starting server needs a moment between creating its cluster and naming it in the data folder. */
const STARTING_MS = 60_000;

/**
 * The cluster of a data folder, created if there is none.
 * @throws {DataFolderError} when the folder doesn't exist, its cluster is gone, or it is a copy of another
 */
export function clusterOf(root: string, dbpath: string): Cluster {
  if (!existsSync(dbpath)) throw new DataFolderError('NonExistentPath', `Data directory ${dbpath} not found`);
  const id = readId(dbpath) ?? createCluster(root, dbpath);
  const cluster = { id, folder: path.join(root, 'data', id), isTemporary: isTemporary(dbpath) };
  if (!existsSync(cluster.folder)) {
    throw new DataFolderError(
      'DataMissing',
      `the data of ${dbpath} are no longer in ${root}; delete the folder to start again`,
    );
  }
  const known = readFileSync(path.join(cluster.folder, 'dbpath'), 'utf8');
  if (known !== dbpath && readId(known) === id) {
    throw new DataFolderError('DBPathInUse', `${dbpath} is a copy of ${known}, and both name the same data`);
  }
  writeFileSync(path.join(cluster.folder, 'dbpath'), dbpath); // also tells when it was last used
  return cluster;
}

/** Deletes the clusters whose data folder is gone: temporary ones immediately, others after a week. */
export async function discardAbandoned(root: string): Promise<void> {
  const data = path.join(root, 'data');
  for (const id of readdirSync(data)) {
    const folder = path.join(data, id);
    if (isAbandoned(folder, id)) await discardUnlessRunning(folder);
  }
}

function createCluster(root: string, dbpath: string): string {
  const id = randomBytes(6).toString('hex');
  const folder = path.join(root, 'data', id);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'dbpath'), dbpath);
  try {
    writeFileSync(idFileOf(dbpath), id, { flag: 'wx' });
    return id;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const other = readId(dbpath); // another server on the same folder was first
    if (other === undefined) throw error;
    return other;
  }
}

function isAbandoned(folder: string, id: string): boolean {
  try {
    const mark = path.join(folder, 'dbpath');
    const dbpath = readFileSync(mark, 'utf8');
    if (readId(dbpath) === id) return false;
    if (isTemporary(dbpath) && !existsSync(dbpath)) return true;
    const age = Date.now() - statSync(mark).mtimeMs;
    return age > (isTemporary(dbpath) ? STARTING_MS : KEEP_MISSING_MS);
  } catch {
    return false; // the template, or a cluster that is being created or deleted
  }
}

function isTemporary(dbpath: string): boolean {
  return dbpath.startsWith(tmpdir() + path.sep);
}

async function discardUnlessRunning(folder: string): Promise<void> {
  try {
    await runFile('flock', ['--nonblock', path.join(folder, 'lock'), 'sh', DISCARD, folder]);
  } catch {
    // locked: a server is still using it
  }
}

function idFileOf(dbpath: string): string {
  return path.join(dbpath, 'documentdb.id');
}

function readId(dbpath: string): string | undefined {
  try {
    return readFileSync(idFileOf(dbpath), 'utf8');
  } catch {
    return undefined;
  }
}
