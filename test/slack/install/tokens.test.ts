import { describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useInstallableApp } from '../../support/slack/install-world.ts';

useDatabase(migrate);

const world = useInstallableApp();
const { installs, command, stored, anApp, keys } = world;

describe('a token that expires', () => {
  const rotated = { body: { ok: true, access_token: 'xoxb-new', refresh_token: 'r2', expires_in: 43_200 } };

  it('is refreshed once before it does, however many requests come', async () => {
    await installs({ token: 'xoxb-old', refreshToken: 'r1' });
    world.api.answer('oauth.v2.access', rotated);
    const before = world.api.callsOf('oauth.v2.access').length;
    expect(await command('T1')).toBe('T1 xoxb-old');
    world.ahead = 11 * 3_600_000;
    const tokens = async () =>
      Promise.all([1, 2, 3].map(async () => (await world.app.workspaces.of('T1')).client.token));
    // nobody waits for it as long as the old one works
    expect(await tokens()).toEqual(['xoxb-old', 'xoxb-old', 'xoxb-old']);
    while ((await tokens())[0] === 'xoxb-old') await new Promise(setImmediate);
    expect(await tokens()).toEqual(['xoxb-new', 'xoxb-new', 'xoxb-new']);
    expect(world.api.callsOf('oauth.v2.access').slice(before)).toMatchObject([
      {
        args: { grant_type: 'refresh_token', refresh_token: 'r1', client_id: '1.2', client_secret: 'a-client-secret' },
      },
    ]);
  });

  it('is waited for once it has expired', async () => {
    await installs({ token: 'xoxb-old', refreshToken: 'r1' });
    world.api.answer('oauth.v2.access', rotated);
    world.ahead = 13 * 3_600_000;
    expect((await world.app.workspaces.of('T1')).client.token).toBe('xoxb-new');
  });

  it('stays in use while Slack can’t refresh it', async () => {
    await installs({ token: 'xoxb-old', refreshToken: 'r1' });
    world.api.answer('oauth.v2.access', { body: { ok: false, error: 'internal_error' } });
    world.ahead = 11 * 3_600_000;
    expect((await world.app.workspaces.of('T1')).client.token).toBe('xoxb-old');
    const isLogged = () => world.lines.some(({ msg }) => msg === 'a bot token could not be refreshed yet');
    while (!isLogged()) await new Promise(setImmediate);
    expect((await world.app.workspaces.of('T1')).client.token).toBe('xoxb-old');
    expect(await stored()).toMatchObject([{ endedAt: null }]);
  });
});

it('a new key encrypts all tokens when the app starts, and the old one can be removed', async () => {
  await installs({ token: 'xoxb-one', refreshToken: 'r1' });
  const newKey = Buffer.alloc(32, 2);
  const both = anApp([newKey, ...keys]);
  await both.start();
  await both.stop(0);
  const alone = anApp([newKey]);
  expect((await alone.workspaces.of('T1')).client.token).toBe('xoxb-one');
  await expect(world.app.workspaces.of('T1')).rejects.toThrow('SECRETS_KEY');
  await alone.stop(0);
});
