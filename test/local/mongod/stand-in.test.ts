import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { discardAbandoned } from '../../../src/local/mongod/postgres/cluster.ts';
import { ensureEngine } from '../../../src/local/mongod/postgres/install.ts';
import {
  clusterFolder,
  describeStandIn,
  type Entry,
  eventually,
  freePort,
  isAlive,
  newDataFolder,
  postgresOf,
  root,
  runStandIn,
  type StandIn,
  startStandIn,
  withEntries,
} from './stand-in.ts';

const INSTALL_LIMIT_MS = 300_000;

describeStandIn('the stand-in', () => {
  const started: StandIn[] = [];
  const folders: string[] = [];

  beforeAll(() => ensureEngine(root, (line) => console.error(line)), INSTALL_LIMIT_MS);

  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.end('SIGKILL')));
    for (const folder of folders.splice(0)) rmSync(path.dirname(folder), { recursive: true, force: true });
    await discardAbandoned(root);
  });

  it('a SIGKILL in the middle of writes loses no acknowledged one', async () => {
    const folder = dataFolder();
    const acknowledged: number[] = [];
    for (let round = 0; round < 2; round++) {
      const server = await start(folder);
      const target = acknowledged.length + 150;
      const writing = writeUntilBroken(server.uri, round * 1_000_000, acknowledged);
      await eventually(() => acknowledged.length >= target);
      await server.end('SIGKILL');
      await writing;
    }
    const server = await start(folder);
    const found = await withEntries(server.uri, (entries) => entries.distinct('_id'));
    expect(acknowledged.length).toBeGreaterThanOrEqual(300);
    expect(acknowledged.filter((id) => !found.includes(id))).toEqual([]);
  });

  it('PostgreSQL stops when the stand-in is killed', async () => {
    const folder = dataFolder();
    const server = await start(folder);
    const postgres = postgresOf(folder);
    expect(isAlive(postgres)).toBe(true);
    await server.end('SIGKILL');
    await eventually(() => !isAlive(postgres));
    expect(readdirSync(path.join(clusterFolder(folder), 'run'))).toEqual([]);
  });

  it('the stand-in exits with an error when its PostgreSQL is killed, so that nobody waits for answers', async () => {
    const folder = dataFolder();
    const server = await start(folder);
    process.kill(postgresOf(folder), 'SIGKILL');
    await eventually(() => server.process.exitCode !== null);
    expect(server.process.exitCode).toBe(14);
  });

  it('SIGTERM shuts down cleanly, and leaves no socket', async () => {
    const folder = dataFolder();
    const server = await start(folder);
    await server.end('SIGTERM');
    expect(server.process.exitCode).toBe(0);
    expect(readdirSync(path.join(clusterFolder(folder), 'run'))).toEqual([]);
  });

  it('several servers run at once, each with its own data', async () => {
    const servers = await Promise.all([start(dataFolder()), start(dataFolder()), start(dataFolder())]);
    await Promise.all(servers.map(({ uri }, _id) => withEntries(uri, (entries) => entries.insertOne({ _id }))));
    const found = await Promise.all(servers.map(({ uri }) => withEntries(uri, (entries) => entries.distinct('_id'))));
    expect(found).toEqual([[0], [1], [2]]);
  });

  it('only one of two servers that start at once gets a new folder', async () => {
    const folder = dataFolder();
    const attempts = await Promise.allSettled([start(folder), start(folder)]);
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('a data folder keeps its data when it is moved', async () => {
    const folder = dataFolder();
    const first = await start(folder);
    await withEntries(first.uri, (entries) => entries.insertOne({ _id: 7 }));
    await first.end('SIGTERM');
    renameSync(folder, `${folder}-moved`);
    const second = await start(`${folder}-moved`);
    expect(await withEntries(second.uri, (entries) => entries.distinct('_id'))).toEqual([7]);
  });

  it('a copy of a data folder is rejected, since both would name the same data', async () => {
    const folder = dataFolder();
    await (await start(folder)).end('SIGTERM');
    await cp(folder, `${folder}-copy`, { recursive: true });
    const { code, output } = await runStandIn(['--dbpath', `${folder}-copy`, '--port', String(await freePort())]);
    expect({ code, output }).toEqual({ code: 100, output: expect.stringContaining('is a copy of') });
  });

  it('a killed server’s temporary data is deleted once its folder is gone', async () => {
    const folder = dataFolder();
    const server = await start(folder);
    const cluster = clusterFolder(folder);
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true });
    await eventually(async () => {
      await discardAbandoned(root);
      return !existsSync(cluster);
    });
  });

  it('a running server keeps its data, whatever happens to its folder', async () => {
    const folder = dataFolder();
    const server = await start(folder);
    const cluster = clusterFolder(folder);
    rmSync(folder, { recursive: true });
    await discardAbandoned(root);
    expect(existsSync(path.join(cluster, 'pg'))).toBe(true);
    expect(await withEntries(server.uri, (entries) => entries.countDocuments())).toBe(0);
  });

  it('the stand-in starts in any current folder', async () => {
    const server = await startStandIn(dataFolder(), '/');
    started.push(server);
    expect(await withEntries(server.uri, (entries) => entries.countDocuments())).toBe(0);
  });

  it('a taken port ends the stand-in with the message that mongodb-memory-server looks for', async () => {
    const { uri } = await start(dataFolder());
    const { code, output } = await runStandIn(['--dbpath', dataFolder(), '--port', new URL(uri).port]);
    expect({ code, output }).toEqual({ code: 48, output: expect.stringContaining('address already in use') });
  });

  it('a missing data folder is rejected', async () => {
    const { code, output } = await runStandIn(['--dbpath', '/nonexistent', '--port', String(await freePort())]);
    expect({ code, output }).toEqual({ code: 100, output: expect.stringContaining('/nonexistent not found') });
  });

  it('the stand-in reports its version as mongod does', async () => {
    const { code, output } = await runStandIn(['--version']);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^db version v\d+\.\d+\.\d+\n/) });
  });

  function dataFolder(): string {
    const folder = newDataFolder();
    folders.push(folder);
    return folder;
  }

  async function start(folder: string): Promise<StandIn> {
    const server = await startStandIn(folder);
    started.push(server);
    return server;
  }
});

/** Four writers that continue until the server is gone, and record what was acknowledged. */
async function writeUntilBroken(uri: string, first: number, acknowledged: number[]): Promise<void> {
  const client = await mongoose.mongo.MongoClient.connect(uri, { retryWrites: false, serverSelectionTimeoutMS: 500 });
  const entries = client.db().collection<Entry>('entries');
  let next = first;
  const write = async () => {
    for (;;) {
      const _id = next++;
      await entries.insertOne({ _id }, { writeConcern: { w: 'majority' } });
      acknowledged.push(_id);
    }
  };
  await Promise.allSettled(Array.from({ length: 4 }, write));
  await client.close();
}
