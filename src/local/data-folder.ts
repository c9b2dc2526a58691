/**
 * The folder that holds the embedded database's data: which process owns it, on which port, and when it is deleted.
 *
 * DIR/server.json   port and process of the last start
 * DIR/mongod        MongoDB's data, or
 * DIR/stand-in      the stand-in's data
 */
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTheWay } from '../platform/startup-error.ts';
import type { Mongod } from './find-mongod.ts';

export interface DataFolder {
  readonly dbpath: string;
  readonly port: number;
  /** Call this when the server has stopped. */
  release(): void;
}

interface LastStart {
  readonly port: number;
  readonly pid: number;
}

/** Below the range that systems use for outgoing connections, which could take the port between two runs. */
const PORTS = { from: 20_000, to: 32_000 };
/** A server whose owner was killed exits within this many milliseconds. */
const ORPHAN_LIMIT_MS = 15_000;
const POLL_MS = 100;
const TEMPORARY_PREFIX = 'billing-groups-db-';

/** A folder that is deleted with its process. Deletes the folders that killed processes left behind. */
export function temporaryDataFolder(port: number | undefined): DataFolder {
  deleteOrphans();
  const dbpath = mkdtempSync(path.join(tmpdir(), `${TEMPORARY_PREFIX}${process.pid}-`));
  return {
    dbpath,
    port: port ?? randomPort(),
    release: () => rmSync(dbpath, { recursive: true, force: true }),
  };
}

/**
 * A folder whose data is kept. The port is kept too, since MongoDB stores it in its replica set configuration.
 * @param wantedPort the port for a new folder; an existing folder can change to it unless it is MongoDB's own
 * @throws {Error} when another running process uses the folder, or the port stays in use
 */
export async function lastingDataFolder(
  dir: string,
  source: Mongod['source'],
  wantedPort: number | undefined,
): Promise<DataFolder> {
  mkdirSync(dir, { recursive: true });
  const last = readLastStart(dir);
  if (last) await untilFree(dir, last);
  const port = await choosePort(dir, source, last?.port, wantedPort);
  const dbpath = path.join(dir, source === 'stand-in' ? 'stand-in' : 'mongod');
  mkdirSync(dbpath, { recursive: true });
  writeFileSync(stateFile(dir), JSON.stringify({ port, pid: process.pid }));
  return { dbpath, port, release: () => {} };
}

/** Waits until a killed process's server has exited. */
async function untilFree(dir: string, last: LastStart): Promise<void> {
  if (!(await isTaken(last.port))) return;
  if (isAlive(last.pid)) {
    throw inTheWay(
      `The database in ${dir} is in use by process ${last.pid}. Stop that one first, or set DATA_DIR to another folder.`,
    );
  }
  const start = performance.now();
  while (performance.now() - start < ORPHAN_LIMIT_MS && (await isTaken(last.port))) await sleep(POLL_MS);
}

async function choosePort(
  dir: string,
  source: Mongod['source'],
  last: number | undefined,
  wanted: number | undefined,
): Promise<number> {
  if (last === undefined) return wanted ?? freePort();
  const mayMove = source === 'stand-in';
  if (mayMove && wanted !== undefined) return wanted;
  if (!(await isTaken(last))) return last;
  if (mayMove) return freePort();
  throw new Error(
    `Port ${last}, which the database in ${dir} was set up with, is taken by another program. Stop that one first.`,
  );
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomPort();
    if (!(await isTaken(port))) return port;
  }
}

function randomPort(): number {
  return randomInt(PORTS.from, PORTS.to);
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function stateFile(dir: string): string {
  return path.join(dir, 'server.json');
}

function readLastStart(dir: string): LastStart | undefined {
  if (!existsSync(stateFile(dir))) return undefined;
  try {
    return JSON.parse(readFileSync(stateFile(dir), 'utf8'));
  } catch {
    return undefined; // truncated by a kill
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function deleteOrphans(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${TEMPORARY_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}
