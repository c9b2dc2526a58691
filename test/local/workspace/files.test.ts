import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LocalWorkspace } from '../../../src/local/workspace/index.ts';
import {
  FINANCE,
  FINN,
  GENERAL,
  gather,
  makeBench,
  makeClient,
  makeWorkspace,
  OLGA,
  refusal,
  TOKEN,
} from './support.ts';

const CSV = 'Service,Cost\nCompute,12.50\nLöschen,0.10\n';
const open: { stop: () => Promise<void> }[] = [];
const workspaceFor = async (stateFile?: string): Promise<LocalWorkspace> => {
  const made = await makeWorkspace(stateFile === undefined ? {} : { stateFile });
  open.push(made);
  return made;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((it) => it.stop()));
});

describe('the app’s file', () => {
  it('is uploaded in three steps, and downloaded with the token', async () => {
    const workspace = await workspaceFor();
    const client = makeClient(workspace);
    await client.filesUploadV2({
      channel_id: FINANCE,
      initial_comment: 'The lines',
      filename: 'lines.csv',
      title: 'Lines of March',
      file: Buffer.from(CSV),
    });
    const [message] = workspace.as(FINN).messages(FINANCE);
    expect(message).toMatchObject({
      text: 'The lines',
      files: [{ name: 'lines.csv', title: 'Lines of March', mimetype: 'text/csv' }],
    });
    const { file } = await client.files.info({ file: message?.files?.[0]?.id ?? '' });
    expect(file).toMatchObject({ size: Buffer.byteLength(CSV), channels: [FINANCE] });
    const url = file?.url_private_download ?? '';
    const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await response.text()).toBe(CSV);
    const stranger = await fetch(url);
    expect(stranger.headers.get('content-type')).toBe('text/html');
    expect(await stranger.text()).not.toContain('Compute');
  });

  it('is refused if its bytes were never sent, or for a channel that doesn’t exist', async () => {
    const client = makeClient(await workspaceFor());
    const { file_id: id = '' } = await client.files.getUploadURLExternal({ filename: 'a.csv', length: 3 });
    const complete = (channel_id: string) => client.files.completeUploadExternal({ files: [{ id }], channel_id });
    expect(await refusal(complete(FINANCE))).toBe('file_not_found');
    expect(await refusal(complete('C0NOWHERE'))).toBe('channel_not_found');
    expect(await refusal(client.files.info({ file: 'F0NOTHING' }))).toBe('file_not_found');
  });
});

describe('a person’s file', () => {
  it('sends an event to the app, which can read it', async () => {
    const read = gather<string>(1);
    const bench = await makeBench((app) => {
      app.event('file_shared', async ({ event, client }) => {
        const { file } = await client.files.info({ file: event.file_id });
        const response = await fetch(file?.url_private_download ?? '', {
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        read.heard(`${event.user_id} ${event.channel_id} ${await response.text()}`);
      });
    });
    open.push(bench);
    const olga = bench.workspace.as(OLGA);
    await olga.upload(GENERAL, 'costs.csv', CSV);
    expect(await read.all).toEqual([`${OLGA} ${GENERAL} ${CSV}`]);
    expect(olga.messages(GENERAL)[0]).toMatchObject({
      subtype: 'file_share',
      files: [{ name: 'costs.csv', user: OLGA }],
    });
  });
});

describe('a state file', () => {
  it('keeps messages, channels and files between runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'workspace-'));
    const stateFile = join(folder, 'state', 'workspace.json');
    const first = await workspaceFor(stateFile);
    const file = await first.as(OLGA).upload(GENERAL, 'costs.csv', CSV);
    await makeClient(first).chat.postMessage({ channel: FINN, text: 'psst' });
    const last = await first.as(OLGA).say(GENERAL, 'until later');
    await open.pop()?.stop();
    const second = await workspaceFor(stateFile);
    expect(
      second
        .as(FINN)
        .messages(GENERAL)
        .map((it) => it.text),
    ).toEqual(['', 'until later']);
    expect(
      second
        .as(FINN)
        .messages(second.as(FINN).directMessage())
        .map((it) => it.text),
    ).toEqual(['psst']);
    const kept = second.state.files.get(file.id);
    const response = await fetch(kept?.url_private_download ?? '', { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await response.text()).toBe(CSV);
    expect((await second.as(OLGA).say(GENERAL, 'back again')).ts > last.ts).toBe(true);
    await open.pop()?.stop();
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toHaveProperty('messages.length', 4);
    await rm(folder, { recursive: true });
  });
});
