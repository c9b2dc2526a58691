import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ErrorCode } from '@slack/web-api';
import type { Fields } from '../../../src/local/workspace/index.ts';
import { type Bench, FINANCE, FINN, GENERAL, makeBench, OLGA, refusal } from './support.ts';

const EVENING = '2026-10-31T20:00:00Z';

let bench: Bench;
let now: Date;
let resets: number;
let heard: string[];

beforeEach(async () => {
  now = new Date('2026-10-01T08:00:00Z');
  resets = 0;
  heard = [];
  const controls = {
    now: () => now,
    moveClock: async (to: Date) => {
      if (to <= now) throw new Error('The clock can only be set forward.');
      now = to;
    },
    reset: async () => {
      resets += 1;
      now = new Date('2026-10-01T08:00:00Z');
      await bench.workspace.reset();
    },
  };
  bench = await makeBench(
    (app) => {
      app.event('channel_archive', async ({ event }) => void heard.push(`archived ${event.channel} by ${event.user}`));
      app.event('channel_unarchive', async ({ event }) => void heard.push(`back ${event.channel}`));
    },
    { controls, calendar: { now: () => now } },
  );
});
afterEach(() => bench.stop());

/** Changes a panel setting as the page does. */
async function turn(name: string, body: Fields = {}, headers: Record<string, string> = {}): Promise<Fields> {
  const { url } = bench.workspace;
  const response = await fetch(`${url}/-/bench/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Fields;
}

async function status(): Promise<unknown> {
  return (await (await fetch(`${bench.workspace.url}/-/bench`)).json()) as unknown;
}

const post = () => bench.client.chat.postMessage({ channel: GENERAL, text: 'news' });
const fetched = () => bench.client.conversations.history({ channel: GENERAL });

describe('faults from the page', () => {
  it('affect any call if they name none, until they are cleared', async () => {
    await turn('fault', { method: '*', kind: '500', status: 503, times: 'always' });
    for (const call of [post, fetched, post]) {
      await expect(call()).rejects.toMatchObject({ code: ErrorCode.HTTPError, statusCode: 503 });
    }
    expect(await status()).toMatchObject({ bench: { faults: [{ method: '*', status: 503, left: 'always' }] } });
    await turn('clear-faults');
    await expect(post()).resolves.toMatchObject({ ok: true });
  });

  it('are counted down for everybody to see', async () => {
    await turn('fault', { method: 'chat.postMessage', kind: '429', retryAfter: 5, times: 2 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 5 });
    expect(await status()).toMatchObject({ bench: { faults: [{ left: 1 }] } });
    await expect(post()).rejects.toMatchObject({ retryAfter: 5 });
    expect(await status()).toMatchObject({ bench: { faults: [] } });
  });

  it('of an unknown kind are rejected', async () => {
    expect(await turn('fault', { kind: 'flood' })).toMatchObject({ ok: false, error: 'invalid_arguments' });
    expect(await turn('earthquake')).toEqual({ ok: false, error: 'unknown_switch' });
  });

  it('can’t be set by another page', async () => {
    expect(await turn('token', { revoked: true }, { origin: 'http://evil.example' })).toMatchObject({ ok: false });
    expect(await turn('reset', {}, { 'content-type': 'text/plain' })).toMatchObject({ error: 'json_expected' });
    expect(bench.workspace.bench.isRevoked).toBe(false);
    expect(resets).toBe(0);
  });
});

describe('simulated refusals', () => {
  it('a revoked token fails every call until it is restored', async () => {
    await turn('token', { revoked: true });
    expect(await refusal(post())).toBe('token_revoked');
    expect(await refusal(bench.client.auth.test())).toBe('token_revoked');
    await turn('token', { revoked: false });
    await expect(post()).resolves.toMatchObject({ ok: true });
  });

  it('an archived channel fails posts, and the app is notified', async () => {
    await turn('archive', { as: OLGA, channel: GENERAL, archived: true });
    expect(await refusal(post())).toBe('is_archived');
    await expect(bench.workspace.as(OLGA).say(GENERAL, 'hello')).rejects.toThrow('is_archived');
    await expect(fetched()).resolves.toMatchObject({ ok: true });
    expect(await turn('archive', { channel: GENERAL, archived: true })).toMatchObject({ error: 'already_archived' });
    await turn('archive', { channel: GENERAL, archived: false });
    await expect(post()).resolves.toMatchObject({ ok: true });
    expect(heard).toEqual([`archived ${GENERAL} by ${OLGA}`, `back ${GENERAL}`]);
  });
});

describe('the product’s clock', () => {
  it('moves forward, and messages have its time', async () => {
    expect(await turn('clock', { to: EVENING })).toMatchObject({ ok: true });
    const { ts = '' } = await post();
    expect(Number(ts)).toBe(Date.parse(EVENING) / 1000);
    const { bench: shown } = Object(await status());
    expect(Math.round((shown.ahead_ms - (Date.parse(EVENING) - Date.now())) / 1000)).toBe(0);
  });

  it('never goes back', async () => {
    expect(await turn('clock', { to: '2026-09-30T00:00:00Z' })).toMatchObject({
      ok: false,
      error: 'The clock can only be set forward.',
    });
    expect(await turn('clock', { to: 'soon' })).toMatchObject({ ok: false, error: expect.stringContaining('invalid') });
  });
});

describe('a reset', () => {
  it('removes all messages, and time may be earlier again', async () => {
    await bench.workspace.as(FINN).upload(FINANCE, 'costs.csv', 'a,b');
    const file = bench.workspace.as(FINN).messages(FINANCE).at(-1)?.files?.[0];
    if (!file) throw new Error('no file');
    await turn('clock', { to: EVENING });
    await turn('fault', { kind: '500' });
    await turn('token', { revoked: true });
    expect(await turn('reset')).toMatchObject({ ok: true, bench: { faults: [], revoked: false } });
    expect(resets).toBe(1);
    expect(bench.workspace.as(FINN).messages(FINANCE)).toEqual([]);
    expect(await bench.workspace.fileBytes(file)).toBeUndefined();
    const { ts = '' } = await post();
    expect(Number(ts)).toBeLessThan(Date.parse(EVENING) / 1000);
  });
});

describe('a workspace without a clock to control', () => {
  it('offers neither clock nor reset', async () => {
    await bench.stop();
    bench = await makeBench();
    expect(await status()).toMatchObject({ bench: { has_clock: false, ahead_ms: 0 } });
    expect(await turn('clock', { to: EVENING })).toMatchObject({ error: 'no_clock' });
    expect(await turn('reset')).toMatchObject({ error: 'no_clock' });
  });
});
