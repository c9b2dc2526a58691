import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebClient } from '@slack/web-api';
import { BOT_USER_ID, type LocalWorkspaces, type Message } from '../../../../src/local/workspace/index.ts';
import { refusal } from '../support.ts';
import { clientOf, FINN, GENERAL, type Heard, makeTwo, OLGA, ONE, startListener, TWO } from './support.ts';

let workspaces: LocalWorkspaces;
let heard: Heard;
let one: WebClient;
let two: WebClient;

beforeEach(async () => {
  workspaces = await makeTwo({ lookAlike: true });
  heard = await startListener(workspaces);
  one = clientOf(workspaces, workspaces.install(ONE, OLGA).accessToken);
  two = clientOf(workspaces, workspaces.install(TWO, OLGA).accessToken);
});
afterEach(async () => {
  heard.stop();
  await workspaces.stop();
});

const last = <T>(list: readonly T[]): T => {
  const found = list.at(-1);
  if (found === undefined) throw new Error('There is none');
  return found;
};

describe('two workspaces on one server', () => {
  it('have their own people, channels and messages, even with the same IDs', async () => {
    expect((await one.users.info({ user: OLGA })).user).toMatchObject({ real_name: 'Olga of Acme', team_id: ONE });
    expect((await two.users.info({ user: OLGA })).user).toMatchObject({ real_name: 'Olga of Globex', team_id: TWO });
    const [inOne, inTwo] = [
      await one.chat.postMessage({ channel: GENERAL, text: 'for Acme' }),
      await two.chat.postMessage({ channel: GENERAL, text: 'for Globex' }),
    ];
    expect(inOne.ts).toBe(inTwo.ts);
    const history = async (client: WebClient) => (await client.conversations.history({ channel: GENERAL })).messages;
    expect(await history(one)).toMatchObject([{ text: 'for Acme', team: ONE }]);
    expect(await history(two)).toMatchObject([{ text: 'for Globex', team: TWO }]);
    await one.chat.update({ channel: GENERAL, ts: inOne.ts ?? '', text: 'changed' });
    expect(await history(two)).toMatchObject([{ text: 'for Globex' }]);
  });

  it('know their own tokens only', async () => {
    expect(await one.auth.test()).toMatchObject({ team_id: ONE, team: 'Acme', user_id: BOT_USER_ID });
    expect(await two.auth.test()).toMatchObject({ team_id: TWO, team: 'Globex' });
    expect(await refusal(clientOf(workspaces, 'xoxb-made-up').auth.test())).toBe('invalid_auth');
    // a workspace's token can't be turned to another workspace
    expect(await clientOf(workspaces, one.token ?? '', TWO).auth.test()).toMatchObject({ team_id: ONE });
  });

  it('refuse what is only in the other one', async () => {
    workspaces.of(TWO).state.putChannel({
      ...{ id: 'C0TWO', name: 'only-here', is_private: false, is_im: false, is_archived: false, created: 0 },
      members: [OLGA, BOT_USER_ID],
    });
    await workspaces.of(TWO).join({ id: 'U0NEW', name: 'new', real_name: 'New' });
    const { ts = '' } = await two.chat.postMessage({ channel: 'C0TWO', text: 'secret' });
    expect(await refusal(one.conversations.info({ channel: 'C0TWO' }))).toBe('channel_not_found');
    expect(await refusal(one.conversations.history({ channel: 'C0TWO' }))).toBe('channel_not_found');
    expect(await refusal(one.chat.update({ channel: 'C0TWO', ts, text: 'x' }))).toBe('channel_not_found');
    expect(await refusal(one.users.info({ user: 'U0NEW' }))).toBe('user_not_found');
    expect(await refusal(one.conversations.open({ users: 'U0NEW' }))).toBe('user_not_found');
  });

  it('send requests that name them', async () => {
    for (const id of [ONE, TWO]) {
      await workspaces.of(id).as(OLGA).command(GENERAL, '/demo');
      expect(last(heard.bodies)).toMatchObject({ team_id: id, channel_id: GENERAL, user_id: OLGA });
      await workspaces.of(id).as(OLGA).openHome();
      expect(last(heard.bodies)).toMatchObject({ team_id: id, authorizations: [{ team_id: id, enterprise_id: null }] });
      await workspaces.of(id).as(FINN).say(GENERAL, 'hello');
      expect(last(heard.bodies)).toMatchObject({ team_id: id, event: { text: 'hello', team: id } });
    }
  });

  it('take triggers and response URLs back only where they come from', async () => {
    const typed = async (id: string) => {
      await workspaces.of(id).as(OLGA).command(GENERAL, '/demo');
      return last(heard.bodies);
    };
    const { trigger_id: trigger, response_url: url } = await typed(ONE);
    const view = {
      ...{ type: 'modal' as const, callback_id: 'c', title: { type: 'plain_text' as const, text: 'Form' } },
      blocks: [{ type: 'divider' as const }],
    };
    expect(await refusal(two.views.open({ trigger_id: String(trigger), view }))).toBe('invalid_trigger_id');
    expect((await one.views.open({ trigger_id: String(trigger), view })).view).toMatchObject({ team_id: ONE });
    expect(workspaces.of(TWO).as(OLGA).openedView()).toBeUndefined();
    const answer = await fetch(String(url), { method: 'POST', body: JSON.stringify({ text: 'for one' }) });
    expect(answer.status).toBe(200);
    expect(workspaces.of(ONE).as(OLGA).ephemerals(GENERAL)).toMatchObject([{ text: 'for one' }]);
    expect(workspaces.of(TWO).as(OLGA).ephemerals(GENERAL)).toEqual([]);
  });

  it('keep files apart that have the same ID', async () => {
    const files = await Promise.all(
      [ONE, TWO].map((id) => workspaces.of(id).as(FINN).upload(GENERAL, 'costs.csv', `from ${id}`)),
    );
    expect(new Set(files.map(({ id }) => id)).size).toBe(1);
    const read = async (client: WebClient, url = '') =>
      (await fetch(url, { headers: { authorization: `Bearer ${client.token}` } })).text();
    const [first, second] = files;
    expect(await read(one, first?.url_private_download)).toBe(`from ${ONE}`);
    expect(await read(two, second?.url_private_download)).toBe(`from ${TWO}`);
    expect(await read(one, second?.url_private_download)).toContain('Sign in');
  });

  it('upload files to the workspace of the token', async () => {
    await two.filesUploadV2({ channel_id: GENERAL, filename: 'invoice.csv', content: 'a,b' });
    const shared = (id: string) =>
      workspaces
        .of(id)
        .as(OLGA)
        .messages(GENERAL)
        .flatMap((message: Message) => message.files ?? []);
    expect([shared(ONE).length, shared(TWO).map(({ name }) => name)]).toEqual([0, ['invoice.csv']]);
  });

  it('fail and are limited on their own', async () => {
    workspaces.of(TWO).faults.next({ method: 'chat.postMessage', kind: 'error', error: 'fatal_error' });
    await one.chat.postMessage({ channel: GENERAL, text: 'works' });
    expect(await refusal(two.chat.postMessage({ channel: GENERAL, text: 'fails' }))).toBe('fatal_error');
    workspaces.of(TWO).bench.setRevoked(true);
    await one.auth.test();
    expect(await refusal(two.auth.test())).toBe('token_revoked');
  });

  it('are shown apart by the page, with files by their own', async () => {
    await workspaces.of(TWO).as(FINN).upload(GENERAL, 'costs.csv', 'of two');
    const { id = '' } = [...workspaces.of(TWO).state.files.values()][0] ?? {};
    const get = (team: string) => fetch(`${workspaces.url}/-/file/${id}?team=${team}&as=${OLGA}`);
    expect(await (await get(TWO)).text()).toBe('of two');
    expect((await get(ONE)).status).toBe(404);
    expect((await get('T0NONE')).status).toBe(404);
    const stream = await fetch(`${workspaces.url}/-/stream?team=${TWO}`);
    const first = await stream.body?.pipeThrough(new TextDecoderStream()).getReader().read();
    expect(first?.value).toContain('"team":{"id":"T0TWO"');
    expect(first?.value).toContain('Acme');
    expect(first?.value).not.toContain('Olga of Acme');
    const headers = { origin: workspaces.url, 'content-type': 'application/json' };
    const body = JSON.stringify({ team: TWO, as: OLGA, channel: GENERAL, text: 'typed on the page' });
    await fetch(`${workspaces.url}/-/act/say`, { method: 'POST', headers, body });
    const texts = (team: string) =>
      workspaces
        .of(team)
        .as(OLGA)
        .messages(GENERAL)
        .map((message) => message.text);
    expect([texts(ONE), texts(TWO)]).toEqual([[], ['', 'typed on the page']]);
  });

  it('lead from a message’s link to its workspace', async () => {
    const links = await Promise.all(
      [one, two].map(async (client) => {
        const { ts: message_ts = '' } = await client.chat.postMessage({ channel: GENERAL, text: 'news' });
        return (await client.chat.getPermalink({ channel: GENERAL, message_ts })).permalink ?? '';
      }),
    );
    expect(new Set(links).size).toBe(2);
    for (const link of links) expect((await fetch(link)).status).toBe(200);
    expect(links[1]).toContain(`/team/${TWO}/archives/${GENERAL}/`);
  });
});
