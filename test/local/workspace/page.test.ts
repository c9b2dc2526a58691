import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { App } from '@slack/bolt';
import { applyChange, messagesOf, repliesTo, worldOf } from '../../../src/local/page/world.ts';
import type { Change, Snapshot } from '../../../src/local/workspace/index.ts';
import { type Bench, FINANCE, FINN, GENERAL, IDLE_BENCH, makeBench, makeClient, OLGA, plain } from './support.ts';

let bench: Bench;
let url: string;

beforeEach(async () => {
  bench = await makeBench(listen);
  url = bench.workspace.url;
});
afterEach(() => bench.stop());

function listen(app: App): void {
  app.command('/demo', async ({ ack, client, command }) => {
    await ack('Here you are');
    const blocks = [
      {
        type: 'input' as const,
        block_id: 'name',
        label: plain('Name'),
        element: { type: 'plain_text_input' as const, action_id: 'text' },
      },
    ];
    await client.views.open({
      trigger_id: command.trigger_id,
      view: { type: 'modal', callback_id: 'demo.form', title: plain('Form'), submit: plain('Send'), blocks },
    });
  });
  app.view('demo.form', async ({ ack, client, view }) => {
    await ack();
    await client.chat.postMessage({ channel: GENERAL, text: `Name: ${view.state.values.name?.text?.value}` });
  });
}

function act(name: string, body: object, headers: Record<string, string> = { origin: url }): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers };
  return fetch(`${url}/-/act/${name}`, { method: 'POST', headers: all, body: JSON.stringify(body) });
}

/** Reads a person's stream: the snapshot, and changes until `last` is true for one. */
async function readStream(
  as: string,
  begun: () => void,
  last: (change: Change) => boolean,
): Promise<[Snapshot, Change[]]> {
  const response = await fetch(`${url}/-/stream?as=${as}`);
  if (!response.body) throw new Error('no stream');
  let snapshot: Snapshot | undefined;
  const changes: Change[] = [];
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = JSON.parse(event.slice(event.indexOf('data: ') + 6));
      if (event.startsWith('event: change')) changes.push(data);
      else {
        snapshot = data;
        begun();
      }
    }
    const [latest] = changes.slice(-1);
    if (snapshot && latest && last(latest)) return [snapshot, changes];
  }
  throw new Error('The stream ended');
}

describe('the page', () => {
  it('is served with a policy that allows nothing from elsewhere', async () => {
    const page = await fetch(url);
    expect(await page.text()).toContain('/page.js');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const script = await fetch(`${url}/page.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await script.text()).length).toBeGreaterThan(10_000);
    expect(await (await fetch(`${url}/page.css`)).text()).toContain('prefers-color-scheme');
  });

  it('is where a message’s permalink leads', async () => {
    const { ts = '' } = await bench.client.chat.postMessage({ channel: GENERAL, text: 'here' });
    const { permalink = '' } = await bench.client.chat.getPermalink({ channel: GENERAL, message_ts: ts });
    expect(await (await fetch(permalink)).text()).toContain('/page.js');
  });

  it('can’t be controlled by another page', async () => {
    const body = { as: OLGA, channel: GENERAL, text: 'from elsewhere' };
    for (const headers of [{}, { origin: 'http://evil.example' }, { origin: 'null' }]) {
      expect((await act('say', body, headers)).status).toBe(403);
    }
    const form = await fetch(`${url}/-/act/say`, {
      method: 'POST',
      headers: { origin: url },
      body: JSON.stringify(body),
    });
    expect(form.status).toBe(400);
    const stream = await fetch(`${url}/-/stream?as=${OLGA}`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(stream.status).toBe(403);
    expect(bench.workspace.as(OLGA).messages(GENERAL)).toEqual([]);
  });

  it('acts for its person with the same signed requests', async () => {
    const olga = bench.workspace.as(OLGA);
    expect((await act('command', { as: OLGA, channel: GENERAL, text: '/demo' })).status).toBe(200);
    const view = await olga.waitForView('Form');
    const incomplete = await act('submit', { as: OLGA, view: view.id, entries: {} });
    expect(await incomplete.json()).toMatchObject({
      ok: true,
      outcome: 'incomplete',
      errors: { name: expect.any(String) },
    });
    const sent = await act('submit', { as: OLGA, view: view.id, entries: { name: { text: 'Shop' } } });
    expect(await sent.json()).toMatchObject({ ok: true, outcome: 'close' });
    await olga.waitFor(() => olga.messages(GENERAL).some((message) => message.text === 'Name: Shop'));
  });

  it('rejects unknown people and the bot', async () => {
    for (const as of ['U0NOBODY', 'U0LOCALBOT']) {
      const refused = await act('say', { as, channel: GENERAL, text: 'x' });
      expect(await refused.json()).toEqual({ ok: false, error: 'user_not_found' });
    }
  });

  it('shows files to those who can see their channel, and never as a page', async () => {
    const headers = { origin: url, 'content-type': 'application/octet-stream' };
    const upload = (name: string, bytes: string) =>
      fetch(`${url}/-/upload?as=${FINN}&channel=${FINANCE}&name=${name}`, { method: 'POST', headers, body: bytes });
    await upload('costs.csv', 'a,b');
    await upload('evil.html', '<script>alert(1)</script>');
    const [csv, html] = bench.workspace
      .as(FINN)
      .messages(FINANCE)
      .map((message) => message.files?.[0]?.id);
    const get = (id: string | undefined, as: string) => fetch(`${url}/-/file/${id}?as=${as}`);
    expect(await (await get(csv, FINN)).text()).toBe('a,b');
    expect((await get(csv, OLGA)).status).toBe(404);
    const shown = await get(html, FINN);
    expect(shown.headers.get('content-disposition')).toContain('attachment');
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
  });
});

describe('the live stream', () => {
  it('immediately gives each person what they may see', async () => {
    const client = makeClient(bench.workspace);
    const say = async () => {
      await client.chat.postMessage({ channel: FINANCE, text: 'for finance' });
      await client.chat.postEphemeral({ channel: GENERAL, user: FINN, text: 'for Finn' });
      await client.chat.postMessage({ channel: GENERAL, text: 'for all' });
    };
    let open = 0;
    const begun = () => {
      open += 1;
      if (open === 2) void say();
    };
    const isLast = (change: Change) => change.kind === 'message' && change.message.text === 'for all';
    const [olga, finn] = await Promise.all([readStream(OLGA, begun, isLast), readStream(FINN, begun, isLast)]);
    const texts = (changes: Change[]) => changes.flatMap((it) => (it.kind === 'message' ? [it.message.text] : []));
    expect(texts(olga[1])).toEqual(['for all']);
    expect(texts(finn[1])).toEqual(['for finance', 'for Finn', 'for all']);
    expect(olga[0].channels.map((it) => it.name)).toEqual(['general', 'secrets', 'directmessage']);
    expect(olga[0].me.real_name).toBe('Olga Owner');
  });
});

describe('a window’s state', () => {
  const message = (ts: string, more = {}) => ({
    type: 'message' as const,
    ts,
    channel: GENERAL,
    user: FINN,
    text: ts,
    ...more,
  });
  const snapshot = (): Snapshot => ({
    team: { id: 'T', name: 'Acme', domain: 'acme' },
    teams: [],
    me: { id: OLGA, name: 'olga', real_name: 'Olga' },
    bot: { id: 'B', name: 'bot', real_name: 'bot' },
    people: [],
    user_groups: [],
    channels: [],
    messages: [message('1.0')],
    views: [],
    home: null,
    commands: [],
    shortcuts: [],
    bench: IDLE_BENCH,
  });

  it('counts new messages from others in channels that aren’t open', () => {
    const change = (ts: string, more = {}): Change => ({
      kind: 'message',
      channel: GENERAL,
      message: message(ts, more),
    });
    let world = worldOf(snapshot(), undefined);
    world = applyChange(world, change('2.0'), FINANCE);
    world = applyChange(world, change('3.0', { user: OLGA }), FINANCE);
    world = applyChange(world, change('2.0', { text: 'edited' }), FINANCE);
    world = applyChange(world, change('4.0'), GENERAL);
    expect(world.unread).toEqual({ [GENERAL]: 1 });
    expect(world.messages.map((it) => it.text)).toEqual(['1.0', 'edited', '3.0', '4.0']);
  });

  it('remembers what was read in an earlier window', () => {
    const messages = [message('1.0'), message('2.0'), message('3.0', { user: OLGA }), message('4.0')];
    expect(worldOf({ ...snapshot(), messages }, undefined, { [GENERAL]: '1.0' }).unread).toEqual({ [GENERAL]: 2 });
    expect(worldOf({ ...snapshot(), messages }, undefined, { [GENERAL]: '4.0' }).unread).toEqual({});
  });

  it('is updated when user groups get new members', () => {
    const group = { id: 'S1', handle: 'team', name: 'Team', users: [FINN], updated: 1 };
    const world = worldOf({ ...snapshot(), user_groups: [group] }, undefined);
    const after = applyChange(world, { kind: 'user_group', group: { ...group, users: [OLGA] } }, GENERAL);
    expect(after.user_groups.map((it) => it.users)).toEqual([[OLGA]]);
  });

  it('keeps replies with their message, and drops deleted messages', () => {
    let world = worldOf(snapshot(), undefined);
    world = applyChange(
      world,
      { kind: 'message', channel: GENERAL, message: message('2.0', { thread_ts: '1.0' }) },
      GENERAL,
    );
    const [root] = messagesOf(world, GENERAL);
    if (!root) throw new Error('no message');
    expect(messagesOf(world, GENERAL)).toHaveLength(1);
    expect(repliesTo(world, root).map((it) => it.ts)).toEqual(['2.0']);
    world = applyChange(world, { kind: 'message_deleted', channel: GENERAL, ts: '2.0' }, GENERAL);
    expect(repliesTo(world, root)).toEqual([]);
  });
});
