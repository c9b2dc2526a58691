import { afterEach, describe, expect, it } from '@jest/globals';
import type { App } from '@slack/bolt';
import { BOT_USER_ID, type Fields } from '../../../src/local/workspace/index.ts';
import { FINN, GENERAL, makeBench, makeClient, OLGA, refusal } from './support.ts';

const TEAM = { id: 'S0FINTEAM', handle: 'finance-team', name: 'Finance team', users: [FINN] };
const SEED = {
  team: { id: 'T0LOCAL', name: 'Acme', domain: 'acme' },
  users: [
    { id: OLGA, name: 'olga', real_name: 'Olga Owner' },
    { id: FINN, name: 'finn', real_name: 'Finn Finance' },
  ],
  channels: [{ id: GENERAL, name: 'general', members: [OLGA, FINN, BOT_USER_ID] }],
  userGroups: [TEAM],
};
const open: { stop: () => Promise<void> }[] = [];
const events: Fields[] = [];

async function started(more: { should_escape?: boolean; subscriptions?: readonly string[] } = {}) {
  const { should_escape = true, ...rest } = more;
  const listen = (app: App) => {
    app.command('/demo', ({ ack, command }) => ack(command.text));
    app.event('subteam_members_changed', async ({ event }) => {
      events.push({ ...event });
    });
  };
  const slashCommands = [{ command: '/demo', description: '', usage_hint: '', should_escape }];
  const bench = await makeBench(listen, { seed: SEED, slashCommands, ...rest });
  open.push(bench);
  return { ...bench, client: makeClient(bench.workspace) };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((it) => it.stop()));
  events.length = 0;
});

describe('user groups', () => {
  it('are listed, with members and their number on request', async () => {
    const { client } = await started();
    const bare = (await client.usergroups.list({})).usergroups ?? [];
    expect(bare).toEqual([
      expect.objectContaining({
        id: TEAM.id,
        team_id: 'T0LOCAL',
        handle: TEAM.handle,
        name: TEAM.name,
        date_delete: 0,
      }),
    ]);
    expect([bare[0]?.users, bare[0]?.user_count]).toEqual([undefined, undefined]);
    const full = await client.usergroups.list({ include_users: true, include_count: true });
    expect(full.usergroups?.[0]).toMatchObject({ users: [FINN], user_count: 1 });
  });

  it('return their members, and an error if they don’t exist', async () => {
    const { client } = await started();
    expect((await client.usergroups.users.list({ usergroup: TEAM.id })).users).toEqual([FINN]);
    expect(await refusal(client.usergroups.users.list({ usergroup: 'S0NOTHING' }))).toBe('no_such_subteam');
  });

  it('tell the app who joined and who left', async () => {
    const { workspace, client } = await started();
    await workspace.setUserGroupMembers(TEAM.id, [OLGA, OLGA]);
    expect(events).toEqual([
      expect.objectContaining({
        subteam_id: TEAM.id,
        team_id: 'T0LOCAL',
        date_update: expect.any(Number),
        ...{ added_users: [OLGA], added_users_count: 1, removed_users: [FINN], removed_users_count: 1 },
      }),
    ]);
    expect((await client.usergroups.users.list({ usergroup: TEAM.id })).users).toEqual([OLGA]);
  });

  it('send nothing when nobody joined or left, or the app hasn’t subscribed', async () => {
    const { workspace } = await started();
    expect(await workspace.setUserGroupMembers(TEAM.id, [FINN])).toBeNull();
    const deaf = await started({ subscriptions: ['app_home_opened'] });
    expect(await deaf.workspace.setUserGroupMembers(TEAM.id, [OLGA])).toBeNull();
    expect(deaf.workspace.deliveries).toEqual([]);
    expect(events).toEqual([]);
  });

  it('accept only existing people', async () => {
    const { workspace } = await started();
    await expect(workspace.setUserGroupMembers('S0NOTHING', [OLGA])).rejects.toThrow('no_such_subteam');
    await expect(workspace.setUserGroupMembers(TEAM.id, ['U0NOBODY'])).rejects.toThrow('user_not_found');
  });

  it('are mentioned in escaped commands, and in messages', async () => {
    const { workspace } = await started();
    const olga = workspace.as(OLGA);
    const typed = '/demo members invite @finance-team @finn @nobody';
    expect((await olga.command(GENERAL, typed)).ack.body).toBe(
      `members invite <!subteam^${TEAM.id}|@finance-team> <@${FINN}|finn> @nobody`,
    );
    expect((await olga.say(GENERAL, 'hello @finance-team')).text).toBe(`hello <!subteam^${TEAM.id}>`);
    const bare = await started({ should_escape: false });
    expect((await bare.workspace.as(OLGA).command(GENERAL, typed)).ack.body).toBe(typed.slice('/demo '.length));
  });
});
