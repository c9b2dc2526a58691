import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useInstallableApp } from '../../support/slack/install-world.ts';
import { sendEvent } from '../../support/slack/signed.ts';

useDatabase(migrate);

const world = useInstallableApp();
const { command, stored } = world;

describe('uninstalling', () => {
  const accepted = new Set<string>();
  let reports = 0;

  beforeEach(() => {
    accepted.clear();
    world.api.answer('auth.test', ({ token = '' }) => ({
      body: accepted.has(token) ? { ok: true, bot_id: 'BBOT' } : { ok: false, error: 'account_inactive' },
    }));
  });

  afterAll(() => world.api.answer('auth.test', { body: { ok: true, bot_id: 'BBOT', url: 'https://acme.example/' } }));

  const UNINSTALLED = { type: 'app_uninstalled' };
  const REVOKED = { type: 'tokens_revoked', tokens: { bot: ['UBOT'] } };
  type Report = typeof UNINSTALLED | typeof REVOKED;

  async function report(event: Report, team = 'T1'): Promise<number> {
    reports += 1;
    const sent = await sendEvent({ url: `${world.base}/slack/events` }, event, { team, eventId: `EvEnd${reports}` });
    await Promise.all(world.app.running);
    return sent.status;
  }

  async function installs(token: string): Promise<void> {
    accepted.add(token);
    await world.installs({ team: 'T1', token });
  }

  const isInstalled = async (team = 'T1') => (await world.app.workspaces.installedAmong(new Set([team]))).has(team);

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
    await expect(world.app.workspaces.of('T1')).rejects.toThrow('T1');
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
    await world.installs({ team: 'T2', token: 'xoxb-two' });
    expect(await command('T2')).toBe('T2 xoxb-two');
    accepted.delete('xoxb-two');
    await report(UNINSTALLED, 'T2');
    await report(REVOKED, 'T3');
    expect([await command('T1'), await command('T2')]).toEqual(['T1 xoxb-one', undefined]);
  });

  it('ends an organization’s installation', async () => {
    accepted.add('xoxb-org');
    await world.installs({ team: null, enterprise: 'E1', token: 'xoxb-org' });
    await world.app.workspaces.find({ teamId: 'T1', enterpriseId: 'E1' });
    expect(await isInstalled()).toBe(true);
    accepted.clear();
    await report(UNINSTALLED, 'E1');
    expect(await isInstalled()).toBe(false);
  });

  /** A call with a token that Slack answers with an error. */
  async function callFails(error: string, client: { users: { list(of: object): Promise<unknown> } }): Promise<void> {
    world.api.answer('users.list', { body: { ok: false, error } });
    await expect(client.users.list({})).rejects.toThrow(error);
  }
  const clientOf = async (team: string) => (await world.app.workspaces.of(team)).client;
  const asked = () => world.api.callsOf('auth.test').length;

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
    world.api.answer('auth.test', { status: 500, body: 'out of order' });
    const before = asked();
    await callFails('account_inactive', await clientOf('T1'));
    while (asked() === before) await new Promise(setImmediate);
    expect(await isInstalled()).toBe(true);
  });

  it('is concluded from a refused refresh once the token has expired', async () => {
    // after a failure, nothing is refreshed for a while: not in another test's workspace
    accepted.add('xoxb-old');
    await world.installs({ team: 'T9', token: 'xoxb-old', refreshToken: 'r1' });
    world.api.answer('oauth.v2.access', { body: { ok: false, error: 'invalid_refresh_token' } });
    world.ahead = 11 * 3_600_000;
    const before = asked();
    await world.app.workspaces.of('T9');
    while (asked() === before) await new Promise(setImmediate);
    expect(await isInstalled('T9')).toBe(true);
    world.ahead = 13 * 3_600_000;
    world.api.answer('auth.test', { body: { ok: false, error: 'token_expired' } });
    // another process, which doesn't wait before it tries again
    const other = world.anApp(world.keys);
    await other.workspaces.of('T9');
    expect(await isInstalled('T9')).toBe(false);
    await other.stop(0);
  });

  it('is reported again by Slack if Slack couldn’t be asked', async () => {
    await installs('xoxb-one');
    world.api.answer('auth.test', { status: 500, body: 'out of order' });
    expect(await report(UNINSTALLED)).toBe(503);
    expect(await isInstalled()).toBe(true);
  });
});
