import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ErrorCode, type WebClient } from '@slack/web-api';
import type { LocalWorkspace } from '../../../src/local/workspace/index.ts';
import { FINANCE, GENERAL, makeClient, makeWorkspace } from './support.ts';

let workspace: LocalWorkspace;
let client: WebClient;
let now: number;

beforeEach(async () => {
  now = Date.parse('2026-10-01T12:00:00Z');
  workspace = await makeWorkspace({ rateLimits: true, clock: { now: () => new Date(now) } });
  client = makeClient(workspace);
});
afterEach(() => workspace.stop());

/** Calls until one is rejected. @returns how many succeeded, and how long Slack asks us to wait */
async function callsUntilRefused(call: () => Promise<unknown>): Promise<{ done: number; retryAfter: number }> {
  for (let done = 0; done < 1_000; done += 1) {
    try {
      await call();
    } catch (error) {
      expect(error).toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: expect.any(Number) });
      return { done, retryAfter: Number(Object(error).retryAfter) };
    }
  }
  throw new Error('No call was refused');
}

describe('rate limits', () => {
  it.each([
    ['tier 2', 20, () => client.users.list({})],
    ['tier 3', 50, () => client.conversations.history({ channel: GENERAL })],
    ['tier 4', 100, () => client.users.info({ user: 'U0OLGA' })],
  ])('%s: a number of calls per method and minute, then 429 with the time to wait', async (_, most, call) => {
    expect(await callsUntilRefused(call)).toEqual({ done: most, retryAfter: 60 });
    now += 59_000;
    await expect(call()).rejects.toMatchObject({ retryAfter: 1 });
    now += 1_000;
    await expect(call()).resolves.toMatchObject({ ok: true });
  });

  it('count each method separately', async () => {
    await callsUntilRefused(() => client.users.list({}));
    await expect(client.usergroups.list({})).resolves.toMatchObject({ ok: true });
  });

  it('chat.postMessage: a short burst, then one per second and channel', async () => {
    const post = (channel = GENERAL) => client.chat.postMessage({ channel, text: 'news' });
    expect(await callsUntilRefused(post)).toEqual({ done: 5, retryAfter: 1 });
    await expect(post(FINANCE)).resolves.toMatchObject({ ok: true });
    now += 1_000;
    await expect(post()).resolves.toMatchObject({ ok: true });
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError });
  });

  it('are off by default, and can be switched on', async () => {
    workspace.bench.setRateLimits(false);
    for (let call = 0; call < 30; call += 1) await client.users.list({});
    workspace.bench.setRateLimits(true);
    expect(await callsUntilRefused(() => client.users.list({}))).toEqual({ done: 20, retryAfter: 60 });
  });
});

describe('the limits for reading of apps outside the Marketplace', () => {
  beforeEach(async () => {
    workspace.bench.setRateLimits(false);
    for (let count = 0; count < 40; count += 1) await workspace.as('U0OLGA').say(GENERAL, `message ${count}`);
    workspace.bench.setHistoryLimits(true);
  });

  it('allow one call a minute, of 15 messages at most, with a cursor for the rest', async () => {
    const first = await client.conversations.history({ channel: GENERAL, limit: 100 });
    expect(first.messages).toHaveLength(15);
    expect(first.has_more).toBe(true);
    const cursor = first.response_metadata?.next_cursor ?? '';
    const next = () => client.conversations.history({ channel: GENERAL, cursor });
    await expect(next()).rejects.toMatchObject({ retryAfter: 60 });
    now += 60_000;
    expect((await next()).messages).toHaveLength(15);
  });

  it('count each method and workspace on its own, and nothing else', async () => {
    const { messages = [] } = await client.conversations.history({ channel: GENERAL, limit: 1 });
    const replies = () => client.conversations.replies({ channel: GENERAL, ts: messages[0]?.ts ?? '' });
    await replies();
    await expect(replies()).rejects.toMatchObject({ retryAfter: 60 });
    for (let count = 0; count < 60; count += 1) await client.users.info({ user: 'U0OLGA' });
  });
});
