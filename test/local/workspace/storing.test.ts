import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it('a disk that takes nothing is told on the page, the call fails, and both end once it can be written again', async () => {
  // a file where the folder should be: root may write wherever it is not allowed to
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
