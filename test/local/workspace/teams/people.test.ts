import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { BOT_USER_ID, type LocalWorkspace, type LocalWorkspaces } from '../../../../src/local/workspace/index.ts';
import { clientOf, FINN, GENERAL, type Heard, makeTwo, OLGA, ONE, seedOf, startListener, TWO } from './support.ts';

const GUEST = 'U0GUEST';
const STRANGER = 'U0FAR';
const AWAY = 'T0AWAY';
const SHARED = 'C0SHARED';

let workspaces: LocalWorkspaces;
let acme: LocalWorkspace;
let client: WebClient;
let heard: Heard;

beforeEach(async () => {
  const seed = seedOf(ONE, 'Acme');
  const people = [
    { id: GUEST, name: 'guest', real_name: 'Guest', is_restricted: true },
    { id: STRANGER, name: 'far', real_name: 'Far', is_stranger: true, team_id: AWAY },
  ];
  const shared = { id: SHARED, name: 'partners', is_ext_shared: true, connected_team_ids: [AWAY] };
  const channels = [...seed.channels, { ...shared, members: [OLGA, GUEST, STRANGER, BOT_USER_ID] }];
  workspaces = await makeTwo({
    teams: [{ seed: { ...seed, users: [...seed.users, ...people], channels } }, { seed: seedOf(TWO, 'Globex') }],
  });
  acme = workspaces.of(ONE);
  heard = await startListener(workspaces);
  client = clientOf(workspaces, workspaces.install(ONE, OLGA).accessToken);
});
afterEach(async () => {
  heard.stop();
  await workspaces.stop();
});

describe('events about people', () => {
  it('team_join also brings guests and deactivated people', async () => {
    await acme.join({ id: 'U0NEW', name: 'new', real_name: 'New', is_ultra_restricted: true });
    await acme.join({ id: 'U0OFF', name: 'off', real_name: 'Off', deleted: true });
    expect(heard.bodies).toMatchObject([
      { team_id: ONE, event: { type: 'team_join', user: { id: 'U0NEW', is_ultra_restricted: true, deleted: false } } },
      { team_id: ONE, event: { type: 'team_join', user: { id: 'U0OFF', deleted: true, team_id: ONE } } },
    ]);
    await expect(acme.join({ id: 'U0NEW', name: 'new', real_name: 'New' })).rejects.toThrow('user_already_team_member');
  });

  it('user_change says what a person is now, in their workspace only', async () => {
    await acme.changePerson(FINN, { is_restricted: true, real_name: 'Finn, a guest' });
    await acme.setDeactivated(OLGA, true);
    expect(heard.bodies).toMatchObject([
      { event: { type: 'user_change', user: { id: FINN, is_restricted: true, real_name: 'Finn, a guest' } } },
      { event: { type: 'user_change', user: { id: OLGA, deleted: true } } },
      { event: { type: 'subteam_members_changed', removed_users: [OLGA] } },
    ]);
    expect(workspaces.of(TWO).state.people.get(OLGA)?.deleted).toBeUndefined();
  });
});

describe('guests and people from other organizations', () => {
  it('see only channels that they are in', () => {
    const names = (id: string) => acme.state.visibleTo(id).map(({ name }) => name);
    expect([names(OLGA), names(GUEST), names(STRANGER)]).toEqual([['general', 'partners'], ['partners'], ['partners']]);
  });

  it('are told apart by users.info, and strangers aren’t listed', async () => {
    expect((await client.users.info({ user: STRANGER })).user).toMatchObject({ is_stranger: true, team_id: AWAY });
    expect((await client.users.info({ user: GUEST })).user).toMatchObject({ is_restricted: true, team_id: ONE });
    const { members = [] } = await client.users.list({});
    expect(members.map(({ id }) => id)).toEqual([BOT_USER_ID, OLGA, FINN, GUEST]);
  });

  it('act under the ID of their workspace in a shared channel, without its commands', async () => {
    await acme.as(STRANGER).say(SHARED, 'hello');
    expect(heard.bodies.at(-1)).toMatchObject({
      ...{ team_id: ONE, is_ext_shared_channel: true, authorizations: [{ team_id: ONE }] },
      event: { user: STRANGER, team: AWAY, user_team: AWAY, source_team: AWAY },
    });
    const button = { type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } };
    await client.chat.postMessage({ channel: SHARED, text: 'Go?', blocks: [{ type: 'actions', elements: [button] }] });
    const message = acme.as(STRANGER).messages(SHARED).at(-1);
    if (!message) throw new Error('There is no message');
    await acme.as(STRANGER).click({ message, actionId: 'go' });
    expect(heard.bodies.at(-1)).toMatchObject({ team: { id: AWAY }, user: { id: STRANGER, team_id: AWAY } });
    expect((await acme.as(STRANGER).command(SHARED, '/demo')).ack.error).toBe('dispatch_failed');
  });

  it('make a channel shared, which conversations.info says', async () => {
    expect((await client.conversations.info({ channel: SHARED })).channel).toMatchObject({
      ...{ is_shared: true, is_ext_shared: true, is_org_shared: false, is_pending_ext_shared: false },
      ...{ shared_team_ids: [ONE, AWAY], connected_team_ids: [AWAY], conversation_host_id: ONE, context_team_id: ONE },
    });
    expect((await client.conversations.info({ channel: GENERAL })).channel).toMatchObject({
      ...{ is_shared: false, is_ext_shared: false, shared_team_ids: [ONE] },
    });
  });
});
