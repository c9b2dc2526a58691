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

  it('takes MONGOMS_SYSTEM_BINARY before a mongod on the PATH', async () => {
    const env = { MONGOMS_SYSTEM_BINARY: given, PATH: path.dirname(onPath) };
    expect(await find(env, BOTH)).toEqual({ source: 'system binary', binary: given });
  });

  it('takes a mongod on the PATH before a download, wherever it stands there', async () => {
    const env = { PATH: `/nonexistent${path.delimiter}${path.delimiter}${path.dirname(onPath)}` };
    expect(await find(env, BOTH)).toEqual({ source: 'mongod on PATH', binary: onPath });
  });

  it('passes over a mongod on the PATH that cannot be run', async () => {
    const folderOfNone = path.dirname(executable('none/mongod'));
    chmodSync(path.join(folderOfNone, 'mongod'), 0o644);
    expect(await find({ PATH: folderOfNone }, BOTH)).toMatchObject({ source: 'downloaded' });
  });

  it('takes the download before the stand-in', async () => {
    expect(await find({}, BOTH)).toEqual({ source: 'downloaded', binary: '/cache/mongod' });
  });

  it('takes the stand-in when nothing can be downloaded', async () => {
    const ways = { ...NONE, standIn: BOTH.standIn };
    expect(await find({}, ways)).toEqual({ source: 'stand-in', binary: '/stand-in/mongod' });
  });

  it('lists every choice in plain words when there is none, and why the slow ones failed', async () => {
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

  it('does not pass over a MONGOMS_SYSTEM_BINARY that cannot be run, but names it', async () => {
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

describe('the host of the download', () => {
  it('counts as reached when it accepts a connection', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await expect(assertReachable(new URL(`http://127.0.0.1:${port}/x`))).resolves.toBeUndefined();
    server.close();
  });

  it('counts as out of reach when it refuses', async () => {
    const port = await freePort();
    await expect(assertReachable(new URL(`http://127.0.0.1:${port}/x`))).rejects.toThrow('127.0.0.1 can’t be reached');
  });

  it('is given up when nothing comes back in time, or at once where there is no way to it', async () => {
    const start = performance.now();
    const unused = new URL('https://192.0.2.1/'); // kept free for documentation: RFC 5737
    await expect(assertReachable(unused, 300)).rejects.toThrow(/didn’t answer within 0.3 s|can’t be reached/);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
