import { afterEach, describe, expect, it } from '@jest/globals';
import type { SlackApp } from '../../../src/slack/app/app.ts';
import {
  onAction,
  onClosed,
  onCommand,
  onEvent,
  onOptions,
  onShortcut,
  onSubmit,
} from '../../../src/slack/app/listeners.ts';
import { Repeats } from '../../../src/slack/app/repeated-requests.ts';
import { modal } from '../../../src/slack/blocks/blocks.ts';
import {
  clickInMessage,
  clickInView,
  sendCommand,
  sendEvent,
  sendInteraction,
  submission,
  type Target,
  viewPayload,
} from '../../support/slack/signed.ts';
import type { SlackApiStandIn } from '../../support/slack/slack-api.ts';
import { gate, startTestApp, type TestApp } from '../../support/slack/slack-app.ts';

let running: TestApp | undefined;

async function start(listen: (app: SlackApp, api: SlackApiStandIn) => void): Promise<TestApp> {
  running = await startTestApp(listen);
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

type Listen = (app: SlackApp, work: () => Promise<void>) => void;

const KINDS: readonly (readonly [string, Listen, (target: Target) => Promise<Response>])[] = [
  [
    'a slash command',
    (app, work) => onCommand(app, '/billing', work),
    (target) => sendCommand(target, '/billing', 'groups'),
  ],
  [
    'a click in a message',
    (app, work) => onAction(app, 'a.click', work),
    (target) => sendInteraction(target, clickInMessage({ action_id: 'a.click' })),
  ],
  [
    'a click in a modal',
    (app, work) => onAction(app, 'a.click', work),
    (target) => sendInteraction(target, clickInView({ action_id: 'a.click' }, { id: 'V1' })),
  ],
  [
    'a submitted modal',
    (app, work) => onSubmit(app, 'm.form', { parse: () => ({ ok: 1 }), work }),
    (target) => sendInteraction(target, submission('m.form', { name: 'x' })),
  ],
  [
    'a closed modal',
    (app, work) => onClosed(app, 'm.form', work),
    (target) =>
      sendInteraction(target, { type: 'view_closed', is_cleared: false, view: viewPayload({ callback_id: 'm.form' }) }),
  ],
  [
    'a global shortcut',
    (app, work) => onShortcut(app, 's.start', work),
    (target) => sendInteraction(target, { type: 'shortcut', callback_id: 's.start', trigger_id: 't1', action_ts: '1' }),
  ],
  [
    'an event',
    (app, work) => onEvent(app, 'app_home_opened', work),
    (target) => sendEvent(target, { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', event_ts: '1' }),
  ],
];

describe('every listener acknowledges before it does any work', () => {
  it.each(KINDS)('%s is acknowledged while its work is still pending', async (_name, listen, send) => {
    const begun = gate();
    const finish = gate();
    let done = false;
    const { target, app } = await start((one) =>
      listen(one, async () => {
        begun.open();
        await finish.promise;
        done = true;
      }),
    );
    const response = await send(target);
    expect(response.status).toBe(200);
    await begun.promise;
    expect(done).toBe(false);
    const stopped = app.stop(10_000);
    finish.open();
    await stopped;
    expect(done).toBe(true);
  });

  it('the acknowledgement isn’t delayed by other work', async () => {
    const finish = gate();
    const { target } = await start((app) => onCommand(app, '/billing', () => finish.promise));
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendCommand(target, '/billing', '')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    finish.open();
  });

  it('stopping gives up waiting for work after a limit, and says so', async () => {
    const finish = gate();
    const { target, app, lines } = await start((one) => onCommand(one, '/billing', () => finish.promise));
    await sendCommand(target, '/billing', '');
    await app.stop(20);
    expect(lines.some(({ msg, left }) => msg === 'stopped before all requests were done' && left === 1)).toBe(true);
    finish.open();
  });
});

describe('a handler', () => {
  it('gets the person, the place, and a way to answer privately', async () => {
    const { target, api } = await start((app) =>
      onCommand(app, '/billing', async (context, command) => {
        await context.respond(
          `${context.teamId} ${context.userId} ${context.channelId} ${context.triggerId} ${command.text}`,
        );
      }),
    );
    await sendCommand(target, '/billing', 'groups', { user: 'U7', channel: 'C9', responseUrl: api.responseUrl });
    const { args } = await api.next('response_url');
    expect(args).toEqual({ response_type: 'ephemeral', replace_original: false, text: 'T0001 U7 C9 trigger.1 groups' });
  });

  it('gets the value of whatever element was used', async () => {
    const seen: unknown[] = [];
    const { target } = await start((app) =>
      onAction(app, ['a.button', 'a.menu', 'a.users'], async (_context, action) => {
        seen.push([action.actionId, action.value, action.values, action.message]);
      }),
    );
    const message = { channelId: 'C1', ts: '1700000000.000100', ephemeral: false };
    await sendInteraction(target, clickInMessage({ action_id: 'a.button', value: 'v1' }));
    const chosen = { type: 'static_select', action_id: 'a.menu', selected_option: { text: {}, value: 'v2' } };
    await sendInteraction(target, clickInMessage(chosen));
    await sendInteraction(
      target,
      clickInMessage({ type: 'multi_users_select', action_id: 'a.users', selected_users: ['U1', 'U2'] }),
    );
    expect(seen).toEqual([
      ['a.button', 'v1', ['v1'], message],
      ['a.menu', 'v2', ['v2'], message],
      ['a.users', 'U1', ['U1', 'U2'], message],
    ]);
  });

  it('gets an event’s identity and attempt number, which the log has too', async () => {
    const seen: unknown[] = [];
    const { target, lines } = await start((app) =>
      onEvent(app, 'app_home_opened', async (context, event, meta) => {
        seen.push([context.userId, event.tab, meta]);
        if (seen.length === 1) throw new Error('the first time fails');
      }),
    );
    const event = { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', event_ts: '1' };
    await sendEvent(target, event, { eventId: 'Ev7' });
    const retry = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' };
    await sendEvent(target, event, { eventId: 'Ev7', headers: retry });
    // once handled, it isn't handled again
    await sendEvent(target, event, { eventId: 'Ev7', headers: { 'x-slack-retry-num': '2' } });
    expect(seen).toEqual([
      ['U1', 'home', { eventId: 'Ev7', retry: 0 }],
      ['U1', 'home', { eventId: 'Ev7', retry: 1 }],
    ]);
    const retries = lines.filter(({ msg }) => msg === 'sent again by Slack');
    expect(retries).toMatchObject([
      { retry: 1, reason: 'http_timeout', kind: 'event', name: 'app_home_opened' },
      { retry: 2 },
    ]);
  });
});

describe('a submitted form', () => {
  const listen = (app: SlackApp) =>
    onSubmit(app, 'm.form', {
      parse: (form) =>
        form.name === null ? { errors: { name: 'Please give a name.', nowhere: 'Odd.' } } : { ok: form.name },
      work: async (context, name) => context.respond(`Done: ${name}`),
      origin: (view) => view.private_metadata,
    });

  it('is answered with errors under its fields, without doing its work', async () => {
    const { target, api } = await start(listen);
    const response = await sendInteraction(target, submission('m.form', { name: null }));
    expect(await response.json()).toEqual({ response_action: 'errors', errors: { name: 'Please give a name. Odd.' } });
    expect(api.calls.map(({ method }) => method)).toEqual(['auth.test']);
  });

  it('closes, and is answered in the channel it came from', async () => {
    const { target, api } = await start(listen);
    const response = await sendInteraction(target, submission('m.form', { name: 'Acme' }, { private_metadata: 'C5' }));
    expect(await response.text()).toBe('');
    expect((await api.next('chat.postEphemeral')).args).toMatchObject({
      channel: 'C5',
      user: 'U1',
      text: 'Done: Acme',
    });
  });

  it('can keep a view open with its acknowledgement', async () => {
    const waiting = modal({ title: 'Saving', blocks: [] });
    const { target } = await start((app) =>
      onSubmit(app, 'm.form', {
        parse: () => ({ ok: 1, ack: { response_action: 'update', view: waiting } }),
        work: async () => undefined,
      }),
    );
    const response = await sendInteraction(target, submission('m.form', { name: 'x' }));
    expect(await response.json()).toMatchObject({ response_action: 'update', view: { title: { text: 'Saving' } } });
  });
});

describe('a menu’s options', () => {
  const ask = (target: Target) =>
    sendInteraction(target, {
      type: 'block_suggestion',
      action_id: 'o.find',
      block_id: 'b',
      value: 'ac',
      container: {},
    });

  it('are the acknowledgement itself, limited to a hundred', async () => {
    const { target } = await start((app) =>
      onOptions(app, 'o.find', async (_context, { typed }) =>
        Array.from({ length: 120 }, (_, i) => ({ text: `${typed}${i}`, value: `v${i}` })),
      ),
    );
    const { options } = Object(await (await ask(target)).json());
    expect(options).toHaveLength(100);
    expect(options[0]).toEqual({ text: { type: 'plain_text', text: 'ac0', emoji: false }, value: 'v0' });
  });

  it('are none when the search fails or takes too long', async () => {
    const never = gate();
    let failing = true;
    const { target, lines } = await start((app) =>
      onOptions(app, 'o.find', async () => {
        if (failing) throw new Error('no index');
        await never.promise;
        return [];
      }),
    );
    expect(await (await ask(target)).json()).toEqual({ options: [] });
    failing = false;
    expect(await (await ask(target)).json()).toEqual({ options: [] });
    expect(lines.filter(({ msg }) => msg === 'the options of a menu could not be loaded')).toHaveLength(2);
    never.open();
  });
});

describe('a request without a listener', () => {
  it('is still acknowledged, and logged unless it only opened a link', async () => {
    const { target, lines } = await start(() => undefined);
    const answers = [
      await sendInteraction(target, clickInMessage({ action_id: 'old.button' })),
      await sendInteraction(target, clickInMessage({ action_id: 'link', url: 'https://example.com' })),
      await sendCommand(target, '/other', ''),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(lines.filter(({ msg }) => msg === 'no listener handles this request')).toHaveLength(2);
  });

  it('can get only one listener', async () => {
    const { app } = await start((one) => onCommand(one, '/billing', async () => undefined));
    expect(() => onCommand(app, '/billing', async () => undefined)).toThrow('/billing');
    expect(app.registry.registered).toEqual([{ kind: 'command', name: '/billing' }]);
  });
});

describe('a command that opens a form, sent again by Slack', () => {
  it.each(['exchanged_trigger_id', 'expired_trigger_id'])('answers nothing the second time (%s)', async (error) => {
    let opened = 0;
    const { target, api, app, lines } = await start((app, api) => {
      api.answer('views.open', () =>
        opened++ === 0 ? { body: { ok: true, view: { id: 'V1' } } } : { body: { ok: false, error } },
      );
      onCommand(app, '/billing', async ({ openModal }) => {
        await openModal(modal({ title: 'Create group', blocks: [] }));
      });
    });
    await sendCommand(target, '/billing', 'create');
    await sendCommand(target, '/billing', 'create', {}, { headers: { 'x-slack-retry-num': '1' } });
    await Promise.all(app.running);
    expect(opened).toBe(1);
    // another process remembers nothing of it
    Object.assign(app, { repeats: new Repeats() });
    await sendCommand(target, '/billing', 'create', {}, { headers: { 'x-slack-retry-num': '1' } });
    await Promise.all(app.running);
    expect(opened).toBe(2);
    expect(api.callsOf('response_url')).toHaveLength(0);
    expect(lines.filter((line) => 'fault' in line)).toEqual([]);
  });
});
