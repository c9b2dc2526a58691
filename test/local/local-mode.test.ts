import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BenchStatus, Message, Snapshot } from '../../src/local/workspace/index.ts';
import { startChild } from '../support/children.ts';
import { type LocalModeProcess, startLocalMode } from '../support/local-mode.ts';

const OWNER = 'U0OLIVIA';
const FINANCE = 'C0FINANCE';
const GENERAL = 'C0GENERAL';
const DAY_MS = 86_400_000;

let local: LocalModeProcess;

beforeAll(async () => {
  local = await startLocalMode();
}, 480_000);
afterAll(async () => {
  await local.stop();
}, 30_000);

async function turn(name: string, body: object = {}): Promise<{ ok: boolean; error?: string; bench: BenchStatus }> {
  const headers = { 'content-type': 'application/json', origin: local.url };
  const response = await fetch(`${local.url}/-/bench/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return JSON.parse(await response.text());
}

async function status(): Promise<BenchStatus> {
  const { bench } = JSON.parse(await (await fetch(`${local.url}/-/bench`)).text());
  return bench;
}

/** The snapshot for the owner's page. */
async function snapshot(): Promise<Snapshot> {
  const ending = new AbortController();
  const response = await fetch(`${local.url}/-/stream?as=${OWNER}`, { signal: ending.signal });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes('\n\n')) break;
  }
  ending.abort();
  return JSON.parse(text.slice(text.indexOf('data: ') + 6, text.indexOf('\n\n')));
}

/** The messages in a channel once there is a matching one. */
async function messagesWith(channel: string, isIt: (message: Message) => boolean): Promise<Message[]> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const messages = (await snapshot()).messages.filter((message) => message.channel === channel);
    if (messages.some(isIt)) return messages;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`No such message in ${channel}:\n${local.output()}`);
}

const whole = (message: Message) => `${message.text} ${JSON.stringify(message.blocks ?? [])}`;

/** These tests tell one story, in this order. */
describe('local mode', () => {
  it('shows a page immediately, and creates its sample data in the background', async () => {
    await local.says('The sample data is ready');
    const general = await messagesWith(GENERAL, (message) => message.text.startsWith('The sample data is ready'));
    expect(general).toHaveLength(1);
    expect(await status()).toMatchObject({ has_clock: true, busy: null });
    expect(Math.abs((await status()).ahead_ms)).toBeLessThan(5_000);
  }, 480_000);

  it('has notified the finance channel of the last month, on time', async () => {
    const told = await messagesWith(FINANCE, (message) => whole(message).includes('Production'));
    const invoice = told.find((message) => whole(message).includes('Production'));
    const at = new Date(Number(invoice?.ts) * 1000);
    expect(Date.now() - at.getTime()).toBeGreaterThan(0);
    // the first days of the current month, unless the run starts on these days
    if (new Date().getUTCDate() > 4) expect(at.getUTCDate()).toBeLessThanOrEqual(3);
  }, 480_000);

  it('listens only on loopback', async () => {
    const { port } = new URL(local.url);
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one && !one.internal && one.family === 'IPv4');
    for (const one of outside) await expect(fetch(`http://${one?.address}:${port}/`)).rejects.toThrow();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('closes the month when its clock is set forward, and the clock never goes back', async () => {
    const now = new Date();
    const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 3));
    const { bench } = await turn('clock', { to: next.toISOString() });
    expect(bench.ahead_ms).toBeGreaterThan(DAY_MS);
    const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(now);
    const told = await messagesWith(FINANCE, (message) => whole(message).includes(month));
    expect(told.length).toBeGreaterThan(0);
    expect(await turn('clock', { to: now.toISOString() })).toMatchObject({
      ok: false,
      error: 'The clock can only be set forward.',
    });
    expect((await status()).ahead_ms).toBeGreaterThan(DAY_MS);
  }, 480_000);

  it('refuses a data folder that another local mode uses, in one sentence, and changes nothing in it', async () => {
    const second = startChild('src/bin/server.ts', [], {
      ...{ DATA_DIR: local.dataDir, LOCAL_PORT: '0', MONGODB_URI: '', TEST_MONGODB_URI: '', NODE_ENV: 'development' },
    });
    const sentence = `DATA_DIR ${local.dataDir} is in use by another local mode (process \\d+)\\. Stop it, or set DATA_DIR to another folder\\.`;
    expect(await second.ended).toBe(78);
    expect(second.errors()).toMatch(new RegExp(`^${sentence.replace(/[()]/g, '\\$&')}\n$`));
  });

  it('resets clock, messages and data', async () => {
    expect(await turn('reset')).toMatchObject({ ok: true });
    expect((await snapshot()).messages.filter((message) => message.channel === FINANCE)).toEqual([]);
    await messagesWith(GENERAL, (message) => message.text.startsWith('The sample data is ready'));
    expect(Math.abs((await status()).ahead_ms)).toBeLessThan(5_000);
    const told = await messagesWith(FINANCE, (message) => whole(message).includes('Production'));
    expect(told.filter((message) => whole(message).includes('ACME-1 '))).toEqual([]);
  }, 480_000);
});

describe('local mode in production', () => {
  it('never starts, even if everything else is right for it', async () => {
    await expect(startLocalMode({ NODE_ENV: 'production' })).rejects.toThrow('SLACK_BOT_TOKEN is missing');
  });
});
