import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedDatabase, startDatabase } from '../../src/local/database.ts';
import { testDatabaseUri } from '../support/database/database.ts';
import { eventually, withEntries } from './mongod/stand-in.ts';

const WRITER = fileURLToPath(new URL('./children/write-until-killed.ts', import.meta.url));
const { MONGODB_URI: _, ...env } = process.env;

interface Writer {
  readonly process: ChildProcess;
  readonly uri: string;
  readonly acknowledged: number[];
}

describe('the embedded database', () => {
  const started: EmbeddedDatabase[] = [];
  const writers: Writer[] = [];
  let dataDir: string;

  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'database-test-')), 'data');
  });

  afterEach(async () => {
    for (const writer of writers.splice(0)) await kill(writer);
    for (const database of started.splice(0)) await database.stop();
    rmSync(path.dirname(dataDir), { recursive: true, force: true });
  });

  it('uses MONGODB_URI as it is, and starts nothing', async () => {
    const uri = 'mongodb://db.example:27017/billing?replicaSet=rs';
    const database = await start({ env: { MONGODB_URI: uri, PATH: '' }, dataDir });
    expect(database).toMatchObject({ uri, source: 'uri' });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('deletes its data when it stops without a folder', async () => {
    const before = temporaryFolders();
    const database = await start({ env });
    expect(await withEntries(database.uri, (entries) => entries.insertOne({ _id: 1 }))).toMatchObject({
      insertedId: 1,
    });
    expect(temporaryFolders().length).toBeGreaterThan(before.length);
    await database.stop();
    expect(await isListening(database.uri)).toBe(false);
    expect(temporaryFolders()).toEqual(before);
    await expect(database.stop()).resolves.toBeUndefined();
  });

  it('has an address with the replica set and database names', async () => {
    const [, port, name] = /^mongodb:\/\/127\.0\.0\.1:(\d+)\/(\w+)\?replicaSet=\w+$/.exec(testDatabaseUri()) ?? [];
    expect(Number(port)).toBeGreaterThan(1024);
    expect(name).toMatch(/^test_/);
  });

  it('keeps its data and address between runs with a folder', async () => {
    const first = await start({ env, dataDir });
    await withEntries(first.uri, (entries) => entries.insertOne({ _id: 1 }));
    await first.stop();
    const second = await start({ env, dataDir });
    expect(second.uri).toBe(first.uri);
    expect(await withEntries(second.uri, (entries) => entries.distinct('_id'))).toEqual([1]);
  });

  it('refuses a folder that another process uses, and names that process', async () => {
    await start({ env, dataDir });
    await expect(start({ env, dataDir })).rejects.toThrow(`${dataDir} is in use by process ${process.pid}`);
  });

  it('never outlives its process, and the next start finds all acknowledged writes', async () => {
    const acknowledged: number[] = [];
    for (let round = 0; round < 2; round++) {
      const writer = await startWriter(round * 1_000_000); // a round's last number may be written but not printed
      await eventually(() => writer.acknowledged.length >= 100);
      await kill(writer);
      acknowledged.push(...writer.acknowledged);
    }
    const database = await start({ env, dataDir });
    const found = await withEntries(database.uri, (entries) => entries.distinct('_id'));
    expect(acknowledged.filter((id) => !found.includes(id))).toEqual([]);
    expect(found.length).toBeGreaterThanOrEqual(200);
  });

  it('stops within seconds when its process was killed', async () => {
    const writer = await startWriter(0);
    expect(await isListening(writer.uri)).toBe(true);
    await kill(writer);
    await eventually(async () => !(await isListening(writer.uri)));
  });

  async function start(options: { env: NodeJS.ProcessEnv; dataDir?: string }): Promise<EmbeddedDatabase> {
    const database = await startDatabase({ databaseName: 'kept', ...options });
    started.push(database);
    return database;
  }

  async function startWriter(first: number): Promise<Writer> {
    const child = spawn(process.execPath, ['--import', 'tsx', WRITER, dataDir, String(first)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    const [uri] = await once(lines, 'line');
    const writer: Writer = { process: child, uri, acknowledged: [] };
    lines.on('line', (line) => writer.acknowledged.push(Number(line)));
    writers.push(writer);
    return writer;
  }
});

async function kill({ process: child }: Writer): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** The temporary data folders of this process. */
function temporaryFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`billing-groups-db-${process.pid}-`));
}

function isListening(uri: string): Promise<boolean> {
  const port = Number(/:(\d+)\//.exec(uri)?.[1]);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
