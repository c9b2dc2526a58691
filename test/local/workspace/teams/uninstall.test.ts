import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BOT_USER_ID, type LocalWorkspaces, type UninstallHow } from '../../../../src/local/workspace/index.ts';
import { clientOf, GENERAL, type Heard, makeTwo, OLGA, ONE, startListener, TWO } from './support.ts';

let workspaces: LocalWorkspaces;
let heard: Heard;

beforeEach(async () => {
  workspaces = await makeTwo();
  heard = await startListener(workspaces);
});
afterEach(async () => {
  heard.stop();
  await workspaces.stop();
});

const types = () => heard.bodies.map(({ event }) => (event as { type: string }).type);

describe('uninstalling the app', () => {
  it.each<[string, UninstallHow['events'], string[]]>([
    ['both events', undefined, ['tokens_revoked', 'app_uninstalled']],
    ['the other order', ['app_uninstalled', 'tokens_revoked'], ['app_uninstalled', 'tokens_revoked']],
    ['one of them twice', ['app_uninstalled', 'app_uninstalled'], ['app_uninstalled', 'app_uninstalled']],
  ])('sends %s', async (_what, events, expected) => {
    workspaces.install(ONE, OLGA);
    await workspaces.uninstall(ONE, events && { events });
    expect(types()).toEqual(expected);
    expect(new Set(heard.bodies.map(({ event_id }) => event_id)).size).toBe(2);
    expect(heard.bodies).toMatchObject(expected.map(() => ({ team_id: ONE })));
  });

  it('can be reported again after the app was installed again, and then ends nothing', async () => {
    workspaces.install(ONE, OLGA);
    await workspaces.uninstall(ONE, { events: [] });
    const { accessToken } = workspaces.install(ONE, OLGA);
    await workspaces.repeatUninstalled(ONE);
    expect(types()).toEqual(['tokens_revoked', 'app_uninstalled']);
    expect((await clientOf(workspaces, accessToken).auth.test()).team_id).toBe(ONE);
  });

  it('takes the bot out of its channels, and nothing more reaches the app from there', async () => {
    workspaces.install(ONE, OLGA);
    workspaces.install(TWO, OLGA);
    await workspaces.uninstall(ONE, { events: [] });
    const members = (id: string) => workspaces.of(id).state.channels.get(GENERAL)?.members.includes(BOT_USER_ID);
    expect([members(ONE), members(TWO)]).toEqual([false, true]);
    const olga = workspaces.of(ONE).as(OLGA);
    expect((await olga.command(GENERAL, '/demo')).ack.error).toBe('dispatch_failed');
    expect(olga.ephemerals(GENERAL).at(-1)?.text).toContain('/demo is not a valid command');
    expect(await olga.openHome()).toEqual({ ack: null });
    expect(heard.bodies).toEqual([]);
    workspaces.install(ONE, OLGA);
    await olga.command(GENERAL, '/demo');
    expect(heard.bodies).toMatchObject([{ team_id: ONE, command: '/demo' }]);
  });
});

describe('the page’s panel', () => {
  const post = (name: string, body: object) =>
    fetch(`${workspaces.url}/-/bench/${name}`, {
      method: 'POST',
      headers: { origin: workspaces.url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('uninstalls the app in the page’s workspace, in a chosen order', async () => {
    workspaces.install(ONE, OLGA);
    workspaces.install(TWO, OLGA);
    workspaces.setInstallPages({
      installUrl: 'http://127.0.0.1:9/slack/install',
      redirectUri: 'http://127.0.0.1:9/back',
    });
    expect(workspaces.of(TWO).bench.status().app).toEqual({
      ...{ installed_in: TWO, is_enterprise: false, install_url: 'http://127.0.0.1:9/slack/install' },
    });
    const response = await post('uninstall', { team: TWO, events: ['app_uninstalled', 'tokens_revoked'] });
    expect(await response.json()).toMatchObject({ ok: true, bench: { app: { installed_in: null } } });
    expect(types()).toEqual(['app_uninstalled', 'tokens_revoked']);
    expect([workspaces.isInstalled(ONE), workspaces.isInstalled(TWO)]).toEqual([true, false]);
    const other = await post('uninstall', { team: TWO, events: ['other'] });
    expect(await other.json()).toMatchObject({ ok: false, error: 'invalid_arguments' });
    const again = await post('uninstall', { team: TWO });
    expect(await again.json()).toMatchObject({ ok: false, error: 'app_not_installed' });
  });
});
