import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalWorkspaces } from '../../../../src/local/workspace/index.ts';
import {
  CREDENTIALS,
  call,
  clientOf,
  FINN,
  makeTwo,
  OLGA,
  ONE,
  REDIRECT,
  SCOPES,
  startListener,
  TWO,
} from './support.ts';

let workspaces: LocalWorkspaces;
/** How far the workspace's clock is ahead, in milliseconds. */
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  workspaces = await makeTwo({ clock: { now: () => new Date(Date.now() + ahead) } });
});
afterEach(() => workspaces.stop());

const ASKED = { client_id: CREDENTIALS.client_id, scope: SCOPES.join(), state: 'a-state' };

async function authorize(query: Record<string, string>) {
  const response = await fetch(`${workspaces.url}/oauth/v2/authorize?${new URLSearchParams(query)}`);
  return { status: response.status, page: await response.text(), headers: response.headers };
}

/** A person's answer on the install page. @returns where they are led */
async function answer(fields: Record<string, string>, origin = workspaces.url): Promise<Response> {
  const body = new URLSearchParams({ ...ASKED, ...fields });
  const headers = { origin };
  return fetch(`${workspaces.url}/oauth/v2/authorize`, { method: 'POST', body, headers, redirect: 'manual' });
}

async function codeFor(fields: Record<string, string> = {}): Promise<string> {
  const response = await answer({ choice: `${ONE}/${OLGA}`, answer: 'allow', ...fields });
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

const exchange = (args: Record<string, string>) => call(workspaces, 'oauth.v2.access', { ...CREDENTIALS, ...args });
const refresh = (token: unknown) => exchange({ grant_type: 'refresh_token', refresh_token: String(token) });
const isAccepted = async (token: unknown) => (await call(workspaces, 'auth.test', {}, String(token))).error ?? 'ok';

describe('the install page', () => {
  it('asks a person in each workspace for the scopes, and protects the form', async () => {
    const { status, page, headers } = await authorize(ASKED);
    expect(status).toBe(200);
    for (const words of ['Acme, as Olga of Acme', 'Globex, as Finn of Globex', ...SCOPES])
      expect(page).toContain(words);
    expect(headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:9;");
    expect((await answer({ answer: 'allow', choice: `${ONE}/${OLGA}` }, 'http://127.0.0.1:1')).status).toBe(403);
  });

  it('selects the workspace that the app names', async () => {
    expect((await authorize({ ...ASKED, team: TWO })).page).toContain(`<option value="${TWO}/${OLGA}" selected>`);
  });

  it('offers no guests, deactivated people or people from other organizations', async () => {
    const workspace = workspaces.of(ONE);
    await workspace.changePerson(FINN, { is_restricted: true });
    await workspace.join({ id: 'U0GONE', name: 'gone', real_name: 'Gone', deleted: true });
    await workspace.join({ id: 'U0FAR', name: 'far', real_name: 'Far', is_stranger: true, team_id: 'T0FAR' });
    const { page } = await authorize(ASKED);
    expect(page.match(new RegExp(`"${ONE}/[^"]+"`, 'g'))).toEqual([`"${ONE}/${OLGA}"`]);
    expect((await answer({ answer: 'allow', choice: `${ONE}/${FINN}` })).status).toBe(400);
  });

  it.each([
    ['another client', { client_id: '9.9' }, 'invalid_client_id'],
    ['no scopes', { scope: '' }, 'no_scopes'],
    ['a scope that the app doesn’t have', { scope: 'admin' }, 'invalid_scope'],
    ['another address to return to', { redirect_uri: 'http://127.0.0.1:8/slack/oauth_redirect' }, 'bad_redirect_uri'],
    ['an address beside the app’s', { redirect_uri: `${REDIRECT}er` }, 'bad_redirect_uri'],
  ])('refuses %s', async (_what, query, words) => {
    const { status, page } = await authorize({ ...ASKED, ...query });
    expect([status, page]).toEqual([400, expect.stringContaining(words)]);
  });

  it('leads back with the state, and with a code only if allowed', async () => {
    const canceled = await answer({ answer: 'cancel', choice: `${ONE}/${OLGA}` });
    expect(canceled.headers.get('location')).toBe(`${REDIRECT}?state=a-state&error=access_denied`);
    const allowed = await answer({ answer: 'allow', choice: `${ONE}/${OLGA}` });
    expect(allowed.headers.get('location')).toMatch(/\?state=a-state&code=\d+\.[0-9a-f]{64}$/);
    expect(workspaces.isInstalled(ONE)).toBe(false);
  });
});

describe('a code', () => {
  it('is exchanged for tokens of the chosen workspace', async () => {
    const tokens = await exchange({ code: await codeFor({ choice: `${TWO}/${FINN}` }) });
    expect(tokens).toMatchObject({
      ...{ ok: true, token_type: 'bot', scope: SCOPES.join(), expires_in: 43_200, is_enterprise_install: false },
      ...{ team: { id: TWO, name: 'Globex' }, enterprise: null, authed_user: { id: FINN } },
      access_token: expect.stringMatching(/^xoxe\.xoxb-1-/),
      refresh_token: expect.stringMatching(/^xoxe-1-/),
    });
    expect([workspaces.isInstalled(ONE), workspaces.isInstalled(TWO)]).toEqual([false, true]);
    const response = await fetch(`${workspaces.apiUrl}auth.test`, {
      headers: { authorization: `Bearer ${String(tokens.access_token)}` },
    });
    expect(response.headers.get('x-oauth-scopes')).toBe(SCOPES.join());
    expect(await response.json()).toMatchObject({ ok: true, team_id: TWO });
  });

  it('works once', async () => {
    const code = await codeFor();
    expect((await exchange({ code })).ok).toBe(true);
    expect(await exchange({ code })).toEqual({ ok: false, error: 'code_already_used' });
  });

  it('works for ten minutes', async () => {
    const code = await codeFor();
    ahead = 600_001;
    expect((await exchange({ code })).error).toBe('code_expired');
  });

  it('needs the app’s credentials, also in the header', async () => {
    const code = await codeFor();
    expect((await exchange({ code, client_id: '9.9' })).error).toBe('invalid_client_id');
    expect((await exchange({ code, client_secret: 'wrong' })).error).toBe('bad_client_secret');
    expect((await exchange({ code: 'made-up' })).error).toBe('invalid_code');
    const { client_id, client_secret } = CREDENTIALS;
    const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64');
    const response = await fetch(`${workspaces.apiUrl}oauth.v2.access`, {
      ...{ method: 'POST', body: new URLSearchParams({ code }) },
      headers: { authorization: `Basic ${basic}` },
    });
    expect(await response.json()).toMatchObject({ ok: true });
  });

  it('belongs to the address that was asked with', async () => {
    const redirect_uri = `${REDIRECT}/here`;
    const code = await codeFor({ redirect_uri });
    expect((await exchange({ code })).error).toBe('bad_redirect_uri');
    expect((await exchange({ code, redirect_uri: REDIRECT })).error).toBe('bad_redirect_uri');
    expect((await exchange({ code, redirect_uri })).ok).toBe(true);
  });
});

describe('a token', () => {
  it('expires, and a refresh token gives the next one, once', async () => {
    const first = await exchange({ code: await codeFor() });
    ahead = 11 * 3_600_000;
    const second = await refresh(first.refresh_token);
    expect(second).toMatchObject({ ok: true, team: { id: ONE }, expires_in: 43_200 });
    expect(await refresh(first.refresh_token)).toEqual({ ok: false, error: 'invalid_refresh_token' });
    expect([await isAccepted(first.access_token), await isAccepted(second.access_token)]).toEqual(['ok', 'ok']);
    ahead = 13 * 3_600_000;
    expect(await isAccepted(first.access_token)).toBe('token_expired');
    expect(await isAccepted(second.access_token)).toBe('ok');
  });

  it('is one of at most two that work', async () => {
    const first = await exchange({ code: await codeFor() });
    const second = await refresh(first.refresh_token);
    const third = await refresh(second.refresh_token);
    const all = [first, second, third].map(({ access_token }) => isAccepted(access_token));
    expect(await Promise.all(all)).toEqual(['token_revoked', 'ok', 'ok']);
  });

  it('can’t be refreshed with another app’s credentials, or of another grant', async () => {
    const first = await exchange({ code: await codeFor() });
    const args = { grant_type: 'refresh_token', refresh_token: String(first.refresh_token) };
    expect((await exchange({ ...args, client_secret: 'wrong' })).error).toBe('bad_client_secret');
    expect((await exchange({ grant_type: 'password' })).error).toBe('invalid_grant_type');
    expect((await exchange(args)).ok).toBe(true);
  });

  it('stays the same without rotation, and more scopes add up', async () => {
    await workspaces.stop();
    workspaces = await makeTwo({ tokenRotation: false });
    const first = await exchange({ code: await codeFor({ scope: 'commands' }) });
    const again = await exchange({ code: await codeFor({ scope: 'chat:write' }) });
    expect(first).not.toHaveProperty('refresh_token');
    expect(again).toMatchObject({ access_token: first.access_token, scope: 'commands,chat:write' });
  });
});

describe('revoking and uninstalling', () => {
  it('auth.revoke ends the installation with its last token, and says so', async () => {
    const heard = await startListener(workspaces);
    const first = await exchange({ code: await codeFor() });
    const second = await refresh(first.refresh_token);
    expect(await call(workspaces, 'auth.revoke', { test: '1' }, String(first.access_token))).toMatchObject({
      revoked: false,
    });
    expect(await call(workspaces, 'auth.revoke', {}, String(first.access_token))).toMatchObject({ revoked: true });
    expect([await isAccepted(first.access_token), workspaces.isInstalled(ONE)]).toEqual(['token_revoked', true]);
    await call(workspaces, 'auth.revoke', {}, String(second.access_token));
    expect([await isAccepted(second.access_token), workspaces.isInstalled(ONE)]).toEqual(['account_inactive', false]);
    expect(heard.bodies).toMatchObject([
      { team_id: ONE, event: { type: 'tokens_revoked', tokens: { bot: ['U0LOCALBOT'] } } },
      { team_id: ONE, event: { type: 'app_uninstalled' } },
    ]);
    heard.stop();
  });

  it('apps.uninstall needs the app’s credentials, and touches no other workspace', async () => {
    const [one, two] = [workspaces.install(ONE, OLGA), workspaces.install(TWO, OLGA)];
    const uninstall = (args: Record<string, string>) => call(workspaces, 'apps.uninstall', args, one.accessToken);
    expect((await uninstall({ ...CREDENTIALS, client_secret: 'wrong' })).error).toBe('bad_client_secret');
    expect(await uninstall(CREDENTIALS)).toEqual({ ok: true });
    expect(await isAccepted(one.accessToken)).toBe('account_inactive');
    expect((await clientOf(workspaces, two.accessToken).auth.test()).team_id).toBe(TWO);
    expect((await refresh(one.refreshToken)).error).toBe('invalid_refresh_token');
  });
});
