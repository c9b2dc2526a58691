import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { parse } from 'yaml';
import { createHttpServer, type HttpServer } from '../../src/platform/http-server.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app/app.ts';
import { onCommand, onEvent } from '../../src/slack/app/listeners.ts';
import { registerUninstall } from '../../src/slack/app/uninstall.ts';
import { SCOPES } from '../../src/slack/install/scopes.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Installations } from '../../src/store/workspaces/installations.ts';
import { useDatabase } from '../support/database/database.ts';
import { begin, complete, install, installedAnswer } from '../support/slack/oauth.ts';
import { SIGNING_SECRET, sendCommand, sendEvent, sendInteraction, viewPayload } from '../support/slack/signed.ts';
import { type SlackApiStandIn, startSlackApi } from '../support/slack/slack-api.ts';
import { type LogLine, testLog } from '../support/slack/slack-app.ts';

useDatabase(migrate);

const KEYS = [Buffer.alloc(32, 1)];
/** How far the app's clock is ahead of the real one, in milliseconds. */
let ahead = 0;
let api: SlackApiStandIn;
let server: HttpServer;
let app: SlackApp;
let base = '';
let lines: readonly LogLine[];
const answered: string[] = [];
let sent = 0;

function anApp(secretKeys: readonly Buffer[]): SlackApp {
  const test = testLog();
  lines = test.lines;
  return createSlackApp({
    install: { clientId: '1.2', clientSecret: 'a-client-secret', stateSecret: 'a-state-secret-x', secretKeys },
    way: { kind: 'http', signingSecret: SIGNING_SECRET },
    log: test.log,
    clock: { now: () => new Date(Date.now() + ahead) },
    slackApiUrl: api.url,
  });
}

beforeAll(async () => {
  api = await startSlackApi();
  app = anApp(KEYS);
  onCommand(app, '/billing', async ({ teamId, client }) => {
    answered.push(`${teamId} ${client.token}`);
    await client.users.list({});
  });
  registerUninstall(app);
  onEvent(app, 'team_join', async ({ teamId }) => void answered.push(`event ${teamId}`));
  await app.start();
  server = createHttpServer({ log: testLog().log, slack: app.requestListener });
  for (const [path, listener] of app.installRoutes) server.mount(path, listener);
  base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});
afterAll(async () => {
  await server.close(0);
  await app.stop(0);
  await api.close();
});
beforeEach(async () => {
  ahead = 0;
  answered.length = 0;
  await Installations.deleteMany({});
});

/** What a command from a workspace is answered with. */
async function command(team: string, fields: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const before = answered.length;
  sent += 1;
  await sendCommand({ url: `${base}/slack/events` }, '/billing', `${sent}`, { team, ...fields });
  await Promise.all(app.running);
  return answered[before];
}

const stored = () => Installations.find({}).sort({ _id: 1 }).lean();

describe('an installation', () => {
  it('leads to Slack and back, and says what comes next', async () => {
    const { to } = await begin(base);
    expect(to.origin + to.pathname).toBe(new URL('/oauth/v2/authorize', api.url).href);
    expect(to.searchParams.get('client_id')).toBe('1.2');
    expect(to.searchParams.get('scope')).toBe(Object.keys(SCOPES).join());
    const response = await install(base, api, { team: 'T1', token: 'xoxb-one' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain('Team T1 &amp; Co');
    expect(page).toContain('/billing');
    expect(await command('T1')).toBe('T1 xoxb-one');
  });

  it('asks for the scopes of the manifest', () => {
    const manifest = parse(readFileSync('manifest.yml', 'utf8'));
    expect(Object.keys(SCOPES)).toEqual(manifest.oauth_config.scopes.bot);
  });

  it('asks for no scope without a reason that docs/marketplace.md gives too', () => {
    const page = readFileSync('docs/marketplace.md', 'utf8');
    for (const [scope, reason] of Object.entries(SCOPES)) expect(page).toContain(`| \`${scope}\` | ${reason} |`);
  });

  it('stores no token that can be read', async () => {
    await install(base, api, { token: 'xoxe.xoxb-secret', refreshToken: 'xoxe-secret' });
    const raw = JSON.stringify(await mongoose.connection.collection('installations').find({}).toArray());
    expect(raw).toContain('T1');
    expect(raw).not.toContain('secret');
    expect(JSON.stringify(lines)).not.toContain('xoxb-secret');
  });

  it('again with more scopes replaces token and scopes', async () => {
    await install(base, api, { token: 'xoxb-one' });
    await install(base, api, { token: 'xoxb-two', scope: 'chat:write,users:read', user: 'U2' });
    expect(await stored()).toMatchObject([{ _id: 'T1', scopes: ['chat:write', 'users:read'], installedBy: 'U2' }]);
    expect(await command('T1')).toBe('T1 xoxb-two');
  });

  it.each([
    ['canceled in Slack', { error: 'access_denied' }, 200, 'You canceled'],
    ['that Slack sends back without a code', { state: 'x' }, 400, 'Start again'],
    ['with a made-up state', { code: 'c', state: 'made.up' }, 400, 'Start again'],
  ])('%s stores nothing', async (_what, query, status, words) => {
    const response = await complete(base, query, 'slack-app-oauth-state=made.up');
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(words)]);
    expect(await stored()).toEqual([]);
  });

  it('that Slack doesn’t complete says so', async () => {
    api.answer('oauth.v2.access', { body: { ok: false, error: 'invalid_code' } });
    const { state, cookie } = await begin(base);
    const response = await complete(base, { code: 'c', state }, cookie);
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('Try again')]);
  });
});

describe('a state', () => {
  it('counts once, also when it comes back twice at the same time', async () => {
    api.answer('oauth.v2.access', { body: installedAnswer({ token: 'xoxb-one' }) });
    const { state, cookie } = await begin(base);
    const both = await Promise.all([1, 2].map(() => complete(base, { code: 'c', state }, cookie)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await complete(base, { code: 'c', state }, cookie)).status).toBe(400);
  });

  it('counts only in the browser that began', async () => {
    const { state } = await begin(base);
    expect((await complete(base, { code: 'c', state })).status).toBe(400);
    const other = await begin(base);
    expect((await complete(base, { code: 'c', state }, other.cookie)).status).toBe(400);
  });

  it('counts for ten minutes', async () => {
    api.answer('oauth.v2.access', { body: installedAnswer({ token: 'xoxb-one' }) });
    const [first, second] = [await begin(base), await begin(base)];
    ahead = 599_000;
    expect((await complete(base, { code: 'c', state: first.state }, first.cookie)).status).toBe(200);
    ahead = 601_000;
    expect((await complete(base, { code: 'c', state: second.state }, second.cookie)).status).toBe(400);
  });

  it('isn’t needed by an organization’s admin who installs from Slack, but by everyone else', async () => {
    api.answer('oauth.v2.access', { body: installedAnswer({ team: null, enterprise: 'E1', token: 'xoxb-org' }) });
    const response = await complete(base, { code: 'c' });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Choose the workspaces')]);
    api.answer('oauth.v2.access', { body: installedAnswer({ team: 'T9', token: 'xoxb-nine' }) });
    expect((await complete(base, { code: 'c' })).status).toBe(400);
    expect((await stored()).map(({ _id }) => _id)).toEqual(['E1']);
  });
});

describe('the pages', () => {
  it.each(['POST /slack/install', 'GET /slack/install/more', 'POST /slack/oauth_redirect', 'PUT /slack/install'])(
    '%s is unknown',
    async (line) => {
      const [method = '', path = ''] = line.split(' ');
      expect((await fetch(base + path, { method })).status).toBe(404);
    },
  );

  it('are no way around the check of timestamps', async () => {
    const { hostname, port } = new URL(base);
    const status = await new Promise((resolve) => {
      request({ hostname, port, method: 'POST', path: '/slack/install/../events' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(404);
  });
});

describe('requests', () => {
  it('get the token of their own workspace, and its ID in calls', async () => {
    await install(base, api, { team: 'T1', token: 'xoxb-one' });
    await install(base, api, { team: 'T2', token: 'xoxb-two' });
    expect([await command('T1'), await command('T2')]).toEqual(['T1 xoxb-one', 'T2 xoxb-two']);
    const calls = api.callsOf('users.list').slice(-2);
    expect(calls.map(({ token, args }) => [token, args.team_id])).toEqual([
      ['xoxb-one', 'T1'],
      ['xoxb-two', 'T2'],
    ]);
  });

  it('from a workspace without the app run nothing', async () => {
    await install(base, api, { team: 'T1', token: 'xoxb-one' });
    const before = api.callsOf('response_url').length;
    expect(await command('T3', { responseUrl: api.responseUrl })).toBeUndefined();
    expect(api.callsOf('response_url').slice(before)).toMatchObject([
      { args: { text: expect.stringContaining('where it is installed') }, token: undefined },
    ]);
    await sendEvent({ url: `${base}/slack/events` }, { type: 'team_join', user: { id: 'U1' } }, { team: 'T3' });
    await Promise.all(app.running);
    expect(answered).toEqual([]);
  });

  it('in an organization get its token for each workspace, which background jobs then reach too', async () => {
    await install(base, api, { team: null, enterprise: 'E1', token: 'xoxb-org' });
    expect(await app.workspaces.installedAmong(new Set(['T5']))).toEqual(new Set());
    const payload = {
      type: 'view_submission',
      view: viewPayload({ app_installed_team_id: 'E1', callback_id: 'none' }),
    };
    await sendInteraction({ url: `${base}/slack/events` }, { ...payload, enterprise: { id: 'E1' } }, { team: 'T5' });
    expect(await app.workspaces.installedAmong(new Set(['T5', 'T6']))).toEqual(new Set(['T5']));
    const { client } = await app.workspaces.of('T5');
    await client.users.list({});
    expect(api.callsOf('users.list').at(-1)).toMatchObject({ token: 'xoxb-org', args: { team_id: 'T5' } });
    await expect(app.workspaces.of('T6')).rejects.toThrow('T6');
  });

  it('from another workspace of an organization belong to the only one with the app', async () => {
    await install(base, api, { team: 'T1', enterprise: 'E1', token: 'xoxb-one' });
    expect(await app.workspaces.find({ teamId: 'T7', enterpriseId: 'E1' })).toMatchObject({ teamId: 'T1' });
    await install(base, api, { team: 'T2', enterprise: 'E1', token: 'xoxb-two' });
    expect(await app.workspaces.find({ teamId: 'T7', enterpriseId: 'E1' })).toBeUndefined();
    expect(await app.workspaces.find({ teamId: 'T2', enterpriseId: 'E1' })).toMatchObject({ teamId: 'T2' });
  });

  it('in an organization that installs the app for all its workspaces get the new token', async () => {
    await install(base, api, { team: 'T1', enterprise: 'E1', token: 'xoxb-one' });
    ahead = 1_000;
    await install(base, api, { team: null, enterprise: 'E1', token: 'xoxb-org' });
    const found = await app.workspaces.find({ teamId: 'T1', enterpriseId: 'E1' });
    expect([found?.teamId, found?.client.token]).toEqual(['T1', 'xoxb-org']);
  });
});

describe('uninstalling', () => {
  const accepted = new Set<string>();
  let reports = 0;

  beforeEach(() => {
    accepted.clear();
    api.answer('auth.test', ({ token = '' }) => ({
      body: accepted.has(token) ? { ok: true, bot_id: 'BBOT' } : { ok: false, error: 'account_inactive' },
    }));
  });

  afterAll(() => api.answer('auth.test', { body: { ok: true, bot_id: 'BBOT', url: 'https://acme.example/' } }));

  const UNINSTALLED = { type: 'app_uninstalled' };
  const REVOKED = { type: 'tokens_revoked', tokens: { bot: ['UBOT'] } };
  type Report = typeof UNINSTALLED | typeof REVOKED;

  async function report(event: Report, team = 'T1'): Promise<number> {
    reports += 1;
    const sent = await sendEvent({ url: `${base}/slack/events` }, event, { team, eventId: `EvEnd${reports}` });
    await Promise.all(app.running);
    return sent.status;
  }

  async function installs(token: string): Promise<void> {
    accepted.add(token);
    await install(base, api, { team: 'T1', token });
  }

  const isInstalled = async (team = 'T1') => (await app.workspaces.installedAmong(new Set([team]))).has(team);

  it.each<[string, Report[]]>([
    ['the one report', [UNINSTALLED]],
    ['the other', [REVOKED]],
    ['both', [UNINSTALLED, REVOKED]],
    ['both, the other way round', [REVOKED, UNINSTALLED]],
    ['both twice', [REVOKED, UNINSTALLED, UNINSTALLED, REVOKED]],
  ])('ends an installation after %s, and another one goes on from there', async (_what, events) => {
    await installs('xoxb-one');
    accepted.clear();
    for (const event of events) expect(await report(event)).toBe(200);
    expect(await isInstalled()).toBe(false);
    expect(await command('T1')).toBeUndefined();
    await expect(app.workspaces.of('T1')).rejects.toThrow('T1');
    expect(await stored()).toMatchObject([
      { _id: 'T1', botToken: null, refreshToken: null, endedAt: expect.any(Date) },
    ]);
    await installs('xoxb-two');
    expect([await isInstalled(), await command('T1')]).toEqual([true, 'T1 xoxb-two']);
    // a late repetition is about the earlier installation
    for (const event of events) expect(await report(event)).toBe(200);
    expect([await isInstalled(), await command('T1')]).toEqual([true, 'T1 xoxb-two']);
  });

  it('in one workspace ends no other installation', async () => {
    await installs('xoxb-one');
    accepted.add('xoxb-two');
    await install(base, api, { team: 'T2', token: 'xoxb-two' });
    expect(await command('T2')).toBe('T2 xoxb-two');
    accepted.delete('xoxb-two');
    await report(UNINSTALLED, 'T2');
    await report(REVOKED, 'T3');
    expect([await command('T1'), await command('T2')]).toEqual(['T1 xoxb-one', undefined]);
  });

  it('ends an organization’s installation', async () => {
    accepted.add('xoxb-org');
    await install(base, api, { team: null, enterprise: 'E1', token: 'xoxb-org' });
    await app.workspaces.find({ teamId: 'T1', enterpriseId: 'E1' });
    expect(await isInstalled()).toBe(true);
    accepted.clear();
    await report(UNINSTALLED, 'E1');
    expect(await isInstalled()).toBe(false);
  });

  /** A call with a token that Slack answers with an error. */
  async function callFails(error: string, client: { users: { list(of: object): Promise<unknown> } }): Promise<void> {
    api.answer('users.list', { body: { ok: false, error } });
    await expect(client.users.list({})).rejects.toThrow(error);
  }
  const clientOf = async (team: string) => (await app.workspaces.of(team)).client;
  const asked = () => api.callsOf('auth.test').length;

  it.each(['account_inactive', 'token_revoked'])('without any event ends at the next call: %s', async (error) => {
    await installs('xoxb-one');
    accepted.clear();
    await callFails(error, await clientOf('T1'));
    while (await isInstalled()) await new Promise(setImmediate);
    expect(await command('T1')).toBeUndefined();
    await installs('xoxb-two');
    expect(await command('T1')).toBe('T1 xoxb-two');
  });

  it.each(['invalid_auth', 'team_access_not_granted', 'ekm_access_denied', 'accesslimited', 'internal_error'])(
    'isn’t concluded from what may pass: %s',
    async (error) => {
      await installs('xoxb-one');
      const before = asked();
      await callFails(error, await clientOf('T1'));
      expect(asked()).toBe(before);
      expect(await isInstalled()).toBe(true);
    },
  );

  it('isn’t concluded from the token of an earlier installation, and Slack is asked once a minute', async () => {
    await installs('xoxb-one');
    const old = await clientOf('T1');
    await installs('xoxb-two');
    accepted.delete('xoxb-one');
    const before = asked();
    await callFails('token_revoked', old);
    while (asked() === before) await new Promise(setImmediate);
    await callFails('token_revoked', old);
    await report(UNINSTALLED);
    expect([await isInstalled(), await command('T1')]).toEqual([true, 'T1 xoxb-two']);
    // one because of the calls, and one because of the event
    expect(asked()).toBe(before + 2);
  });

  it('isn’t concluded while Slack can’t be asked', async () => {
    await installs('xoxb-one');
    api.answer('auth.test', { status: 500, body: 'out of order' });
    const before = asked();
    await callFails('account_inactive', await clientOf('T1'));
    while (asked() === before) await new Promise(setImmediate);
    expect(await isInstalled()).toBe(true);
  });

  it('is concluded from a refused refresh once the token has expired', async () => {
    // after a failure, nothing is refreshed for a while: not in another test's workspace
    accepted.add('xoxb-old');
    await install(base, api, { team: 'T9', token: 'xoxb-old', refreshToken: 'r1' });
    api.answer('oauth.v2.access', { body: { ok: false, error: 'invalid_refresh_token' } });
    ahead = 11 * 3_600_000;
    const before = asked();
    await app.workspaces.of('T9');
    while (asked() === before) await new Promise(setImmediate);
    expect(await isInstalled('T9')).toBe(true);
    ahead = 13 * 3_600_000;
    api.answer('auth.test', { body: { ok: false, error: 'token_expired' } });
    // another process, which doesn't wait before it tries again
    const other = anApp(KEYS);
    await other.workspaces.of('T9');
    expect(await isInstalled('T9')).toBe(false);
    await other.stop(0);
  });

  it('is reported again by Slack if Slack couldn’t be asked', async () => {
    await installs('xoxb-one');
    api.answer('auth.test', { status: 500, body: 'out of order' });
    expect(await report(UNINSTALLED)).toBe(503);
    expect(await isInstalled()).toBe(true);
  });
});

describe('a token that expires', () => {
  const rotated = { body: { ok: true, access_token: 'xoxb-new', refresh_token: 'r2', expires_in: 43_200 } };

  it('is refreshed once before it does, however many requests come', async () => {
    await install(base, api, { token: 'xoxb-old', refreshToken: 'r1' });
    api.answer('oauth.v2.access', rotated);
    const before = api.callsOf('oauth.v2.access').length;
    expect(await command('T1')).toBe('T1 xoxb-old');
    ahead = 11 * 3_600_000;
    const tokens = async () => Promise.all([1, 2, 3].map(async () => (await app.workspaces.of('T1')).client.token));
    // nobody waits for it as long as the old one works
    expect(await tokens()).toEqual(['xoxb-old', 'xoxb-old', 'xoxb-old']);
    while ((await tokens())[0] === 'xoxb-old') await new Promise(setImmediate);
    expect(await tokens()).toEqual(['xoxb-new', 'xoxb-new', 'xoxb-new']);
    expect(api.callsOf('oauth.v2.access').slice(before)).toMatchObject([
      {
        args: { grant_type: 'refresh_token', refresh_token: 'r1', client_id: '1.2', client_secret: 'a-client-secret' },
      },
    ]);
  });

  it('is waited for once it has expired', async () => {
    await install(base, api, { token: 'xoxb-old', refreshToken: 'r1' });
    api.answer('oauth.v2.access', rotated);
    ahead = 13 * 3_600_000;
    expect((await app.workspaces.of('T1')).client.token).toBe('xoxb-new');
  });

  it('stays in use while Slack can’t refresh it', async () => {
    await install(base, api, { token: 'xoxb-old', refreshToken: 'r1' });
    api.answer('oauth.v2.access', { body: { ok: false, error: 'internal_error' } });
    ahead = 11 * 3_600_000;
    expect((await app.workspaces.of('T1')).client.token).toBe('xoxb-old');
    const isLogged = () => lines.some(({ msg }) => msg === 'a bot token could not be refreshed yet');
    while (!isLogged()) await new Promise(setImmediate);
    expect((await app.workspaces.of('T1')).client.token).toBe('xoxb-old');
    expect(await stored()).toMatchObject([{ endedAt: null }]);
  });
});

it('a new key encrypts all tokens when the app starts, and the old one can be removed', async () => {
  await install(base, api, { token: 'xoxb-one', refreshToken: 'r1' });
  const newKey = Buffer.alloc(32, 2);
  const both = anApp([newKey, ...KEYS]);
  await both.start();
  await both.stop(0);
  const alone = anApp([newKey]);
  expect((await alone.workspaces.of('T1')).client.token).toBe('xoxb-one');
  await expect(app.workspaces.of('T1')).rejects.toThrow('SECRETS_KEY');
  await alone.stop(0);
});
