import { afterEach, describe, expect, it } from '@jest/globals';
import type { App, BlockAction } from '@slack/bolt';
import type { HomeView } from '@slack/web-api';
import { type Bench, FINANCE, FINN, GENERAL, gather, makeBench, OLGA, plain, refusal, section } from './support.ts';

let bench: Bench;
afterEach(() => bench.stop());

const BUTTONS = {
  type: 'actions' as const,
  block_id: 'row',
  elements: [
    { type: 'button' as const, action_id: 'demo.go', text: plain('Go'), value: 'left' },
    { type: 'button' as const, action_id: 'demo.stop', text: plain('Stop'), style: 'danger' as const },
  ],
};

describe('a click in a message', () => {
  it('tells the app the element, the place, and what else was entered there', async () => {
    const seen: BlockAction[] = [];
    bench = await makeBench((app) => {
      app.action<BlockAction>('demo.go', async ({ ack, body }) => {
        seen.push(body);
        await ack();
      });
    });
    const { ts = '' } = await bench.client.chat.postMessage({ channel: GENERAL, text: 'Well?', blocks: [BUTTONS] });
    const olga = bench.workspace.as(OLGA);
    const [message] = olga.messages(GENERAL);
    if (!message) throw new Error('no message');
    const { ack } = await olga.click({ message, actionId: 'demo.go' });
    expect(ack).toMatchObject({ status: 200, body: '' });
    expect(seen[0]).toMatchObject({
      user: { id: OLGA },
      channel: { id: GENERAL, name: 'general' },
      container: { type: 'message', message_ts: ts, channel_id: GENERAL, is_ephemeral: false },
      message: { ts, text: 'Well?' },
      actions: [{ type: 'button', block_id: 'row', action_id: 'demo.go', value: 'left', text: plain('Go') }],
    });
  });

  it('can replace and delete the message through the response_url', async () => {
    bench = await makeBench((app) => {
      app.action('demo.go', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'Gone left', blocks: [section('Gone left'), BUTTONS] });
      });
      app.action('demo.stop', async ({ ack, respond }) => {
        await ack();
        await respond({ delete_original: true });
      });
    });
    const finn = bench.workspace.as(FINN);
    await bench.client.chat.postEphemeral({ channel: FINANCE, user: FINN, text: 'Well?', blocks: [BUTTONS] });
    const [message] = finn.ephemerals(FINANCE);
    if (!message) throw new Error('no message');
    await finn.click({ message, actionId: 'demo.go' });
    const replaced = await finn.waitFor(() => finn.ephemerals(FINANCE).find((it) => it.text === 'Gone left'));
    expect(replaced).toMatchObject({ ts: message.ts, ephemeral_to: FINN });
    await finn.click({ message: replaced, actionId: 'demo.stop' });
    await finn.waitFor(() => finn.ephemerals(FINANCE).length === 0);
    expect(finn.messages(FINANCE)).toEqual([]);
  });

  it('that the app doesn’t acknowledge shows the person an error', async () => {
    bench = await makeBench(undefined, { timing: { ackMs: 40 } });
    await bench.client.chat.postMessage({ channel: GENERAL, text: 'Well?', blocks: [BUTTONS] });
    const olga = bench.workspace.as(OLGA);
    const [message] = olga.messages(GENERAL);
    if (!message) throw new Error('no message');
    expect((await olga.click({ message, actionId: 'demo.go' })).ack.error).toBeDefined();
    expect(olga.notices()).toHaveLength(1);
    await expect(olga.click({ message, actionId: 'demo.fly' })).rejects.toThrow(
      'there are: row/demo.go, row/demo.stop',
    );
  });
});

describe('a response_url', () => {
  const urlOf = async (responder: Bench) => {
    await responder.workspace.as(OLGA).command(GENERAL, '/demo');
    return new URLSearchParams(responder.workspace.deliveries.at(-1)?.body).get('response_url') ?? '';
  };
  const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const listen = (app: App) => app.command('/demo', ({ ack }) => ack());

  it('accepts five posts', async () => {
    bench = await makeBench(listen);
    const url = await urlOf(bench);
    for (const number of [1, 2, 3, 4, 5]) expect((await post(url, { text: `post ${number}` })).status).toBe(200);
    const sixth = await post(url, { text: 'post 6' });
    expect(sixth.status).toBe(404);
    expect(await sixth.json()).toEqual({ ok: false, error: 'used_url' });
    expect(bench.workspace.as(OLGA).ephemerals(GENERAL)).toHaveLength(5);
  });

  it('is valid for 30 minutes', async () => {
    let now = new Date('2026-03-01T12:00:00Z');
    bench = await makeBench(listen, { clock: { now: () => now } });
    const url = await urlOf(bench);
    now = new Date('2026-03-01T12:30:00Z');
    expect((await post(url, { text: 'in time' })).status).toBe(200);
    now = new Date('2026-03-01T12:30:01Z');
    expect(await (await post(url, { text: 'late' })).json()).toEqual({ ok: false, error: 'expired_url' });
  });

  it('rejects blocks that Slack would reject', async () => {
    bench = await makeBench(listen);
    const answer = await post(await urlOf(bench), { text: 'x', blocks: [{ type: 'section' }] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ ok: false, error: 'invalid_blocks' });
  });
});

describe('App Home', () => {
  const home = (text: string): HomeView => ({ type: 'home', blocks: [section(text), BUTTONS] });

  it('is published when it is opened, and its buttons work', async () => {
    const clicks: unknown[] = [];
    bench = await makeBench((app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: home('Welcome') });
      });
      app.action('demo.go', async ({ ack, body }) => {
        clicks.push(body);
        await ack();
      });
    });
    const olga = bench.workspace.as(OLGA);
    await olga.openHome();
    const view = await olga.waitFor(() => olga.home());
    expect(view).toMatchObject({ type: 'home', blocks: [section('Welcome'), { block_id: 'row' }] });
    await olga.click({ home: true, actionId: 'demo.go' });
    expect(clicks[0]).toMatchObject({
      container: { type: 'view', view_id: view.id },
      view: { id: view.id, type: 'home' },
    });
  });

  it('rejects an outdated hash and an unknown person', async () => {
    bench = await makeBench();
    const { views } = bench.client;
    const first = await views.publish({ user_id: OLGA, view: home('1') });
    const hash = first.view?.hash ?? '';
    await views.publish({ user_id: OLGA, view: home('2'), hash });
    expect(await refusal(views.publish({ user_id: OLGA, view: home('3'), hash }))).toBe('hash_conflict');
    expect(await refusal(views.publish({ user_id: 'U0NOBODY', view: home('1') }))).toBe('user_not_found');
  });
});

describe('an external select', () => {
  const FORM = {
    type: 'modal' as const,
    title: plain('Find'),
    submit: plain('Take'),
    callback_id: 'demo.find',
    blocks: [
      {
        type: 'input' as const,
        block_id: 'found',
        label: plain('Project'),
        element: { type: 'external_select' as const, action_id: 'demo.project', min_query_length: 0 },
      },
    ],
  };

  it('asks the app for options, and one of them can be chosen', async () => {
    const taken: unknown[] = [];
    bench = await makeBench((app) => {
      app.command('/demo', async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: FORM });
      });
      app.options('demo.project', ({ ack, options }) =>
        ack({
          options: ['alpha', 'beta']
            .filter((it) => it.startsWith(options.value))
            .map((it) => ({ text: plain(it), value: it })),
        }),
      );
      app.view('demo.find', async ({ ack, view }) => {
        taken.push(view.state.values.found?.['demo.project']?.selected_option);
        await ack();
      });
    });
    const olga = bench.workspace.as(OLGA);
    await olga.command(GENERAL, '/demo');
    const view = await olga.waitForView('Find');
    const { options } = await olga.suggest({ actionId: 'demo.project' }, 'be');
    expect(options.map((it) => it.value)).toEqual(['beta']);
    await expect(olga.submit(view, { found: 'alpha' })).rejects.toThrow('offers no option alpha');
    await olga.submit(view, { found: 'beta' });
    expect(taken).toEqual([{ text: plain('beta'), value: 'beta' }]);
  });
});

describe('a person’s message', () => {
  it('sends an event to the app in its channels, with names as mentions and characters escaped', async () => {
    const events = gather<unknown>(3);
    bench = await makeBench((app) => {
      app.event('message', async ({ event }) => events.heard(event));
      app.event('app_mention', async ({ event }) => events.heard(event));
    });
    const olga = bench.workspace.as(OLGA);
    await olga.say(GENERAL, 'A & B, ask @finn in #finance or @bot');
    await bench.workspace.as(OLGA).say(olga.directMessage(), 'psst');
    await bench.workspace.as(OLGA).say('C0SECRETS', 'not for the app');
    const text = `A &amp; B, ask <@${FINN}> in <#${FINANCE}|finance> or <@U0LOCALBOT>`;
    expect(await events.all).toMatchObject([
      { type: 'message', channel: GENERAL, channel_type: 'channel', user: OLGA, text },
      { type: 'app_mention', channel: GENERAL, text },
      { type: 'message', channel_type: 'im', text: 'psst' },
    ]);
  });

  it('in a public channel makes them a member of it', async () => {
    bench = await makeBench();
    const { state } = bench.workspace;
    state.putChannel({
      id: 'C0OPEN',
      name: 'open',
      is_private: false,
      is_im: false,
      is_archived: false,
      members: [],
      created: 0,
    });
    await bench.workspace.as(OLGA).say('C0OPEN', 'hello');
    expect(state.channels.get('C0OPEN')?.members).toEqual([OLGA]);
    expect(bench.workspace.deliveries).toEqual([]);
  });

  it('is sent again without an acknowledgement, with the number of the attempt', async () => {
    bench = await makeBench(undefined, { signingSecret: 'another secret', timing: { eventRetriesMs: [0, 5] } });
    const { workspace } = bench;
    await workspace.as(OLGA).say(GENERAL, 'hello');
    await workspace.waitFor(() => workspace.deliveries.filter((it) => it.ack).length === 3);
    const retries = workspace.deliveries.map((it) => it.headers['x-slack-retry-num']);
    expect(retries).toEqual([undefined, '1', '2']);
    expect(new Set(workspace.deliveries.map((it) => it.body)).size).toBe(1);
  });

  it('isn’t sent if the app hasn’t subscribed to it', async () => {
    bench = await makeBench(undefined, { subscriptions: ['message.im'] });
    const olga = bench.workspace.as(OLGA);
    await olga.say(GENERAL, 'hello');
    await olga.openHome();
    expect(bench.workspace.deliveries).toEqual([]);
    await olga.say(olga.directMessage(), 'hello');
    expect(bench.workspace.deliveries).toHaveLength(1);
  });
});

describe('shortcuts', () => {
  it('reach the app, both global and message shortcuts', async () => {
    const seen: unknown[] = [];
    bench = await makeBench((app) => {
      app.shortcut('demo.anywhere', async ({ ack, body }) => {
        seen.push(body.type);
        await ack();
      });
      app.shortcut({ callback_id: 'demo.this', type: 'message_action' }, async ({ ack, body }) => {
        seen.push(body.message.text);
        await ack();
      });
    });
    const olga = bench.workspace.as(OLGA);
    await olga.shortcut('demo.anywhere');
    await olga.shortcut('demo.this', await olga.say(GENERAL, 'look here'));
    expect(seen).toEqual(['shortcut', 'look here']);
  });
});
