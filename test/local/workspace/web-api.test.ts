import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { BOT_USER_ID, type LocalWorkspace } from '../../../src/local/workspace/index.ts';
import {
  FINANCE,
  FINN,
  GENERAL,
  makeClient,
  makeWorkspace,
  OLGA,
  refusal,
  refused,
  SECRETS,
  section,
} from './support.ts';

let workspace: LocalWorkspace;
let client: WebClient;

beforeAll(async () => {
  workspace = await makeWorkspace();
  client = makeClient(workspace);
});
afterAll(() => workspace.stop());

async function post(method: string, body: string, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${workspace.apiUrl}${method}`, { method: 'POST', body, headers });
  return response.json();
}

describe('the Web API', () => {
  it('requires the right token', async () => {
    expect(await post('auth.test', '', {})).toEqual({ ok: false, error: 'not_authed' });
    expect(await post('auth.test', '', { authorization: 'Bearer xoxb-other' })).toEqual({
      ok: false,
      error: 'invalid_auth',
    });
    expect(await client.auth.test()).toMatchObject({
      ok: true,
      user_id: BOT_USER_ID,
      team: 'Acme',
      team_id: 'T0LOCAL',
    });
  });

  it('accepts forms and JSON', async () => {
    const authorization = 'Bearer xoxb-local-token';
    const json = { authorization, 'content-type': 'application/json; charset=utf-8' };
    const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const blocks = [section('as blocks')];
    await post('chat.postMessage', JSON.stringify({ channel: FINANCE, text: 'a', blocks }), json);
    await post(
      'chat.postMessage',
      `channel=${FINANCE}&text=b&blocks=${encodeURIComponent(JSON.stringify(blocks))}`,
      form,
    );
    const [first, second] = workspace.as(FINN).messages(FINANCE);
    expect([first?.text, second?.text]).toEqual(['a', 'b']);
    expect(second?.blocks?.[0]).toMatchObject(section('as blocks'));
  });

  it('reports unknown methods', async () => {
    expect(await refusal(client.apiCall('chat.fly'))).toBe('unknown_method');
    expect(await refusal(client.apiCall('toString'))).toBe('unknown_method');
  });

  it('answers only to its own host name, so that DNS rebinding can’t reach it', async () => {
    const { request } = await import('node:http');
    const { port } = new URL(workspace.url);
    const status = await new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/api/api.test', headers: { host: `evil.example:${port}` } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('does not start in production', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    await expect(makeWorkspace()).rejects.toThrow('NODE_ENV=production');
    process.env.NODE_ENV = before;
  });
});

describe('chat', () => {
  it('posts, updates and deletes the bot’s messages, and nobody else’s', async () => {
    const posted = await client.chat.postMessage({ channel: GENERAL, text: 'first', blocks: [section('first')] });
    const at = { channel: GENERAL, ts: posted.ts ?? '' };
    await client.chat.update({ ...at, text: 'second' });
    const [message] = workspace.as(OLGA).messages(GENERAL);
    expect(message).toMatchObject({ text: 'second', user: BOT_USER_ID, blocks: [section('first')] });
    await client.chat.delete(at);
    expect(workspace.as(OLGA).messages(GENERAL)).toEqual([]);
    expect(await refusal(client.chat.update({ ...at, text: 'third' }))).toBe('message_not_found');
    const said = await workspace.as(OLGA).say(GENERAL, 'mine');
    expect(await refusal(client.chat.update({ channel: GENERAL, ts: said.ts, text: 'yours' }))).toBe(
      'cant_update_message',
    );
    expect(await refusal(client.chat.delete({ channel: GENERAL, ts: said.ts }))).toBe('cant_delete_message');
  });

  it('rejects channels it can’t post to', async () => {
    const to = (channel: string) => refusal(client.chat.postMessage({ channel, text: 'x' }));
    expect(await to('C0NOWHERE')).toBe('channel_not_found');
    expect(await to(SECRETS)).toBe('channel_not_found');
    const general = workspace.state.channels.get(GENERAL);
    if (!general) throw new Error('no channel');
    workspace.state.putChannel({ ...general, id: 'C0OLD', is_archived: true });
    workspace.state.putChannel({ ...general, id: 'C0OPEN', members: [OLGA] });
    expect(await to('C0OLD')).toBe('is_archived');
    expect(await to('C0OPEN')).toBe('not_in_channel');
    expect(await refusal(client.chat.postMessage({ channel: GENERAL, text: '' }))).toBe('no_text');
    expect(await refusal(client.chat.postMessage({ channel: GENERAL, text: 'x'.repeat(40_001) }))).toBe('msg_too_long');
  });

  it('posts to a person in their direct message', async () => {
    const { channel } = await client.chat.postMessage({ channel: FINN, text: 'psst' });
    expect(channel).toBe(workspace.as(FINN).directMessage());
    expect(
      workspace
        .as(FINN)
        .messages(channel ?? '')
        .map((it) => it.text),
    ).toEqual(['psst']);
    const opened = await client.conversations.open({ users: FINN });
    expect(opened.channel?.id).toBe(channel);
  });

  it('shows an ephemeral message to one member of the channel', async () => {
    await client.chat.postEphemeral({ channel: FINANCE, user: FINN, text: 'for you' });
    expect(
      workspace
        .as(FINN)
        .ephemerals(FINANCE)
        .map((it) => it.text),
    ).toEqual(['for you']);
    const stranger = client.chat.postEphemeral({ channel: FINANCE, user: OLGA, text: 'not for you' });
    expect(await refusal(stranger)).toBe('user_not_in_channel');
  });

  it('rejects blocks that Slack would reject, and says where', async () => {
    const answer = await refused(
      client.chat.postMessage({ channel: GENERAL, text: 'x', blocks: [section('fine'), section('x'.repeat(3001))] }),
    );
    expect(answer).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]'] },
    });
  });

  it('returns a permalink', async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: GENERAL, text: 'here' });
    const { permalink } = await client.chat.getPermalink({ channel: GENERAL, message_ts: ts });
    expect(permalink).toBe(`${workspace.url}/archives/${GENERAL}/p${ts.replace('.', '')}`);
  });
});

describe('conversations', () => {
  it('returns history newest first, in pages, with metadata on request', async () => {
    const own = await makeWorkspace();
    const bot = makeClient(own);
    for (const number of [1, 2, 3, 4, 5]) {
      const metadata = { event_type: 'billing_event', event_payload: { id: `evt_${number}` } };
      await bot.chat.postMessage({ channel: GENERAL, text: `m${number}`, metadata });
    }
    const plainOnes = await bot.conversations.history({ channel: GENERAL });
    expect(plainOnes.messages?.map((it) => it.text)).toEqual(['m5', 'm4', 'm3', 'm2', 'm1']);
    expect(plainOnes.messages?.[0]?.metadata).toBeUndefined();
    const found: unknown[] = [];
    let cursor = '';
    do {
      const page = await bot.conversations.history({ channel: GENERAL, limit: 2, include_all_metadata: true, cursor });
      found.push(page.messages?.map((it) => it.metadata?.event_payload));
      cursor = page.response_metadata?.next_cursor ?? '';
    } while (cursor !== '');
    expect(found).toEqual([[{ id: 'evt_5' }, { id: 'evt_4' }], [{ id: 'evt_3' }, { id: 'evt_2' }], [{ id: 'evt_1' }]]);
    await own.stop();
  });

  it('limits history by time, including the ends only when inclusive', async () => {
    const own = await makeWorkspace();
    const bot = makeClient(own);
    const stamps: string[] = [];
    for (const text of ['a', 'b', 'c']) stamps.push((await bot.chat.postMessage({ channel: GENERAL, text })).ts ?? '');
    const [oldest = '', , latest = ''] = stamps;
    const texts = async (inclusive: boolean) => {
      const { messages } = await bot.conversations.history({ channel: GENERAL, oldest, latest, inclusive });
      return messages?.map((it) => it.text).join('');
    };
    expect(await texts(false)).toBe('b');
    expect(await texts(true)).toBe('cba');
    await own.stop();
  });

  it('keeps threads apart from the channel', async () => {
    const own = await makeWorkspace();
    const bot = makeClient(own);
    const { ts = '' } = await bot.chat.postMessage({ channel: GENERAL, text: 'root' });
    await bot.chat.postMessage({ channel: GENERAL, text: 'reply', thread_ts: ts });
    const { messages } = await bot.conversations.history({ channel: GENERAL });
    expect(messages).toMatchObject([{ text: 'root', reply_count: 1 }]);
    const replies = await bot.conversations.replies({ channel: GENERAL, ts });
    expect(replies.messages?.map((it) => it.text)).toEqual(['root', 'reply']);
    expect(await refusal(bot.conversations.replies({ channel: GENERAL, ts: '1.000000' }))).toBe('thread_not_found');
    await own.stop();
  });

  it('hides private channels that the bot isn’t in', async () => {
    const own = await makeWorkspace();
    const bot = makeClient(own);
    const { channels } = await bot.conversations.list({ types: 'public_channel,private_channel' });
    expect(channels?.map((it) => it.name)).toEqual(['general', 'finance']);
    expect(await refusal(bot.conversations.info({ channel: SECRETS }))).toBe('channel_not_found');
    await own.as(OLGA).inviteApp(SECRETS);
    const { channel } = await bot.conversations.info({ channel: SECRETS, include_num_members: true });
    expect(channel).toMatchObject({ name: 'secrets', is_member: true, num_members: 2 });
    await own.stop();
  });

  it('lists members, people and a person’s channels', async () => {
    expect((await client.conversations.members({ channel: FINANCE })).members).toEqual([FINN, BOT_USER_ID]);
    expect((await client.users.list({})).members?.map((it) => it.id)).toEqual([BOT_USER_ID, OLGA, FINN]);
    const { user } = await client.users.info({ user: OLGA });
    expect(user).toMatchObject({
      real_name: 'Olga Owner',
      tz: 'Europe/Berlin',
      is_bot: false,
      profile: { title: 'Owner' },
    });
    expect([3600, 7200]).toContain(user?.tz_offset);
    expect(await refusal(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
    const { channels } = await client.users.conversations({ user: FINN, types: 'private_channel' });
    expect(channels?.map((it) => it.id)).toEqual([FINANCE]);
  });
});
