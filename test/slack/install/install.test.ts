import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { parse } from 'yaml';
import { SCOPES } from '../../../src/slack/install/scopes.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useInstallableApp } from '../../support/slack/install-world.ts';
import { begin, complete, installedAnswer } from '../../support/slack/oauth.ts';

useDatabase(migrate);

const world = useInstallableApp();
const { installs, command, stored } = world;

describe('an installation', () => {
  it('leads to Slack and back, and says what comes next', async () => {
    const { to } = await begin(world.base);
    expect(to.origin + to.pathname).toBe(new URL('/oauth/v2/authorize', world.api.url).href);
    expect(to.searchParams.get('client_id')).toBe('1.2');
    expect(to.searchParams.get('scope')).toBe(Object.keys(SCOPES).join());
    const response = await installs({ team: 'T1', token: 'xoxb-one' });
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
    await installs({ token: 'xoxe.xoxb-secret', refreshToken: 'xoxe-secret' });
    const raw = JSON.stringify(await mongoose.connection.collection('installations').find({}).toArray());
    expect(raw).toContain('T1');
    expect(raw).not.toContain('secret');
    expect(JSON.stringify(world.lines)).not.toContain('xoxb-secret');
  });

  it('again with more scopes replaces token and scopes', async () => {
    await installs({ token: 'xoxb-one' });
    await installs({ token: 'xoxb-two', scope: 'chat:write,users:read', user: 'U2' });
    expect(await stored()).toMatchObject([{ _id: 'T1', scopes: ['chat:write', 'users:read'], installedBy: 'U2' }]);
    expect(await command('T1')).toBe('T1 xoxb-two');
  });

  it.each([
    ['canceled in Slack', { error: 'access_denied' }, 200, 'You canceled'],
    ['that Slack sends back without a code', { state: 'x' }, 400, 'Start again'],
    ['with a made-up state', { code: 'c', state: 'made.up' }, 400, 'Start again'],
  ])('%s stores nothing', async (_what, query, status, words) => {
    const response = await complete(world.base, query, 'slack-app-oauth-state=made.up');
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(words)]);
    expect(await stored()).toEqual([]);
  });

  it('that Slack doesn’t complete says so', async () => {
    world.api.answer('oauth.v2.access', { body: { ok: false, error: 'invalid_code' } });
    const { state, cookie } = await begin(world.base);
    const response = await complete(world.base, { code: 'c', state }, cookie);
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('Try again')]);
  });
});

describe('a state', () => {
  it('counts once, also when it comes back twice at the same time', async () => {
    world.api.answer('oauth.v2.access', { body: installedAnswer({ token: 'xoxb-one' }) });
    const { state, cookie } = await begin(world.base);
    const both = await Promise.all([1, 2].map(() => complete(world.base, { code: 'c', state }, cookie)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await complete(world.base, { code: 'c', state }, cookie)).status).toBe(400);
  });

  it('counts only in the browser that began', async () => {
    const { state } = await begin(world.base);
    expect((await complete(world.base, { code: 'c', state })).status).toBe(400);
    const other = await begin(world.base);
    expect((await complete(world.base, { code: 'c', state }, other.cookie)).status).toBe(400);
  });

  it('counts for ten minutes', async () => {
    world.api.answer('oauth.v2.access', { body: installedAnswer({ token: 'xoxb-one' }) });
    const [first, second] = [await begin(world.base), await begin(world.base)];
    world.ahead = 599_000;
    expect((await complete(world.base, { code: 'c', state: first.state }, first.cookie)).status).toBe(200);
    world.ahead = 601_000;
    expect((await complete(world.base, { code: 'c', state: second.state }, second.cookie)).status).toBe(400);
  });

  it('isn’t needed by an organization’s admin who installs from Slack, but by everyone else', async () => {
    world.api.answer('oauth.v2.access', { body: installedAnswer({ team: null, enterprise: 'E1', token: 'xoxb-org' }) });
    const response = await complete(world.base, { code: 'c' });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Choose the workspaces')]);
    world.api.answer('oauth.v2.access', { body: installedAnswer({ team: 'T9', token: 'xoxb-nine' }) });
    expect((await complete(world.base, { code: 'c' })).status).toBe(400);
    expect((await stored()).map(({ _id }) => _id)).toEqual(['E1']);
  });
});

describe('the pages', () => {
  it.each(['POST /slack/install', 'GET /slack/install/more', 'POST /slack/oauth_redirect', 'PUT /slack/install'])(
    '%s is unknown',
    async (line) => {
      const [method = '', path = ''] = line.split(' ');
      expect((await fetch(world.base + path, { method })).status).toBe(404);
    },
  );

  it('are no way around the check of timestamps', async () => {
    const { hostname, port } = new URL(world.base);
    const status = await new Promise((resolve) => {
      request({ hostname, port, method: 'POST', path: '/slack/install/../events' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(404);
  });
});
