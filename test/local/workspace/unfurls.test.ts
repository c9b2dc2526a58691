import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LinkSharedEvent } from '@slack/types';
import { type Bench, FINN, GENERAL, makeBench, OLGA, refusal, refused, SECRETS, section } from './support.ts';

const LINK = 'https://billing.example.com/invoices/1?a=1&b=2';
let bench: Bench;
let heard: LinkSharedEvent[] = [];
const clicked: object[] = [];

beforeEach(async () => {
  heard = [];
  clicked.length = 0;
  bench = await makeBench(
    (app) => {
      app.event('link_shared', async ({ event }) => void heard.push(event));
      app.action('view', async ({ ack, body }) => {
        await ack();
        clicked.push(body);
      });
    },
    { unfurlDomains: ['example.com'] },
  );
});
afterEach(() => bench.stop());

const say = (text: string, channel = GENERAL) => bench.workspace.as(OLGA).say(channel, text);
const attachments = () => bench.workspace.as(OLGA).messages(GENERAL).at(-1)?.attachments;
const unfurls = { [LINK]: { blocks: [section('*Invoice 1*')] } };

describe('a link of the app’s domains', () => {
  it('is reported with the message, once for each address', async () => {
    const { ts, text } = await say(`See ${LINK}, again ${LINK}, and https://other.org/x.`);
    expect(text).toContain('<https://billing.example.com/invoices/1?a=1&amp;b=2>, again');
    expect(heard).toMatchObject([
      {
        ...{ type: 'link_shared', user: OLGA, channel: GENERAL, message_ts: ts, source: 'conversations_history' },
        ...{ links: [{ url: LINK, domain: 'example.com' }], is_bot_user_member: true },
      },
    ]);
    await say('https://notexample.com/ and no link');
    expect(heard).toHaveLength(1);
  });

  it('is reported from channels without the bot, too', async () => {
    await say(LINK, SECRETS);
    expect(heard).toMatchObject([{ channel: SECRETS, is_bot_user_member: false }]);
  });

  it('is unfurled below its message, by the channel or by the event’s ID', async () => {
    const { ts } = await say(LINK);
    await bench.client.chat.unfurl({ channel: GENERAL, ts, unfurls });
    expect(attachments()).toMatchObject([
      { id: 1, from_url: LINK, is_app_unfurl: true, blocks: [section('*Invoice 1*')] },
    ]);
    const changed = { [LINK]: { title: 'Invoice 1', text: 'Paid' } };
    const [{ unfurl_id = '' } = {}] = heard;
    await bench.client.apiCall('chat.unfurl', {
      unfurl_id,
      source: 'conversations_history',
      unfurls: JSON.stringify(changed),
    });
    expect(attachments()).toMatchObject([{ id: 1, from_url: LINK, title: 'Invoice 1', text: 'Paid' }]);
  });

  it('can ask the author to log in, where only they see it', async () => {
    const { ts } = await say(LINK);
    const asked = {
      user_auth_required: true,
      user_auth_message: 'Connect',
      user_auth_url: 'https://example.com/login',
    };
    await bench.client.apiCall('chat.unfurl', { channel: GENERAL, ts, ...asked });
    expect(bench.workspace.as(OLGA).ephemerals(GENERAL)).toMatchObject([
      { text: 'Connect <https://example.com/login>' },
    ]);
    expect(bench.workspace.as(FINN).ephemerals(GENERAL)).toEqual([]);
  });

  it('has buttons, whose clicks name the unfurl', async () => {
    const { ts } = await say(LINK);
    const button = { type: 'button' as const, action_id: 'view', text: { type: 'plain_text' as const, text: 'View' } };
    const blocks = [{ type: 'actions' as const, elements: [button] }];
    await bench.client.chat.unfurl({ channel: GENERAL, ts, unfurls: { [LINK]: { blocks } } });
    const message = bench.workspace.as(FINN).messages(GENERAL).at(-1);
    if (!message) throw new Error('There is no message');
    await bench.workspace.as(FINN).click({ message, actionId: 'view' });
    expect(clicked).toMatchObject([
      {
        container: { type: 'message_attachment', message_ts: ts, is_app_unfurl: true, app_unfurl_url: LINK },
        app_unfurl: { id: 1, from_url: LINK },
        user: { id: FINN },
      },
    ]);
  });
});

describe('chat.unfurl refuses', () => {
  const unfurl = (args: object) => refusal(bench.client.apiCall('chat.unfurl', { channel: GENERAL, ...args }));

  it.each([
    ['no time', { unfurls }, 'missing_ts'],
    ['no unfurls', { ts: 'sent' }, 'missing_unfurls'],
    ['unfurls that aren’t JSON', { ts: 'sent', unfurls: 'x' }, 'invalid_unfurls_format'],
    ['another message', { ts: '1.000001', unfurls }, 'cannot_find_message'],
    ['a channel that it can’t find', { channel: 'C0NONE', ts: 'sent', unfurls }, 'cannot_find_channel'],
    [
      'an address that isn’t in the message',
      { ts: 'sent', unfurls: { 'https://example.com/2': {} } },
      'cannot_unfurl_message',
    ],
    [
      'an address of another domain',
      { ts: 'sent', unfurls: { 'https://other.org/x': { text: 'x' } } },
      'cannot_unfurl_url',
    ],
    ['an empty unfurl', { ts: 'sent', unfurls: { [LINK]: {} } }, 'cannot_parse_attachment'],
    ['an ID without its source', { unfurl_id: 'sent', unfurls }, 'missing_source'],
    ['an ID that it didn’t send', { unfurl_id: 'x', source: 'composer', unfurls }, 'invalid_unfurl_id'],
  ])('%s', async (_what, args, expected) => {
    const { ts } = await say(`${LINK} https://other.org/x`);
    const given: { ts?: string; unfurls?: unknown } = args;
    const filled = { ...given, ...(given.ts === 'sent' && { ts }) };
    expect(
      await unfurl({ ...filled, ...(typeof given.unfurls === 'object' && { unfurls: JSON.stringify(given.unfurls) }) }),
    ).toBe(expected);
    expect(attachments()).toBeUndefined();
  });

  it('blocks that break Slack’s limits', async () => {
    const { ts } = await say(LINK);
    const bad = { [LINK]: { blocks: [section('x'.repeat(3_001))] } };
    const call = bench.client.apiCall('chat.unfurl', { channel: GENERAL, ts, unfurls: JSON.stringify(bad) });
    expect(await refused(call)).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: { messages: [expect.stringContaining('must be less than 3001 characters')] },
    });
  });
});
