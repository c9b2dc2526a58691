import { afterEach, describe, expect, it } from '@jest/globals';
import { createSlackApp, type SlackWay } from '../../../src/slack/app/app.ts';
import { identify, SlackStartError } from '../../../src/slack/app/identity.ts';
import { onCommand } from '../../../src/slack/app/listeners.ts';
import { commandPayload, SIGNING_SECRET, sendCommand } from '../../support/slack/signed.ts';
import { type SlackApiStandIn, startSlackApi, TEAM } from '../../support/slack/slack-api.ts';
import { gate, startTestApp, testLog } from '../../support/slack/slack-app.ts';
import { startSocketMode } from '../../support/slack/socket-mode.ts';

const HTTP: SlackWay = { kind: 'http', signingSecret: SIGNING_SECRET };
const SOCKET: SlackWay = { kind: 'socket', appToken: 'xapp-test' };
const closers: (() => Promise<void>)[] = [];

async function slackApi(): Promise<SlackApiStandIn> {
  const api = await startSlackApi();
  closers.push(api.close);
  return api;
}

function create(way: SlackWay, slackApiUrl: string) {
  const { log, lines } = testLog();
  const app = createSlackApp({ botToken: 'xoxb-test', way, log, clock: { now: () => new Date() }, slackApiUrl });
  return { app, lines };
}

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startError(way: SlackWay, url: string): Promise<SlackStartError> {
  const { app } = create(way, url);
  const error: unknown = await app.start().catch((reason: unknown) => reason);
  if (error instanceof SlackStartError) return error;
  throw new Error(`no SlackStartError: ${error}`);
}

describe('starting', () => {
  it('asks Slack once who we are, however many requests come', async () => {
    const test = await startTestApp((app) => onCommand(app, '/billing', async () => undefined));
    closers.push(test.stop);
    await Promise.all([1, 2, 3].map(() => sendCommand(test.target, '/billing', '')));
    expect(test.api.callsOf('auth.test')).toHaveLength(1);
    const { client } = await test.app.workspaces.of(TEAM);
    expect(await identify(client)).toEqual({
      teamId: 'T0001',
      teamName: 'Acme',
      enterpriseId: undefined,
      botUserId: 'UBOT',
      botId: 'BBOT',
      url: 'https://acme.example/',
      scopes: ['chat:write', 'commands'],
    });
  });

  it.each(['invalid_auth', 'token_revoked', 'not_allowed_token_type'])(
    'fails with a clear error when the token is %s',
    async (error) => {
      const api = await slackApi();
      api.answer('auth.test', { body: { ok: false, error } });
      const { code, message } = await startError(HTTP, api.url);
      expect(code).toBe(error);
      expect(message).toContain('SLACK_BOT_TOKEN');
      expect(message).not.toContain('xoxb-test');
      expect(api.callsOf('auth.test')).toHaveLength(1);
    },
  );

  it('fails with a clear error when the token is a person’s', async () => {
    const api = await slackApi();
    api.answer('auth.test', { body: { ok: true, team_id: 'T0001', user_id: 'U1' } });
    expect((await startError(HTTP, api.url)).code).toBe('not_a_bot');
  });

  it('fails with a clear error when Slack can’t be reached', async () => {
    const api = await startSlackApi();
    await api.close();
    const error = await startError(HTTP, api.url);
    expect(error.message).toContain('Slack can’t be reached');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('can be retried after a failure', async () => {
    const api = await slackApi();
    const { app } = create(HTTP, api.url);
    api.answer('auth.test', { status: 500, body: 'out of order' });
    await expect(app.start()).rejects.toThrow(SlackStartError);
    api.answer('auth.test', { body: { ok: true, team_id: 'T9', user_id: 'U9', bot_id: 'B9' } });
    await app.start();
    expect(await app.workspaces.find({})).toMatchObject({ teamId: 'T9', botId: 'B9', isForeign: false });
  });

  it('lets Slack resend a request that arrived before Slack could be asked who we are', async () => {
    const test = await startTestApp((app) => onCommand(app, '/billing', async () => undefined));
    closers.push(test.stop);
    const { app } = create(HTTP, 'http://127.0.0.1:9/api/');
    test.server.mount('/second', (request, response) => {
      request.url = '/slack/events';
      app.requestListener?.(request, response);
    });
    const url = test.target.url.replace('/slack/events', '/second');
    expect((await sendCommand({ url }, '/billing', '')).status).toBe(503);
  });
});

describe('calls to Slack', () => {
  it('are never repeated by the client, whether Slack fails or asks to wait', async () => {
    const api = await slackApi();
    const { app } = create(HTTP, api.url);
    api.answer('chat.postMessage', { status: 500, body: 'out of order' });
    const { client } = await app.workspaces.of(TEAM);
    await expect(client.chat.postMessage({ channel: 'C1', text: 'x' })).rejects.toMatchObject({
      code: 'slack_webapi_http_error',
    });
    api.answer('chat.postMessage', { status: 429, headers: { 'retry-after': '30' }, body: '' });
    await expect(client.chat.postMessage({ channel: 'C1', text: 'x' })).rejects.toMatchObject({ retryAfter: 30 });
    expect(api.callsOf('chat.postMessage')).toHaveLength(2);
  });

  it('use the bot’s token, also in handlers', async () => {
    const test = await startTestApp((app) =>
      onCommand(app, '/billing', async ({ client }) => {
        await client.chat.postMessage({ channel: 'C1', text: 'x' });
      }),
    );
    closers.push(test.stop);
    await sendCommand(test.target, '/billing', '');
    expect((await test.api.next('chat.postMessage')).token).toBe('xoxb-test');
  });
});

describe('Socket Mode', () => {
  it('receives over its own connection, acknowledges before the work, and needs no HTTP', async () => {
    const api = await slackApi();
    const socket = await startSocketMode();
    closers.push(socket.close);
    api.answer('apps.connections.open', { body: { ok: true, url: socket.url } });
    const { app } = create(SOCKET, api.url);
    expect(app.requestListener).toBeUndefined();
    const finish = gate();
    const begun = gate();
    onCommand(app, '/billing', async (context, { text }) => {
      begun.open();
      await finish.promise;
      await context.respond(`said ${text}`);
    });
    await app.start();
    expect(api.callsOf('apps.connections.open').every(({ token }) => token === 'xapp-test')).toBe(true);

    const payload = commandPayload('/billing', 'groups', { responseUrl: api.responseUrl });
    await socket.deliver({ envelope_id: 'e1', type: 'slash_commands', accepts_response_payload: true, payload });
    await begun.promise;
    expect(api.callsOf('response_url')).toEqual([]);
    finish.open();
    expect((await api.next('response_url')).args.text).toBe('said groups');
    await app.stop(5_000);
  });

  it.each(['invalid_auth', 'not_allowed_token_type'])('fails at once when the app token is %s', async (error) => {
    const api = await slackApi();
    api.answer('apps.connections.open', { body: { ok: false, error } });
    const { code, message } = await startError(SOCKET, api.url);
    expect(code).toBe(error);
    expect(message).toContain('SLACK_APP_TOKEN');
    expect(api.callsOf('apps.connections.open')).toHaveLength(1);
  });
});
