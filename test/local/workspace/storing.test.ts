import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import type { LocalWorkspace } from '../../../src/local/workspace/index.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { GENERAL, makeClient, makeWorkspace, OLGA, TOKEN } from './support.ts';

const CHILD = fileURLToPath(new URL('../children/workspace.ts', import.meta.url));

let folder = '';
let workspace: LocalWorkspace | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storing-'));
});
afterEach(async () => {
  await workspace?.stop();
  workspace = undefined;
  await rm(folder, { recursive: true });
});

it('a message is stored before the call is answered: a kill right after the answer loses nothing', async () => {
  const stateFile = join(folder, 'workspace.json');
  const child = startChild(CHILD, [stateFile]);
  const client = new WebClient(TOKEN, { slackApiUrl: await nextLine(child), retryConfig: { retries: 0 } });
  const texts = ['one', 'two', 'three', 'four', 'five'];
  await Promise.all(texts.map((text) => client.chat.postMessage({ channel: GENERAL, text })));
  child.process.kill('SIGKILL');
  await child.ended;
  workspace = await makeWorkspace({ stateFile });
  const kept = workspace.as(OLGA).messages(GENERAL);
  expect(kept.map(({ text }) => text).sort()).toEqual([...texts].sort());
});

it('an unwritable folder is reported on the page and the call fails, until it can be written again', async () => {
  // a file instead of the folder, since root can write anywhere
  const blocked = join(folder, 'state');
  await writeFile(blocked, '');
  workspace = await makeWorkspace({ stateFile: join(blocked, 'workspace.json') }).catch(() => undefined);
  expect(workspace).toBeUndefined();
  await rm(blocked);
  workspace = await makeWorkspace({ stateFile: join(blocked, 'workspace.json') });
  await rm(blocked, { recursive: true, force: true });
  await writeFile(blocked, '');
  const client = makeClient(workspace);
  const { bench } = workspace;
  await expect(client.chat.postMessage({ channel: GENERAL, text: 'lost?' })).rejects.toMatchObject({
    data: { error: 'internal_error' },
  });
  expect(bench.status().storage_fault).toMatch(/^Messages can't be saved \(ENOTDIR|^Messages can't be saved \(EEXIST/);
  await rm(blocked);
  await mkdir(blocked);
  await client.chat.postMessage({ channel: GENERAL, text: 'kept' });
  expect(bench.status().storage_fault).toBeNull();
});

it('a full disk is reported on the page, no accepted message is lost, and all continues once there is space', async () => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  if (!mounted(disk)) return fileSizeLimit();
  try {
    const stateFile = join(disk, 'workspace.json');
    workspace = await makeWorkspace({ stateFile });
    const client = makeClient(workspace);
    const post = (text: string) => client.chat.postMessage({ channel: GENERAL, text });
    const taken: string[] = [];
    let refused: unknown;
    while (!refused) {
      const text = `${taken.length} ${'x'.repeat(20_000)}`;
      await post(text).then(
        () => taken.push(text),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(taken.length).toBeGreaterThan(0);
    expect(refused).toMatchObject({ data: { error: 'internal_error' } });
    expect(workspace.bench.status().storage_fault).toMatch(/^Messages can't be saved \(the disk is full\)/);
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    await post('there is room');
    expect(workspace.bench.status().storage_fault).toBeNull();
    await workspace.stop();
    workspace = await makeWorkspace({ stateFile });
    const kept = workspace
      .as(OLGA)
      .messages(GENERAL)
      .map(({ text }) => text);
    expect(kept).toEqual(expect.arrayContaining([...taken, 'there is room']));
  } finally {
    await workspace?.stop();
    workspace = undefined;
    execFileSync('umount', [disk]);
  }
});

/** A 1 MB disk in memory, if this process can mount one. */
function mounted(disk: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Otherwise limits the size of files that the process can write, with the same effect. */
async function fileSizeLimit(): Promise<void> {
  const stateFile = join(folder, 'limited.json');
  const script = `trap '' XFSZ; ulimit -f 128; exec "${process.execPath}" --import tsx "${CHILD}" "${stateFile}"`;
  const child = spawn('bash', ['-c', script], { env: { ...process.env, NODE_OPTIONS: '' }, stdio: 'pipe' });
  const ended = once(child, 'exit');
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  const client = new WebClient(TOKEN, { slackApiUrl: String(url), retryConfig: { retries: 0 } });
  const taken: string[] = [];
  for (let isTaken = true; isTaken; ) {
    const text = `${taken.length} ${'x'.repeat(20_000)}`;
    isTaken = await client.chat.postMessage({ channel: GENERAL, text }).then(
      () => taken.push(text) > 0,
      () => false,
    );
  }
  child.kill('SIGKILL');
  await ended;
  workspace = await makeWorkspace({ stateFile });
  const kept = workspace
    .as(OLGA)
    .messages(GENERAL)
    .map(({ text }) => text);
  expect(taken.length).toBeGreaterThan(0);
  expect(kept).toEqual(expect.arrayContaining(taken));
}
