import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertReachable } from '../../src/local/download-mongod.ts';
import { findMongod, type SlowWays } from '../../src/local/find-mongod.ts';
import { freePort } from './mongod/stand-in.ts';

const BOTH: SlowWays = { download: async () => '/cache/mongod', standIn: async () => '/stand-in/mongod' };
const NONE: SlowWays = {
  download: () => Promise.reject(new Error('the host can’t be reached')),
  standIn: () => Promise.reject(new Error('it needs root')),
};

describe('the search for a mongod', () => {
  let folder: string;
  let given: string;
  let onPath: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'find-mongod-'));
    given = executable('given');
    onPath = executable('bin/mongod');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('prefers MONGOMS_SYSTEM_BINARY to a mongod on the PATH', async () => {
    const env = { MONGOMS_SYSTEM_BINARY: given, PATH: path.dirname(onPath) };
    expect(await find(env, BOTH)).toEqual({ source: 'system binary', binary: given });
  });

  it('prefers a mongod on the PATH to a download, wherever it is on the PATH', async () => {
    const env = { PATH: `/nonexistent${path.delimiter}${path.delimiter}${path.dirname(onPath)}` };
    expect(await find(env, BOTH)).toEqual({ source: 'mongod on PATH', binary: onPath });
  });

  it('skips a mongod on the PATH that can’t run', async () => {
    const folderOfNone = path.dirname(executable('none/mongod'));
    chmodSync(path.join(folderOfNone, 'mongod'), 0o644);
    expect(await find({ PATH: folderOfNone }, BOTH)).toMatchObject({ source: 'downloaded' });
  });

  it('prefers a download to the stand-in', async () => {
    expect(await find({}, BOTH)).toEqual({ source: 'downloaded', binary: '/cache/mongod' });
  });

  it('uses the stand-in when nothing can be downloaded', async () => {
    const ways = { ...NONE, standIn: BOTH.standIn };
    expect(await find({}, ways)).toEqual({ source: 'stand-in', binary: '/stand-in/mongod' });
  });

  it('lists every option in plain words when there is none, and why the slow ones failed', async () => {
    await expect(find({}, NONE)).rejects.toThrow(
      [
        'MongoDB wasn’t found and couldn’t be downloaded. Do one of the following:',
        '  - set MONGODB_URI to the address of a running replica set',
        '  - set MONGOMS_SYSTEM_BINARY to the path of a mongod, or put a mongod on the PATH',
        '  - let mongodb-memory-server download one (not possible now: the host can’t be reached)',
        '  - run as root on Debian or Ubuntu, where a stand-in installs itself (not possible now: it needs root)',
      ].join('\n'),
    );
  });

  it('reports a MONGOMS_SYSTEM_BINARY that can’t run instead of skipping it', async () => {
    const env = { MONGOMS_SYSTEM_BINARY: path.join(folder, 'missing'), PATH: path.dirname(onPath) };
    await expect(find(env, BOTH)).rejects.toThrow(
      `MONGOMS_SYSTEM_BINARY is set to ${folder}/missing, which isn’t an executable file.`,
    );
  });

  function find(env: NodeJS.ProcessEnv, ways: SlowWays) {
    return findMongod(env, () => {}, ways);
  }

  function executable(name: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
    return file;
  }
});

describe('the download host', () => {
  it('is reachable when it accepts a connection', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await expect(assertReachable(new URL(`http://127.0.0.1:${port}/x`))).resolves.toBeUndefined();
    server.close();
  });

  it('is unreachable when it refuses one', async () => {
    const port = await freePort();
    await expect(assertReachable(new URL(`http://127.0.0.1:${port}/x`))).rejects.toThrow('127.0.0.1 can’t be reached');
  });

  it('is unreachable when it doesn’t respond in time, or immediately when there is no route', async () => {
    const start = performance.now();
    const unused = new URL('https://192.0.2.1/'); // kept free for documentation: RFC 5737
    await expect(assertReachable(unused, 300)).rejects.toThrow(/didn’t answer within 0.3 s|can’t be reached/);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
