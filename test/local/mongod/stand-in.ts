/** Starts the stand-in directly, as any program starts a mongod, for its own tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { installedStandIn, STAND_IN } from '../../../src/local/find-mongod.ts';
import { canInstall, canRun, engineRoot, isInstalled } from '../../../src/local/mongod/engine.ts';

export interface StandIn {
  readonly process: ChildProcess;
  readonly uri: string;
  /** Sends the signal, and waits until the process has exited. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  /** Its whole standard output and standard error. */
  readonly output: string;
}

export const root = engineRoot(process.env);

const runsHere = canRun() && (isInstalled(root) || canInstall(process.env));
const POLL_MS = 50;

/** The stand-in's tests; on a machine where it can't run, one test that it says so. */
export function describeStandIn(name: string, tests: () => void): void {
  if (runsHere) {
    describe(name, tests);
    return;
  }
  it(`${name}: the stand-in can’t run on this machine, and says why`, async () => {
    const attempt = installedStandIn(process.env, () => {});
    await expect(attempt).rejects.toThrow(/needs Linux and root|apt-get isn’t available/);
  });
}

/** A new data folder in a temporary folder that the test deletes. */
export function newDataFolder(): string {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'stand-in-test-')), 'data');
  mkdirSync(folder);
  return folder;
}

/** Starts it as a replica set with one member, initiates a new one, and waits until it accepts writes. */
export async function startStandIn(dbpath: string, cwd = tmpdir()): Promise<StandIn> {
  const port = await freePort();
  const child = spawn(STAND_IN, ['--dbpath', dbpath, '--port', String(port), '--replSet', 'rs'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (!String(first).includes('Waiting for connections')) throw new Error('the stand-in did not start');
  child.stdout.resume();
  await initiate(port);
  return {
    process: child,
    uri: `mongodb://127.0.0.1:${port}/test?replicaSet=rs`,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** Runs it with these arguments until it exits. */
export async function runStandIn(args: readonly string[]): Promise<Ended> {
  const child = spawn(STAND_IN, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

/** The folder of the engine that holds the data of a data folder. */
export function clusterFolder(dbpath: string): string {
  return path.join(root, 'data', readFileSync(path.join(dbpath, 'documentdb.id'), 'utf8'));
}

/** The process ID of the PostgreSQL that serves the data folder. */
export function postgresOf(dbpath: string): number {
  return Number.parseInt(readFileSync(path.join(clusterFolder(dbpath), 'pg', 'postmaster.pid'), 'utf8'), 10);
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** @throws {Error} when it doesn't become true in time */
export async function eventually(isTrue: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  for (let waited = 0; waited <= limitMs; waited += POLL_MS) {
    if (await isTrue()) return;
    await sleep(POLL_MS);
  }
  throw new Error(`not so after ${limitMs} ms`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function initiate(port: number): Promise<void> {
  const client = await mongoose.mongo.MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const config = { _id: 'rs', members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
  const admin = client.db('admin');
  await admin.command({ replSetInitiate: config }).catch((error: Error) => {
    if (error.message !== 'already initialized') throw error;
  });
  await client.close();
}

/** A document of the collection that tests write to. */
export interface Entry {
  _id: number;
}

/** Works with the entries of a database over a connection that is closed afterwards. */
export async function withEntries<T>(uri: string, work: (entries: mongo.Collection<Entry>) => Promise<T>): Promise<T> {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  try {
    return await work(client.db().collection<Entry>('entries'));
  } finally {
    await client.close();
  }
}
