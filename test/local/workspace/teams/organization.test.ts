import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { BOT_USER_ID, type LocalWorkspaces } from '../../../../src/local/workspace/index.ts';
import { refusal } from '../support.ts';
import {
  CREDENTIALS,
  call,
  clientOf,
  GENERAL,
  type Heard,
  makeTwo,
  ONE,
  REDIRECT,
  SCOPES,
  seedOf,
  startListener,
  TWO,
} from './support.ts';

const ORG = { id: 'E0ORG', name: 'Initech', domain: 'initech' };
/** People of an organization have such IDs, the same in all its workspaces. */
const WANDA = 'W0WANDA';
const AWAY = 'T0AWAY';

let workspaces: LocalWorkspaces;
let heard: Heard;
let org: WebClient;

beforeEach(async () => {
  const inOrg = (id: string, name: string) => {
    const seed = seedOf(id, name, ORG.id);
    const wanda = { id: WANDA, name: 'wanda', real_name: 'Wanda', is_owner: true };
    const own = { id: `C0${id}`, name: 'own', members: [WANDA, BOT_USER_ID] };
    return { seed: { ...seed, users: [wanda], channels: [...seed.channels, own], userGroups: [] } };
  };
  const teams = [inOrg(ONE, 'North'), inOrg(TWO, 'South'), { seed: seedOf(AWAY, 'Elsewhere') }];
  workspaces = await makeTwo({ organizations: [ORG], teams });
  heard = await startListener(workspaces);
  org = clientOf(workspaces, workspaces.install(ORG.id, WANDA).accessToken);
});
afterEach(async () => {
  heard.stop();
  await workspaces.stop();
});

const last = () => heard.bodies.at(-1);

describe('an organization-wide installation', () => {
  it('is chosen on the install page by an owner, and gives one token for all workspaces', async () => {
    const page = await fetch(`${workspaces.url}/oauth/v2/authorize?client_id=1.2&scope=commands`);
    expect(await page.text()).toContain('Initech (the whole organization), as Wanda');
    const body = new URLSearchParams({
      client_id: '1.2',
      scope: SCOPES.join(),
      answer: 'allow',
      choice: `${ORG.id}/${WANDA}`,
    });
    const led = await fetch(`${workspaces.url}/oauth/v2/authorize`, { method: 'POST', body, redirect: 'manual' });
    const to = new URL(led.headers.get('location') ?? '');
    expect(to.origin + to.pathname).toBe(REDIRECT);
    const tokens = await call(workspaces, 'oauth.v2.access', {
      ...CREDENTIALS,
      code: to.searchParams.get('code') ?? '',
    });
    expect(tokens).toMatchObject({
      ...{ ok: true, team: null, enterprise: { id: ORG.id, name: 'Initech' }, is_enterprise_install: true },
      authed_user: { id: WANDA },
    });
  });

  it('needs team_id for lists, and takes it for others', async () => {
    for (const method of ['conversations.list', 'users.list', 'users.conversations', 'usergroups.list'])
      expect(await refusal(org.apiCall(method))).toBe('missing_argument');
    const names = async (team_id: string) =>
      ((await org.conversations.list({ team_id })).channels ?? []).map(({ id, context_team_id }) => [
        id,
        context_team_id,
      ]);
    expect(await names(ONE)).toEqual([
      [GENERAL, ONE],
      [`C0${ONE}`, ONE],
    ]);
    expect(await names(TWO)).toEqual([
      [GENERAL, TWO],
      [`C0${TWO}`, TWO],
    ]);
    expect(await refusal(org.conversations.list({ team_id: AWAY }))).toBe('team_not_found');
    expect(await org.apiCall('auth.test', { team_id: TWO })).toMatchObject({
      ...{ team_id: TWO, enterprise_id: ORG.id, is_enterprise_install: true },
    });
  });

  it('finds what other calls name in the workspace that has it', async () => {
    await org.chat.postMessage({ channel: `C0${TWO}`, text: 'to South' });
    const texts = (id: string) =>
      workspaces
        .of(id)
        .state.history(`C0${TWO}`)
        .map(({ text }) => text);
    expect([texts(ONE), texts(TWO)]).toEqual([[], ['to South']]);
    // where two have the same ID, the argument decides
    await org.chat.postMessage({ channel: GENERAL, text: 'to South, too', ...{ team_id: TWO } });
    expect([ONE, TWO].map((id) => workspaces.of(id).state.history(GENERAL).length)).toEqual([0, 1]);
    expect(await refusal(org.chat.postMessage({ channel: 'C0NONE', text: 'x' }))).toBe('channel_not_found');
    expect(await refusal(org.conversations.info({ channel: `C0${AWAY}` }))).toBe('channel_not_found');
  });

  it('is named in commands, events, interactions and views', async () => {
    const wanda = workspaces.of(TWO).as(WANDA);
    await wanda.command(GENERAL, '/demo');
    expect(last()).toMatchObject({
      ...{
        team_id: TWO,
        enterprise_id: ORG.id,
        enterprise_name: 'Initech',
        is_enterprise_install: 'true',
        user_id: WANDA,
      },
    });
    const trigger = String(last()?.trigger_id);
    await wanda.say(GENERAL, 'hello');
    expect(last()).toMatchObject({
      ...{ team_id: TWO, enterprise_id: ORG.id },
      authorizations: [{ team_id: TWO, enterprise_id: ORG.id, is_enterprise_install: true }],
    });
    const { view } = await org.views.open({
      trigger_id: trigger,
      view: {
        type: 'modal',
        callback_id: 'c',
        title: { type: 'plain_text', text: 'Form' },
        blocks: [{ type: 'divider' }],
      },
    });
    expect(view).toMatchObject({ team_id: TWO, app_installed_team_id: ORG.id });
    await wanda.submit(await wanda.waitForView());
    expect(last()).toMatchObject({
      ...{ type: 'view_submission', is_enterprise_install: true, enterprise: { id: ORG.id, name: 'Initech' } },
      user: { id: WANDA, team_id: TWO },
    });
  });

  it('shows people with their organization', async () => {
    expect((await org.users.info({ user: WANDA })).user).toMatchObject({
      enterprise_user: { id: WANDA, enterprise_id: ORG.id, teams: [ONE, TWO] },
    });
  });

  it('names the workspace of people who act from another one', async () => {
    await workspaces.of(ONE).join({ id: 'W0SOUTH', name: 'south', real_name: 'South', team_id: TWO });
    await workspaces.of(ONE).as('W0SOUTH').say(GENERAL, 'from South');
    expect(last()).toMatchObject({ team_id: ONE, event: { team: TWO, user_team: TWO, source_team: TWO } });
  });

  it('ends for all workspaces, reported under the organization’s ID', async () => {
    heard.bodies.length = 0;
    await workspaces.uninstall(ORG.id);
    expect(heard.bodies).toMatchObject([
      { team_id: ORG.id, enterprise_id: ORG.id, event: { type: 'tokens_revoked' } },
      { team_id: ORG.id, enterprise_id: ORG.id, event: { type: 'app_uninstalled' } },
    ]);
    expect(await refusal(org.apiCall('auth.test', { team_id: ONE }))).toBe('account_inactive');
    for (const id of [ONE, TWO]) expect(await workspaces.of(id).as(WANDA).openHome()).toEqual({ ack: null });
  });

  it('and a workspace’s own: the later one gets the requests', async () => {
    const own = clientOf(workspaces, workspaces.install(ONE, WANDA).accessToken);
    expect(await own.auth.test()).toMatchObject({ team_id: ONE, enterprise_id: ORG.id, is_enterprise_install: false });
    await workspaces.of(ONE).as(WANDA).openHome();
    expect(last()).toMatchObject({ authorizations: [{ team_id: ONE, is_enterprise_install: false }] });
    expect(await refusal(org.users.list({ team_id: ONE }))).toBe('team_access_not_granted');
    await workspaces.of(TWO).as(WANDA).openHome();
    expect(last()).toMatchObject({ authorizations: [{ team_id: TWO, is_enterprise_install: true }] });
  });
});
