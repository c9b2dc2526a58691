import { describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useInstallableApp } from '../../support/slack/install-world.ts';
import { sendEvent, sendInteraction, viewPayload } from '../../support/slack/signed.ts';

useDatabase(migrate);

const world = useInstallableApp();
const { installs, command } = world;

describe('requests', () => {
  it('get the token of their own workspace, and its ID in calls', async () => {
    await installs({ team: 'T1', token: 'xoxb-one' });
    await installs({ team: 'T2', token: 'xoxb-two' });
    expect([await command('T1'), await command('T2')]).toEqual(['T1 xoxb-one', 'T2 xoxb-two']);
    const calls = world.api.callsOf('users.list').slice(-2);
    expect(calls.map(({ token, args }) => [token, args.team_id])).toEqual([
      ['xoxb-one', 'T1'],
      ['xoxb-two', 'T2'],
    ]);
  });

  it('from a workspace without the app run nothing', async () => {
    await installs({ team: 'T1', token: 'xoxb-one' });
    const before = world.api.callsOf('response_url').length;
    expect(await command('T3', { responseUrl: world.api.responseUrl })).toBeUndefined();
    expect(world.api.callsOf('response_url').slice(before)).toMatchObject([
      { args: { text: expect.stringContaining('where it is installed') }, token: undefined },
    ]);
    await sendEvent({ url: `${world.base}/slack/events` }, { type: 'team_join', user: { id: 'U1' } }, { team: 'T3' });
    await Promise.all(world.app.running);
    expect(world.answered).toEqual([]);
  });

  it('in an organization get its token for each workspace, which background jobs then reach too', async () => {
    await installs({ team: null, enterprise: 'E1', token: 'xoxb-org' });
    expect(await world.app.workspaces.installedAmong(new Set(['T5']))).toEqual(new Set());
    const payload = {
      type: 'view_submission',
      view: viewPayload({ app_installed_team_id: 'E1', callback_id: 'none' }),
    };
    await sendInteraction(
      { url: `${world.base}/slack/events` },
      { ...payload, enterprise: { id: 'E1' } },
      { team: 'T5' },
    );
    expect(await world.app.workspaces.installedAmong(new Set(['T5', 'T6']))).toEqual(new Set(['T5']));
    const { client } = await world.app.workspaces.of('T5');
    await client.users.list({});
    expect(world.api.callsOf('users.list').at(-1)).toMatchObject({ token: 'xoxb-org', args: { team_id: 'T5' } });
    await expect(world.app.workspaces.of('T6')).rejects.toThrow('T6');
  });

  it('from another workspace of an organization belong to the only one with the app', async () => {
    await installs({ team: 'T1', enterprise: 'E1', token: 'xoxb-one' });
    expect(await world.app.workspaces.find({ teamId: 'T7', enterpriseId: 'E1' })).toMatchObject({ teamId: 'T1' });
    await installs({ team: 'T2', enterprise: 'E1', token: 'xoxb-two' });
    expect(await world.app.workspaces.find({ teamId: 'T7', enterpriseId: 'E1' })).toBeUndefined();
    expect(await world.app.workspaces.find({ teamId: 'T2', enterpriseId: 'E1' })).toMatchObject({ teamId: 'T2' });
  });

  it('in an organization that installs the app for all its workspaces get the new token', async () => {
    await installs({ team: 'T1', enterprise: 'E1', token: 'xoxb-one' });
    world.ahead = 1_000;
    await installs({ team: null, enterprise: 'E1', token: 'xoxb-org' });
    const found = await world.app.workspaces.find({ teamId: 'T1', enterpriseId: 'E1' });
    expect([found?.teamId, found?.client.token]).toEqual(['T1', 'xoxb-org']);
  });
});
