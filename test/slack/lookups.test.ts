import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { LookupUnfinished } from '../../src/services/notices/send-once.ts';
import { LookupPace } from '../../src/slack/web-api/lookup-pace.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { type SlackApiStandIn, startSlackApi } from '../support/slack/slack-api.ts';

const SINCE = new Date('2026-03-20T12:00:00Z');
const UNTIL = new Date('2026-03-20T12:00:20Z');
const EARLIER = { since: SINCE, until: UNTIL };
let api: SlackApiStandIn;
let messenger: Messenger;
let now = 0;
let askedAt = Number.NEGATIVE_INFINITY;

/** Thirty messages from others and then ours, in a Slack that answers once a minute with fifteen at a time. */
beforeEach(async () => {
  api = await startSlackApi();
  now = 0;
  askedAt = Number.NEGATIVE_INFINITY;
  const client = new WebClient('xoxb-test', {
    slackApiUrl: api.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  messenger = new Messenger(client, new LookupPace(() => now));
  api.answer('conversations.history', ({ args }) => {
    if (now - askedAt < 60_000) return { status: 429, headers: { 'retry-after': '60' }, body: { ok: false } };
    askedAt = now;
    const from = Number(args.cursor ?? 0);
    const all = Array.from({ length: 31 }, (_, at) => ({
      ts: `${at}.0`,
      ...(at === 30 && { metadata: { event_type: 'billing_news', event_payload: { key: 'mine' } } }),
    }));
    const next = from + 15 < all.length ? String(from + 15) : '';
    return { body: { ok: true, messages: all.slice(from, from + 15), response_metadata: { next_cursor: next } } };
  });
  api.answer('chat.postMessage', { body: { ok: true, ts: '99.0' } });
});
afterEach(() => api.close());

const look = (channelId: string, cursor?: string) =>
  messenger.find({ channelId }, 'mine', { ...EARLIER, cursor }).catch((error: unknown) => error);

describe('when Slack allows one channel lookup per minute', () => {
  it('a lookup covers the time in which the message was sent, and continues at its cursor', async () => {
    const first = await look('C1');
    expect(first).toMatchObject({ name: 'LookupUnfinished', cursor: '15', retryAfter: 60 });
    now = 60_000;
    const second = await look('C1', '15');
    expect(second).toMatchObject({ name: 'LookupUnfinished', cursor: '30', retryAfter: 60 });
    now = 120_000;
    expect(await look('C1', '30')).toBe('30.0');
    const calls = api.callsOf('conversations.history');
    expect(calls[0]?.args).toMatchObject({
      limit: '15',
      oldest: String(SINCE.getTime() / 1000 - 120),
      latest: String(UNTIL.getTime() / 1000 + 120),
    });
    // the call that got 429 revealed the limit; no other came too early
    expect(calls).toHaveLength(4);
  });

  it('lookups in other channels wait without a call, and messages don’t wait at all', async () => {
    await look('C1');
    const before = api.callsOf('conversations.history').length;
    now = 30_000;
    expect(await look('C2')).toBeInstanceOf(LookupUnfinished);
    expect(api.callsOf('conversations.history')).toHaveLength(before);
    expect(await messenger.post({ channelId: 'C2' }, { text: 'x', blocks: [] }, 'other')).toBe('99.0');
  });

  it('an early search is made only as long as the limit isn’t known, and never fails for it', async () => {
    const early = { ...EARLIER, isEarly: true };
    expect(await messenger.find({ channelId: 'C1' }, 'mine', early)).toBeUndefined();
    expect(api.callsOf('conversations.history')).toHaveLength(2);
    now = 120_000;
    expect(await messenger.find({ channelId: 'C1' }, 'mine', early)).toBeUndefined();
    expect(api.callsOf('conversations.history')).toHaveLength(2);
  });
});
