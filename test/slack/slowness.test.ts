import { afterEach, describe, expect, it } from '@jest/globals';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onCommand, onEvent, onSubmit } from '../../src/slack/app/listeners.ts';
import { loading, modal } from '../../src/slack/blocks/blocks.ts';
import { clickInView, sendCommand, sendEvent, sendInteraction, submission } from '../support/slack/signed.ts';
import { gate, startTestApp, type TestApp } from '../support/slack/slack-app.ts';

let running: TestApp | undefined;

async function start(listen: (app: SlackApp) => void): Promise<TestApp> {
  running = await startTestApp(listen, { slowMs: 1 });
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

describe('a slow request', () => {
  it('gets a notice, and then its outcome', async () => {
    const work = gate();
    const { target, api } = await start((app) => onCommand(app, '/billing', () => work.promise));
    await sendCommand(target, '/billing', 'create Blue');
    expect((await api.next('chat.postEphemeral')).args.text).toContain('longer than usual');
    work.open();
    expect((await api.next('chat.postEphemeral')).args.text).toContain('is done now');
  });

  it('doesn’t get a second notice that it is done', async () => {
    const work = gate();
    const { target, api, app } = await start((one) =>
      onCommand(one, '/billing', async (context) => {
        await work.promise;
        await context.respond('Created Blue');
      }),
    );
    await sendCommand(target, '/billing', 'create Blue');
    await api.next('chat.postEphemeral');
    work.open();
    expect((await api.next('chat.postEphemeral')).args.text).toBe('Created Blue');
    await Promise.all(app.running);
    expect(api.callsOf('chat.postEphemeral')).toHaveLength(2);
  });

  it('gets a notice when it finally fails', async () => {
    const work = gate();
    const { target, api } = await start((app) =>
      onCommand(app, '/billing', async () => {
        await work.promise;
        throw new Error('The database doesn’t answer');
      }),
    );
    await sendCommand(target, '/billing', 'create Blue');
    await api.next('chat.postEphemeral');
    work.open();
    expect((await api.next('chat.postEphemeral')).args.text).toContain('Something went wrong');
  });

  it('gets the notice in its open modal, which then shows the outcome', async () => {
    const work = gate();
    const { target, api } = await start((app) =>
      onSubmit(app, 'm.form', {
        parse: () => ({ ok: 1, ack: { response_action: 'update', view: loading('Saving') } }),
        async work(context, _value, view) {
          await work.promise;
          await context.client.views.update({ view_id: view.id, view: modal({ title: 'Saved', blocks: [] }) });
        },
      }),
    );
    await sendInteraction(target, submission('m.form', { name: 'x' }));
    expect(JSON.stringify((await api.next('views.update')).args)).toContain('longer than usual');
    work.open();
    expect(JSON.stringify((await api.next('views.update')).args)).toContain('Saved');
  });

  it('doesn’t change a form that the person is filling in', async () => {
    const work = gate();
    const { target, api } = await start((app) => onAction(app, 'a.click', () => work.promise));
    await sendInteraction(target, clickInView({ action_id: 'a.click' }, { id: 'V1' }));
    expect((await api.next('chat.postMessage')).args.text).toContain('longer than usual');
    work.open();
    await Promise.all(running?.app.running ?? []);
    expect(api.callsOf('views.update')).toHaveLength(0);
  });
});

it('an event that takes long is no request that somebody waits for', async () => {
  const work = gate();
  const { target, api, app } = await start((one) => onEvent(one, 'file_shared', () => work.promise));
  const event = { type: 'file_shared', file_id: 'F1', user_id: 'U1', channel_id: 'D1', event_ts: '1.1' };
  await sendEvent(target, event, { eventId: 'Ev1' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  work.open();
  await Promise.all(app.running);
  expect(['chat.postEphemeral', 'chat.postMessage'].flatMap((method) => api.callsOf(method))).toEqual([]);
});

describe('a command that is too long', () => {
  it('is refused with an explanation', async () => {
    let ran = false;
    const { target, api } = await start((app) =>
      onCommand(app, '/billing', async () => {
        ran = true;
      }),
    );
    await sendCommand(target, '/billing', `create ${'x'.repeat(10_000)}`);
    expect((await api.next('chat.postEphemeral')).args.text).toContain('at most 3,000 characters');
    expect(ran).toBe(false);
  });
});
