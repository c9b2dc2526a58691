import { afterEach, describe, expect, it } from '@jest/globals';
import { Refusal } from '../../src/billing/refusal.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onClosed, onCommand, onEvent, onShortcut, onSubmit } from '../../src/slack/app/listeners.ts';
import { loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import {
  clickInMessage,
  clickInView,
  sendCommand,
  sendEvent,
  sendInteraction,
  submission,
  viewPayload,
} from '../support/slack/signed.ts';
import { startTestApp, type TestApp } from '../support/slack/slack-app.ts';

let test: TestApp | undefined;

async function start(listen: (app: SlackApp) => void): Promise<TestApp> {
  test = await startTestApp(listen);
  return test;
}

afterEach(async () => {
  await test?.stop();
  test = undefined;
});

const refuse = async () => {
  const usage = 'Ask one of them, or look with `/billing invoices`.';
  const problem = 'Only a *billing admin* may issue <invoices>.';
  throw new Refusal('invalid_command', { problem, usage }, { people: ['U7', 'U8'] });
};

const REFUSED =
  'Only a \uFF0Abilling admin\uFF0A may issue &lt;invoices&gt;.\n' +
  'Ask one of them, or look with `/billing invoices`.\nWho can help: <@U7>, <@U8>';

const no = (error: string) => ({ body: { ok: false, error } });

describe('a refusal, shown only to the person', () => {
  it('after a command: through its response_url, escaped, with what to do and who can help', async () => {
    const { target, api } = await start((app) => onCommand(app, '/billing', refuse));
    await sendCommand(target, '/billing', '', { responseUrl: api.responseUrl });
    const { args } = await api.next('response_url');
    expect(args).toMatchObject({ response_type: 'ephemeral', replace_original: false, text: REFUSED });
    expect(args.blocks).toHaveLength(3);
  });

  it('after a click in a message: through its response_url, without changing the message', async () => {
    const { target, api } = await start((app) => onAction(app, 'a.click', refuse));
    await sendInteraction(target, clickInMessage({ action_id: 'a.click' }), { responseUrl: api.responseUrl });
    expect((await api.next('response_url')).args).toMatchObject({ replace_original: false, text: REFUSED });
  });

  it('without a usable response_url: in the channel, only for that person', async () => {
    const { target, api } = await start((app) => onCommand(app, '/billing', refuse));
    await sendCommand(target, '/billing', '', { user: 'U3', channel: 'C4' });
    expect((await api.next('chat.postEphemeral')).args).toMatchObject({ channel: 'C4', user: 'U3', text: REFUSED });
    api.answer('response_url', { status: 404, body: 'expired_url' });
    const again = { user: 'U3', channel: 'C4', responseUrl: api.responseUrl, trigger: 'trigger.2' };
    await sendCommand(target, '/billing', '', again);
    expect((await api.next('chat.postEphemeral')).args).toMatchObject({ channel: 'C4', user: 'U3', text: REFUSED });
  });

  it('in a direct message when the app isn’t in the channel', async () => {
    const { target, api } = await start((app) => onCommand(app, '/billing', refuse));
    api.answer('chat.postEphemeral', no('not_in_channel'));
    await sendCommand(target, '/billing', '', { user: 'U3' });
    expect((await api.next('chat.postMessage')).args).toMatchObject({ channel: 'U3', text: REFUSED });
  });

  it('after a click in a modal: on top of it, so that nothing typed is lost', async () => {
    const { target, api } = await start((app) => onAction(app, 'a.click', refuse));
    await sendInteraction(target, clickInView({ action_id: 'a.click' }, { id: 'V1' }));
    const { args } = await api.next('views.push');
    expect(args).toMatchObject({
      trigger_id: 'trigger.1',
      view: { type: 'modal', title: { text: 'That didn’t work' } },
    });
  });

  it('in the modal itself when its trigger is used up, and in a direct message when it is closed', async () => {
    const { target, api } = await start((app) => onAction(app, 'a.click', refuse));
    api.answer('views.push', no('expired_trigger_id'));
    await sendInteraction(target, clickInView({ action_id: 'a.click' }, { id: 'V1' }));
    expect((await api.next('views.update')).args).toMatchObject({ view_id: 'V1' });
    api.answer('views.update', no('not_found'));
    const again = { ...clickInView({ action_id: 'a.click' }, { id: 'V1' }), trigger_id: 'trigger.2' };
    await sendInteraction(target, again);
    expect((await api.next('chat.postMessage')).args).toMatchObject({ channel: 'U1', text: REFUSED });
  });

  it('after a click on the Home tab: in a modal, and the Home tab stays', async () => {
    const { target, api } = await start((app) => onAction(app, 'a.click', refuse));
    await sendInteraction(target, clickInView({ action_id: 'a.click' }, { id: 'V1', type: 'home' }));
    expect((await api.next('views.open')).args).toMatchObject({ trigger_id: 'trigger.1' });
    expect(api.callsOf('views.update')).toEqual([]);
  });

  it('in the modal that the handler opened', async () => {
    const { target, api } = await start((app) =>
      onCommand(app, '/billing', async (context) => {
        await context.openModal(loading('Invoice'));
        await refuse();
      }),
    );
    await sendCommand(target, '/billing', '', { responseUrl: api.responseUrl });
    expect((await api.next('views.update')).args).toMatchObject({ view_id: 'VOPENED' });
    expect(api.callsOf('response_url')).toEqual([]);
  });

  it('after a submitted modal that closed: where the form came from, or else in a direct message', async () => {
    const { target, api } = await start((app) => onSubmit(app, 'm.form', { parse: () => ({ ok: 1 }), work: refuse }));
    await sendInteraction(target, submission('m.form', { name: 'x' }));
    expect((await api.next('chat.postMessage')).args).toMatchObject({ channel: 'U1', text: REFUSED });
  });

  it('after a submitted modal that stayed: in it, or in the form shown again', async () => {
    const ack = { response_action: 'update', view: loading('Saving') } as const;
    const { target, api } = await start((app) => {
      onSubmit(app, 'm.form', { parse: () => ({ ok: 1, ack }), work: refuse });
      onSubmit(app, 'm.again', {
        parse: ({ name }) => ({ ok: name, ack }),
        work: refuse,
        again: (name, words) => modal({ title: 'Again', blocks: [...words.blocks, section(String(name))] }),
      });
    });
    await sendInteraction(target, submission('m.form', { name: 'x' }));
    expect((await api.next('views.update')).args).toMatchObject({
      view_id: 'V1',
      view: { title: { text: 'That didn’t work' } },
    });
    await sendInteraction(target, submission('m.again', { name: 'typed' }));
    const { view } = (await api.next('views.update')).args;
    expect(view).toMatchObject({ title: { text: 'Again' } });
    expect(JSON.stringify(view)).toContain('typed');
  });

  it('while a form is read: under its fields, or instead of the form', async () => {
    const { target } = await start((app) => {
      onSubmit(app, 'm.fields', {
        parse: () => {
          throw new Refusal('invalid_input', { fields: { name: 'Too long.' } });
        },
        work: async () => undefined,
      });
      onSubmit(app, 'm.whole', {
        parse: () => {
          throw new Refusal('members_only');
        },
        work: async () => undefined,
      });
    });
    const fields = await sendInteraction(target, submission('m.fields', { name: 'x' }));
    expect(await fields.json()).toEqual({ response_action: 'errors', errors: { name: 'Too long.' } });
    const whole: unknown = await (await sendInteraction(target, submission('m.whole', { name: 'x' }))).json();
    expect(whole).toMatchObject({ response_action: 'update' });
    expect(JSON.stringify(whole)).toContain('Only a member can leave an account.');
  });

  it('after a closed modal and an event: in a direct message or in the channel', async () => {
    const { target, api } = await start((app) => {
      onClosed(app, 'm.form', refuse);
      onEvent(app, 'app_mention', refuse);
    });
    await sendInteraction(target, {
      type: 'view_closed',
      is_cleared: false,
      view: viewPayload({ callback_id: 'm.form' }),
    });
    expect((await api.next('chat.postMessage')).args).toMatchObject({ channel: 'U1', text: REFUSED });
    await sendEvent(target, { type: 'app_mention', user: 'U2', channel: 'C2', ts: '1', event_ts: '1', text: 'hi' });
    expect((await api.next('chat.postEphemeral')).args).toMatchObject({ channel: 'C2', user: 'U2', text: REFUSED });
  });

  it('after a global shortcut: in a modal', async () => {
    const { target, api } = await start((app) => onShortcut(app, 's.start', refuse));
    await sendInteraction(target, { type: 'shortcut', callback_id: 's.start', trigger_id: 't9', action_ts: '1' });
    expect((await api.next('views.open')).args).toMatchObject({ trigger_id: 't9' });
  });

  it('is logged with its code, and not as an error', async () => {
    const { target, app, lines } = await start((one) => onCommand(one, '/billing', refuse));
    await sendCommand(target, '/billing', '');
    await app.stop();
    expect(lines.filter(({ msg }) => msg === 'refused')).toMatchObject([
      { level: 'info', code: 'invalid_command', user: 'U1' },
    ]);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a fault', () => {
  const fail = async () => {
    throw new Error('connection to 10.0.0.7 lost', { cause: new Error('ECONNRESET') });
  };

  it('is shown with its number and without its cause, and logged with both', async () => {
    const { target, api, lines } = await start((app) => onCommand(app, '/billing', fail));
    await sendCommand(target, '/billing', '', { responseUrl: api.responseUrl });
    const { args } = await api.next('response_url');
    const text = String(args.text);
    const fault = /^Something went wrong on our side \(error ([A-Z2-9]{6})\)\. Nothing was changed halfway/.exec(
      text,
    )?.[1];
    expect(fault).toBeDefined();
    expect(JSON.stringify(args)).not.toContain('10.0.0.7');
    const logged = lines.filter((line) => line.fault === fault);
    expect(logged).toMatchObject([
      { level: 'error', err: { message: 'connection to 10.0.0.7 lost', cause: { message: 'ECONNRESET' } } },
    ]);
    expect(logged[0]?.requestId).toEqual(expect.any(String));
  });

  it('in Slack doesn’t claim that nothing was done', async () => {
    const { target, api } = await start((app) =>
      onCommand(app, '/billing', async ({ client }) => {
        await client.chat.postMessage({ channel: 'C1', text: 'news' });
      }),
    );
    api.answer('chat.postMessage', no('channel_not_found'));
    await sendCommand(target, '/billing', '', { responseUrl: api.responseUrl });
    const { args } = await api.next('response_url');
    expect(String(args.text)).toContain('may have been carried out');
    expect(String(args.text)).not.toContain('Nothing was changed halfway');
  });

  it('while a form is read replaces the form', async () => {
    const { target } = await start((app) =>
      onSubmit(app, 'm.form', {
        parse: () => {
          throw new TypeError('undefined is not a function');
        },
        work: async () => undefined,
      }),
    );
    const answer: unknown = await (await sendInteraction(target, submission('m.form', { name: 'x' }))).json();
    expect(answer).toMatchObject({ response_action: 'update', view: { title: { text: 'Something went wrong' } } });
    expect(JSON.stringify(answer)).not.toContain('undefined');
  });

  it('that can’t be shown is logged too, and the app continues', async () => {
    const { target, app, api, lines } = await start((one) => onCommand(one, '/billing', fail));
    api.answer('chat.postEphemeral', no('user_not_in_channel'));
    api.answer('chat.postMessage', no('account_inactive'));
    await sendCommand(target, '/billing', '');
    await Promise.all(app.running);
    expect(lines.filter(({ msg }) => msg === 'the reply to the person could not be sent')).toHaveLength(1);
    expect((await sendCommand(target, '/billing', '')).status).toBe(200);
  });
});

describe('a person from another workspace', () => {
  it('is refused, and no handler runs', async () => {
    let ran = 0;
    const { target, api } = await start((app) => {
      onAction(app, 'a.click', async () => {
        ran += 1;
      });
      onSubmit(app, 'm.form', {
        parse: () => {
          ran += 1;
          return { ok: 1 };
        },
        work: async () => undefined,
      });
    });
    await sendInteraction(target, clickInMessage({ action_id: 'a.click' }), {
      team: 'T0002',
      responseUrl: api.responseUrl,
    });
    expect(String((await api.next('response_url')).args.text)).toContain('only available to members of the workspace');
    await sendInteraction(target, submission('m.form', { name: 'x' }), { team: 'T0002' });
    await api.next('chat.postMessage');
    expect(ran).toBe(0);
  });
});
