import { afterEach, describe, expect, it } from '@jest/globals';
import type { App, BlockAction } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { elementsIn } from '../../../src/local/workspace/index.ts';
import {
  actions,
  button,
  checkboxes,
  conversationsSelect,
  datepicker,
  emailInput,
  externalSelect,
  home,
  input,
  modal,
  multiExternalSelect,
  multiUsersSelect,
  numberInput,
  overflow,
  radioButtons,
  section,
  staticSelect,
  textInput,
  usersSelect,
} from '../../../src/slack/blocks/blocks.ts';
import { type Action, readAction } from '../../../src/slack/requests/action.ts';
import { type FormValues, readForm } from '../../../src/slack/requests/form-values.ts';
import { type Bench, FINANCE, FINN, GENERAL, makeBench, OLGA, plain } from './support.ts';

/** The product's own forms take conversations instead. */
const CHANNELS_SELECT = { type: 'channels_select', action_id: 'e' } as const;

const SIZES = ['small', 'big', 'huge'].map((value) => ({ text: value.toUpperCase(), value }));
const [SMALL, BIG] = SIZES;
const FRUIT = ['apple', 'banana', 'cherry'].map((value) => ({ text: plain(value), value }));

/** One input of every kind. Its name is its block ID. */
const FIELDS: KnownBlock[] = [
  input('static', 'Size', staticSelect('e', SIZES), { optional: true }),
  input('external', 'Fruit', externalSelect('e'), { optional: true }),
  {
    ...input('statics', 'Sizes', staticSelect('e', SIZES), { optional: true }),
    element: {
      type: 'multi_static_select',
      action_id: 'e',
      options: SIZES.map(({ text, value }) => ({ text: plain(text), value })),
    },
  },
  input('externals', 'Fruits', multiExternalSelect('e', { max: 2 }), { optional: true }),
  input('user', 'Who', usersSelect('e'), { optional: true }),
  input('users', 'Who all', multiUsersSelect('e'), { optional: true }),
  input('channel', 'Where', CHANNELS_SELECT, { optional: true }),
  input('conversation', 'Where else', conversationsSelect('e'), { optional: true }),
  input('date', 'When', datepicker('e'), { optional: true }),
  input('number', 'How many', numberInput('e', { decimal: true }), { optional: true }),
  input('email', 'To whom', emailInput('e'), { optional: true }),
  input('text', 'What', textInput('e', { multiline: true }), { optional: true }),
  input('radio', 'Which', radioButtons('e', SIZES), { optional: true }),
  input('boxes', 'Which all', checkboxes('e', SIZES), { optional: true }),
];

const FILLED = {
  static: 'big',
  external: 'apple',
  statics: ['small', 'huge'],
  externals: ['apple', 'cherry'],
  user: OLGA,
  users: [OLGA, FINN],
  channel: GENERAL,
  conversation: FINANCE,
  date: '2026-03-31',
  number: '12.50',
  email: 'olga@example.com',
  text: 'One\nTwo',
  radio: 'small',
  boxes: ['big', 'huge'],
};

let bench: Bench | undefined;
const forms: FormValues[] = [];
const clicks: { action: Action; body: BlockAction }[] = [];

afterEach(async () => {
  await bench?.stop();
  forms.length = 0;
  clicks.length = 0;
});

/** A bench whose app records what it gets, and opens a modal with these blocks at /demo. */
async function started(blocks: readonly KnownBlock[]): Promise<Bench> {
  const listen = (app: App) => {
    app.command('/demo', async ({ ack, client, command }) => {
      await ack();
      const view = modal({ title: 'Form', submit: 'Send', callbackId: 'form', blocks });
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    app.view('form', async ({ ack, view }) => {
      forms.push(readForm(view.state.values));
      await ack();
    });
    app.action<BlockAction>(/.*/, async ({ ack, action, body }) => {
      clicks.push({ action: readAction(action, body), body });
      await ack();
    });
    app.options(/.*/, async ({ ack, options }) => {
      await ack({ options: FRUIT.filter(({ value }) => value.includes(options.value)) });
    });
  };
  bench = await makeBench(listen);
  return bench;
}

async function opened(blocks: readonly KnownBlock[]) {
  const { workspace } = await started(blocks);
  const olga = workspace.as(OLGA);
  await olga.command(GENERAL, '/demo');
  return { olga, view: await olga.waitForView('Form') };
}

describe('every kind of input in a modal', () => {
  it('accepts a person’s input, and the app reads it', async () => {
    const { olga, view } = await opened(FIELDS);
    await olga.suggest({ actionId: 'e', blockId: 'external' }, 'a');
    await olga.suggest({ actionId: 'e', blockId: 'externals' }, 'apple');
    await olga.suggest({ actionId: 'e', blockId: 'externals' }, 'ch');
    expect((await olga.submit(view, FILLED)).outcome).toBe('close');
    expect(forms).toEqual([FILLED]);
  });

  it('is sent empty as Slack does: null, or an empty list', async () => {
    const { olga, view } = await opened(FIELDS);
    await olga.submit(view);
    const empty = { statics: [], externals: [], users: [], boxes: [] };
    expect(forms).toEqual([{ ...Object.fromEntries(Object.keys(FILLED).map((name) => [name, null])), ...empty }]);
  });

  it('keeps the app’s initial values', async () => {
    if (!SMALL || !BIG) throw new Error('no sizes');
    const { olga, view } = await opened([
      input('static', 'l', staticSelect('e', SIZES, { initial: BIG })),
      input('external', 'l', externalSelect('e', { initial: BIG })),
      input('externals', 'l', multiExternalSelect('e', { initial: [SMALL, BIG] })),
      input('user', 'l', usersSelect('e', FINN)),
      input('users', 'l', multiUsersSelect('e', { initial: [FINN] })),
      input('channel', 'l', { ...CHANNELS_SELECT, initial_channel: GENERAL }),
      input('conversation', 'l', conversationsSelect('e', GENERAL)),
      input('date', 'l', datepicker('e', '2026-01-31')),
      input('number', 'l', numberInput('e', { decimal: false, initial: '3' })),
      input('email', 'l', emailInput('e', { initial: 'a@b.example' })),
      input('text', 'l', textInput('e', { initial: 'x' })),
      input('radio', 'l', radioButtons('e', SIZES, SMALL)),
      input('boxes', 'l', checkboxes('e', SIZES, [SMALL])),
    ]);
    // one of two is removed: the other was never offered by typing, but is still known
    await olga.submit(view, { externals: ['big'] });
    expect(forms).toEqual([
      {
        ...{ static: 'big', external: 'big', externals: ['big'], user: FINN, users: [FINN], channel: GENERAL },
        ...{ conversation: GENERAL, date: '2026-01-31', number: '3', email: 'a@b.example', text: 'x' },
        ...{ radio: 'small', boxes: ['small'] },
      },
    ]);
  });

  it.each([
    ['an invalid address', { email: 'olga at home' }, 'email'],
    ['an invalid number', { number: 'twelve' }, 'number'],
    ['more than the allowed choices', { externals: ['apple', 'banana', 'cherry'] }, 'externals'],
  ])('isn’t sent with %s', async (_name, values, field) => {
    const { olga, view } = await opened(FIELDS);
    await olga.suggest({ actionId: 'e', blockId: 'externals' }, '');
    expect(await olga.submit(view, values)).toMatchObject({
      outcome: 'incomplete',
      errors: { [field]: expect.any(String) },
    });
    expect(forms).toEqual([]);
  });

  it.each([
    ['static', 'tiny', 'it offers: small, big, huge'],
    ['statics', ['big', 'tiny'], 'offers no option tiny'],
    ['radio', 'tiny', 'offers no option tiny'],
    ['boxes', ['tiny'], 'offers no option tiny'],
    ['external', 'apple', 'e offers no option apple; it offered: none'],
  ])('rejects in %s what was never offered', async (field, value, words) => {
    const { olga, view } = await opened(FIELDS);
    await expect(olga.submit(view, { [field]: value })).rejects.toThrow(words);
  });
});

describe('a selection in a modal', () => {
  const CHOOSERS = [
    actions([staticSelect('size', SIZES), overflow('menu', SIZES), button('Go', 'go', { value: 'v' })], 'row'),
    input('name', 'Name', textInput('typed'), { dispatch: true }),
  ];

  it('stays selected in later clicks and the submission', async () => {
    const { olga, view } = await opened(CHOOSERS);
    await olga.click({ view, actionId: 'size', value: 'big' });
    await olga.click({ view, actionId: 'menu', value: 'huge' });
    await olga.click({ view, actionId: 'typed', value: 'Shop' });
    await olga.click({ view, actionId: 'go' });
    expect(clicks.map(({ action }) => [action.actionId, action.value])).toEqual([
      ['size', 'big'],
      ['menu', 'huge'],
      ['typed', 'Shop'],
      ['go', 'v'],
    ]);
    expect(clicks[3]?.action.form).toEqual({ row: 'big', name: 'Shop' });
    await olga.submit(view);
    expect(forms).toEqual([{ row: 'big', name: 'Shop' }]);
  });

  it('is dropped when an update no longer offers it', async () => {
    const { olga, view } = await opened(CHOOSERS);
    await olga.click({ view, actionId: 'size', value: 'big' });
    const others = [{ text: 'Other', value: 'other' }];
    const blocks = [actions([staticSelect('size', others)], 'row')];
    await bench?.client.views.update({ view_id: view.id, view: modal({ title: 'Form', submit: 'Send', blocks }) });
    await olga.click({ view, actionId: 'size', value: 'other' });
    expect(clicks.at(-1)?.action.value).toBe('other');
  });

  it('can’t be something that isn’t offered', async () => {
    const { olga, view } = await opened(CHOOSERS);
    await expect(olga.click({ view, actionId: 'size', value: 'tiny' })).rejects.toThrow('offers no option tiny');
    expect(clicks).toEqual([]);
  });
});

/** Every element that notifies the app of a choice, and what it sends. */
const CHOICES: [string, { element: object; value?: string | string[] }, object, string[]][] = [
  ['a button', { element: button('Go', 'e', { value: 'v', style: 'danger' }) }, { value: 'v', style: 'danger' }, ['v']],
  [
    'a static select',
    { element: staticSelect('e', SIZES), value: 'big' },
    { selected_option: { value: 'big' } },
    ['big'],
  ],
  ['an external select', { element: externalSelect('e'), value: 'apple' }, { selected_option: FRUIT[0] }, ['apple']],
  [
    'a multi external select',
    { element: multiExternalSelect('e'), value: ['apple', 'cherry'] },
    { selected_options: [FRUIT[0], FRUIT[2]] },
    ['apple', 'cherry'],
  ],
  [
    'a select of people',
    { element: usersSelect('e', OLGA), value: FINN },
    { selected_user: FINN, initial_user: OLGA },
    [FINN],
  ],
  ['a select of several people', { element: multiUsersSelect('e'), value: [FINN] }, { selected_users: [FINN] }, [FINN]],
  ['a select of channels', { element: CHANNELS_SELECT, value: GENERAL }, { selected_channel: GENERAL }, [GENERAL]],
  [
    'a select of conversations',
    { element: conversationsSelect('e'), value: FINANCE },
    { selected_conversation: FINANCE },
    [FINANCE],
  ],
  [
    'a date picker',
    { element: datepicker('e', '2026-01-01'), value: '2026-03-01' },
    { selected_date: '2026-03-01', initial_date: '2026-01-01' },
    ['2026-03-01'],
  ],
  [
    'radio buttons',
    { element: radioButtons('e', SIZES), value: 'big' },
    { selected_option: { value: 'big' } },
    ['big'],
  ],
  [
    'check boxes',
    { element: checkboxes('e', SIZES), value: ['small', 'big'] },
    { selected_options: [{ value: 'small' }, { value: 'big' }] },
    ['small', 'big'],
  ],
  [
    'an overflow menu',
    { element: overflow('e', SIZES), value: 'huge' },
    { selected_option: { value: 'huge' } },
    ['huge'],
  ],
];

describe.each(['modal', 'home', 'message'] as const)('a choice in a %s', (surface) => {
  it.each(CHOICES)('by %s reaches the app as Slack sends it', async (_name, { element, value }, sent, read) => {
    const block = Object.assign(section('Choose', { blockId: 'b' }), { accessory: element });
    const { workspace, client } = await started([block]);
    const finn = workspace.as(FINN);
    if (surface === 'modal') await finn.command(GENERAL, '/demo');
    if (surface === 'home') await client.views.publish({ user_id: FINN, view: home([block]) });
    if (surface === 'message') await client.chat.postMessage({ channel: GENERAL, text: 'Choose', blocks: [block] });
    const [message] = finn.messages(GENERAL);
    const where =
      surface === 'modal'
        ? { view: await finn.waitForView() }
        : surface === 'message' && message
          ? { message }
          : ({ home: true } as const);
    expect(
      elementsIn('view' in where ? where.view : 'message' in where ? where.message : (finn.home() ?? {})),
    ).toHaveLength(1);
    if (_name.includes('external')) await finn.suggest({ actionId: 'e', in: where }, '');
    await finn.click({ ...where, actionId: 'e', ...(value !== undefined && { value }) });
    const [click] = clicks;
    expect(click?.body.actions[0]).toMatchObject({
      ...sent,
      block_id: 'b',
      action_id: 'e',
      action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
    });
    expect(click?.action.values).toEqual(read);
    expect(click?.body.container).toMatchObject({ type: surface === 'message' ? 'message' : 'view' });
    expect(click?.body.view?.type).toBe(surface === 'message' ? undefined : surface);
  });
});
