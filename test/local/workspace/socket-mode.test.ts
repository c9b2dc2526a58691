import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { App, SocketModeReceiver } from '@slack/bolt';
import { LogLevel, WebClient } from '@slack/web-api';
import type { LocalWorkspace } from '../../../src/local/workspace/index.ts';
import { FrameReader, frame, TEXT } from '../../../src/local/workspace/socket/frames.ts';
import { GENERAL, makeClient, makeWorkspace, OLGA, plain, refusal, TOKEN } from './support.ts';

const APP_TOKEN = 'xapp-local-token';

let workspace: LocalWorkspace;
let app: App;

beforeEach(async () => {
  workspace = await makeWorkspace({ appToken: APP_TOKEN, timing: { ackMs: 400, eventRetriesMs: [20] } });
  const clientOptions = { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
  });
  app = new App({ token: TOKEN, receiver, clientOptions, logLevel: LogLevel.ERROR, deferInitialization: true });
  await app.init();
});
afterEach(async () => {
  if (workspace.sockets.isConnected) await app.stop();
  await workspace.stop();
});

describe('an app in Socket Mode', () => {
  it('gets commands, and its acknowledgement is shown', async () => {
    app.command('/demo', async ({ ack, command }) => ack(`You said ${command.text}`));
    await app.start();
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo a & b');
    expect(ack).toMatchObject({ status: 200 });
    expect(workspace.as(OLGA).ephemerals(GENERAL).at(-1)?.text).toBe('You said a & b');
  });

  it('gets clicks, submissions and events, as over HTTP', async () => {
    const heard: string[] = [];
    const block = {
      type: 'input' as const,
      block_id: 'name',
      label: plain('Name'),
      element: { type: 'plain_text_input' as const, action_id: 'text' },
    };
    app.command('/demo', async ({ ack, client, command }) => {
      await ack();
      const view = { callback_id: 'f', title: plain('Form'), submit: plain('Send'), blocks: [block] };
      await client.views.open({ trigger_id: command.trigger_id, view: { type: 'modal', ...view } });
    });
    app.view('f', async ({ ack, view }) => {
      heard.push(`view ${view.state.values.name?.text?.value}`);
      await ack({ response_action: 'errors', errors: { name: 'Another one, please' } });
    });
    app.event('app_home_opened', async ({ event }) => void heard.push(`home ${event.user}`));
    await app.start();
    const olga = workspace.as(OLGA);
    await olga.command(GENERAL, '/demo');
    // longer than a frame's length in one or two bytes
    const long = 'ä'.repeat(2_900);
    const { errors } = await olga.submit(await olga.waitForView('Form'), { text: long });
    expect(errors).toEqual({ name: 'Another one, please' });
    await olga.openHome();
    expect(heard).toEqual([`view ${long}`, `home ${OLGA}`]);
  });

  it('shows the person an error without an acknowledgement in time', async () => {
    app.command('/demo', () => new Promise(() => undefined));
    await app.start();
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(ack.error).toBe('operation_timeout');
    expect(workspace.as(OLGA).ephemerals(GENERAL).at(-1)?.text).toContain('operation_timeout');
  });

  it('reconnects when asked', async () => {
    app.command('/demo', async ({ ack }) => ack('Still here'));
    await app.start();
    workspace.sockets.refresh();
    while (workspace.sockets.opened < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const { ack } = await workspace.as(OLGA).command(GENERAL, '/demo');
    expect(ack).toMatchObject({ status: 200, body: { text: 'Still here' } });
  });
});

describe('a connection’s address', () => {
  it('is given only for the app-level token', async () => {
    const open = (token: string) =>
      refusal(
        new WebClient(token, { slackApiUrl: workspace.apiUrl, logLevel: LogLevel.ERROR }).apps.connections.open(),
      );
    expect(await open(TOKEN)).toBe('not_allowed_token_type');
    expect(await open('xapp-another')).toBe('invalid_auth');
  });

  it('can be used for one connection', async () => {
    const opener = new WebClient(APP_TOKEN, { slackApiUrl: workspace.apiUrl, logLevel: LogLevel.ERROR });
    const { url = '' } = await opener.apps.connections.open();
    expect(await upgrade(url)).toBe(101);
    expect(await upgrade(url)).toBe(403);
    expect(await upgrade(url.replace('/link/', '/other/'))).toBe(403);
    // the bot's own calls still use HTTP
    await expect(makeClient(workspace).auth.test()).resolves.toMatchObject({ ok: true });
  });
});

describe('frames', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('of %d bytes arrive as sent', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => i % 251));
    const masked = mask(frame(TEXT, bytes));
    const reader = new FrameReader();
    const cut = Math.floor(masked.length / 2);
    const received = [...reader.push(masked.subarray(0, cut)), ...reader.push(masked.subarray(cut))];
    expect(received).toHaveLength(1);
    expect(received[0]?.payload.equals(bytes)).toBe(true);
  });

  it('without a mask are rejected, since clients must mask', () => {
    expect(() => new FrameReader().push(frame(TEXT, 'hello'))).toThrow('mask');
  });
});

/** As a client would send it. */
function mask(sent: Buffer): Buffer {
  const key = Buffer.from([1, 2, 3, 4]);
  const short = sent.readUInt8(1);
  const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const payload = sent.subarray(head).map((byte, i) => byte ^ (key[i % 4] ?? 0));
  const masked = Buffer.concat([sent.subarray(0, head), key, payload]);
  masked.writeUInt8(short | 0x80, 1);
  return masked;
}

/** The workspace's answer to a client that requests a WebSocket. */
function upgrade(url: string): Promise<number> {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  return new Promise((resolve, reject) => {
    const asked = request(url.replace(/^ws/, 'http'), { headers });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}
