import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/web-api';
import { type Bench, GENERAL, makeBench, OLGA, plain, refusal, refused, section } from './support.ts';

let bench: Bench;
let now: Date;
const submitted: unknown[] = [];

const FORM: ModalView = {
  type: 'modal',
  callback_id: 'demo.form',
  title: plain('A form'),
  submit: plain('Send'),
  notify_on_close: true,
  private_metadata: 'kept',
  blocks: [
    { type: 'input', block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input', action_id: 'text' } },
    {
      type: 'input',
      block_id: 'size',
      label: plain('Size'),
      element: {
        type: 'static_select',
        action_id: 'pick',
        options: ['small', 'big'].map((value) => ({ text: plain(value), value })),
        initial_option: { text: plain('small'), value: 'small' },
      },
    },
    {
      type: 'input',
      block_id: 'who',
      optional: true,
      label: plain('Who'),
      element: { type: 'multi_users_select', action_id: 'people' },
    },
  ],
};

function listen(app: App): void {
  app.command('/demo', async ({ ack, client, command }) => {
    await ack();
    await client.views.open({ trigger_id: command.trigger_id, view: FORM });
  });
  app.view('demo.form', async ({ ack, view }) => {
    submitted.push({ values: view.state.values, private_metadata: view.private_metadata });
    const name = view.state.values.name?.text?.value;
    if (name === 'taken') await ack({ response_action: 'errors', errors: { name: 'Taken already' } });
    else if (name === 'wrong') await ack({ response_action: 'errors', errors: { nowhere: 'No such block' } });
    else if (name === 'more') await ack({ response_action: 'push', view: { ...FORM, title: plain('On top') } });
    else if (name === 'long') await ack({ response_action: 'update', view: { ...FORM, title: plain('x'.repeat(25)) } });
    else if (name === 'again') await ack({ response_action: 'update', view: { ...FORM, title: plain('Again') } });
    else if (name === 'all') await ack({ response_action: 'clear' });
    else await ack();
  });
  app.view({ callback_id: 'demo.form', type: 'view_closed' }, async ({ ack, body }) => {
    submitted.push({ closed: body.view.title.text, cleared: 'is_cleared' in body && body.is_cleared });
    await ack();
  });
}

beforeEach(async () => {
  submitted.length = 0;
  now = new Date('2026-03-01T12:00:00Z');
  bench = await makeBench(listen, { clock: { now: () => now } });
});
afterEach(() => bench.stop());

async function opened() {
  const olga = bench.workspace.as(OLGA);
  await olga.command(GENERAL, '/demo');
  return { olga, view: await olga.waitForView('A form') };
}

describe('submitting a modal', () => {
  it('shows errors under their fields, and closes when the app accepts it', async () => {
    const { olga, view } = await opened();
    const first = await olga.submit(view, { name: 'taken' });
    expect(first).toMatchObject({ outcome: 'errors', errors: { name: 'Taken already' } });
    expect(olga.openedView()?.id).toBe(view.id);
    const second = await olga.submit(view, { text: 'free', pick: 'big', people: [OLGA] });
    expect(second.outcome).toBe('close');
    expect(olga.openedView()).toBeUndefined();
    expect(submitted[1]).toEqual({
      private_metadata: 'kept',
      values: {
        name: { text: { type: 'plain_text_input', value: 'free' } },
        size: { pick: { type: 'static_select', selected_option: { text: plain('big'), value: 'big' } } },
        who: { people: { type: 'multi_users_select', selected_users: [OLGA] } },
      },
    });
  });

  it('sends initial values for untouched fields, and null or nothing for empty ones', async () => {
    const { olga, view } = await opened();
    await olga.submit(view, { name: 'free' });
    expect(submitted[0]).toMatchObject({
      values: {
        size: { pick: { selected_option: { value: 'small' } } },
        who: { people: { selected_users: [] } },
      },
    });
  });

  it('does nothing while a required field is empty', async () => {
    const { olga, view } = await opened();
    const result = await olga.submit(view, { size: 'big' });
    expect(result).toMatchObject({ ack: null, outcome: 'incomplete', errors: { name: expect.any(String) } });
    expect(submitted).toEqual([]);
  });

  it('rejects what a person couldn’t choose', async () => {
    const { olga, view } = await opened();
    await expect(olga.submit(view, { name: 'a', pick: 'huge' })).rejects.toThrow('it offers: small, big');
    await expect(olga.submit(view, { nome: 'a' })).rejects.toThrow('there are: name/text, size/pick, who/people');
  });

  it('can push a view, update the view, and clear the stack', async () => {
    const { olga, view } = await opened();
    expect((await olga.submit(view, { name: 'more' })).outcome).toBe('push');
    const top = olga.openedView();
    expect(top).toMatchObject({ previous_view_id: view.id, root_view_id: view.id, title: { text: 'On top' } });
    if (!top) throw new Error('no view');
    expect((await olga.submit(top, { name: 'again' })).outcome).toBe('update');
    expect(olga.openedView()).toMatchObject({ id: top.id, title: { text: 'Again' } });
    expect((await olga.submit(top, { name: 'all' })).outcome).toBe('clear');
    expect(olga.views()).toEqual([]);
  });

  it('rejects a fourth view on the stack', async () => {
    const { olga } = await opened();
    for (const outcome of ['push', 'push', 'failed']) {
      const top = olga.openedView();
      if (!top) throw new Error('no view');
      expect((await olga.submit(top, { name: 'more' })).outcome).toBe(outcome);
    }
    expect(olga.views()).toHaveLength(3);
  });

  it('tells the person about an answer that Slack doesn’t accept', async () => {
    const { olga, view } = await opened();
    expect((await olga.submit(view, { name: 'wrong' })).outcome).toBe('failed');
    expect((await olga.submit(view, { name: 'long' })).outcome).toBe('failed');
    expect(olga.notices()).toHaveLength(2);
    expect(olga.openedView()?.id).toBe(view.id);
  });

  it('rejects a view that is no longer open', async () => {
    const { olga, view } = await opened();
    await olga.submit(view, { name: 'free' });
    await expect(olga.submit(view, { name: 'free' })).rejects.toThrow('not_found');
  });
});

describe('closing a modal', () => {
  it('notifies the app if the view asked for it', async () => {
    const { olga, view } = await opened();
    await olga.submit(view, { name: 'more' });
    await olga.close();
    expect(olga.openedView()?.id).toBe(view.id);
    await olga.close(true);
    expect(olga.openedView()).toBeUndefined();
    expect(submitted.slice(1)).toEqual([
      { closed: 'On top', cleared: false },
      { closed: 'A form', cleared: true },
    ]);
  });
});

describe('a trigger_id', () => {
  it('opens one view', async () => {
    await opened();
    const trigger = new URLSearchParams(bench.workspace.deliveries[0]?.body).get('trigger_id') ?? '';
    const open = bench.client.views.open({ trigger_id: trigger, view: FORM });
    expect(await refusal(open)).toBe('exchanged_trigger_id');
  });

  it('is valid for 3 seconds', async () => {
    const quiet = await makeBench((app) => app.command('/demo', ({ ack }) => ack()), { clock: { now: () => now } });
    const open = async () => {
      const trigger = new URLSearchParams(quiet.workspace.deliveries.at(-1)?.body).get('trigger_id') ?? '';
      return quiet.client.views.open({ trigger_id: trigger, view: FORM });
    };
    await quiet.workspace.as(OLGA).command(GENERAL, '/demo');
    now = new Date(now.getTime() + 3_001);
    expect(await refusal(open())).toBe('expired_trigger_id');
    await quiet.workspace.as(OLGA).command(GENERAL, '/demo');
    now = new Date(now.getTime() + 3_000);
    await expect(open()).resolves.toMatchObject({ ok: true });
    await quiet.stop();
  });

  it('is rejected if it was never issued', async () => {
    const open = bench.client.views.open({ trigger_id: '1.2.3', view: FORM });
    expect(await refusal(open)).toBe('invalid_trigger_id');
  });
});

describe('views.update', () => {
  it('rejects an outdated hash, so that no update is lost', async () => {
    const { olga, view } = await opened();
    const { client } = bench;
    const changed: ModalView = { ...FORM, blocks: [section('Loaded')] };
    await client.views.update({ view_id: view.id, hash: view.hash, view: changed });
    expect(olga.openedView()?.blocks[0]).toMatchObject(section('Loaded'));
    expect(await refusal(client.views.update({ view_id: view.id, hash: view.hash, view: changed }))).toBe(
      'hash_conflict',
    );
    await expect(client.views.update({ view_id: view.id, view: FORM })).resolves.toMatchObject({ ok: true });
  });

  it('rejects a closed view', async () => {
    const { olga, view } = await opened();
    await olga.close();
    expect(await refusal(bench.client.views.update({ view_id: view.id, view: FORM }))).toBe('not_found');
  });

  it('says what is wrong with a view, and where', async () => {
    const { view } = await opened();
    const bad: ModalView = { ...FORM, title: plain('x'.repeat(25)) };
    const answer = await refused(bench.client.views.update({ view_id: view.id, view: bad }));
    expect(answer.error).toBe('invalid_arguments');
    expect(answer.response_metadata?.messages).toContain(
      '[ERROR] must be less than 25 characters [json-pointer:/view/title/text]',
    );
  });
});
