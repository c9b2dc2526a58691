import { describe, expect, it } from '@jest/globals';
import type { AnyBlock } from '@slack/types';
import {
  actions,
  button,
  checkboxes,
  context,
  emailInput,
  fields,
  header,
  home,
  image,
  input,
  loading,
  modal,
  multiExternalSelect,
  multiUsersSelect,
  overflow,
  radioButtons,
  section,
  slackImage,
  staticSelect,
  table,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { checkBlocks, checkView } from '../../src/slack/limits/check-view.ts';

const long = (length: number) => 'x'.repeat(length);
const choices = (count: number) => Array.from({ length: count }, (_, i) => ({ text: `Choice ${i}`, value: `v${i}` }));
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

describe('builders keep Slack’s limits, at the limit and over it', () => {
  it.each<[string, (length: number) => AnyBlock, (block: AnyBlock) => unknown, number]>([
    ['a section’s text', (n) => section(long(n)), (b) => Object(b).text.text, 3_000],
    ['a field', (n) => fields([long(n)]), (b) => Object(b).fields[0].text, 2_000],
    ['a header', (n) => header(long(n)), (b) => Object(b).text.text, 150],
    ['a context’s text', (n) => context(long(n)), (b) => Object(b).elements[0].text, 3_000],
    ['a button’s text', (n) => actions([button(long(n), 'a')]), (b) => Object(b).elements[0].text.text, 75],
    ['an input’s label', (n) => input('i', long(n), textInput('a')), (b) => Object(b).label.text, 2_000],
    ['an input’s hint', (n) => input('i', 'l', textInput('a'), { hint: long(n) }), (b) => Object(b).hint.text, 2_000],
    [
      'a placeholder',
      (n) => input('i', 'l', textInput('a', { placeholder: long(n) })),
      (b) => Object(b).element.placeholder.text,
      150,
    ],
    [
      'an initial value',
      (n) => input('i', 'l', textInput('a', { initial: long(n) })),
      (b) => Object(b).element.initial_value,
      3_000,
    ],
    [
      'an option’s text',
      (n) => actions([overflow('a', [{ text: long(n), value: 'v' }])]),
      (b) => Object(b).elements[0].options[0].text.text,
      75,
    ],
    ['an image’s alt text', (n) => image('https://a.example/i.png', long(n)), (b) => Object(b).alt_text, 2_000],
    ['the alt text of Slack’s image', (n) => slackImage('F012345678', long(n)), (b) => Object(b).alt_text, 2_000],
    ['the title of Slack’s image', (n) => slackImage('F012345678', 'a', long(n)), (b) => Object(b).title.text, 2_000],
    [
      'a confirmation’s title',
      (n) => actions([button('t', 'a', { confirm: { title: long(n), text: 'x', confirm: 'y' } })]),
      (b) => Object(b).elements[0].confirm.title.text,
      100,
    ],
    [
      'a confirmation’s text',
      (n) => actions([button('t', 'a', { confirm: { title: 'x', text: long(n), confirm: 'y' } })]),
      (b) => Object(b).elements[0].confirm.text.text,
      300,
    ],
    [
      'a confirmation’s button',
      (n) => actions([button('t', 'a', { confirm: { title: 'x', text: 'y', confirm: long(n) } })]),
      (b) => Object(b).elements[0].confirm.confirm.text,
      30,
    ],
  ])('%s', (_name, build, read, limit) => {
    expect(read(build(limit))).toBe(long(limit));
    expect(read(build(limit + 1))).toBe(`${long(limit - 1)}…`);
    expect(checkBlocks('modal', [build(limit + 1)])).toEqual([]);
  });

  it.each<[string, (count: number) => AnyBlock, (block: AnyBlock) => readonly unknown[], number]>([
    ['fields', (n) => fields(many(n, String)), (b) => Object(b).fields, 10],
    ['context elements', (n) => context(...many(n, String)), (b) => Object(b).elements, 10],
    ['actions', (n) => actions(many(n, (i) => button('t', `a${i}`))), (b) => Object(b).elements, 25],
    ['select options', (n) => actions([staticSelect('a', choices(n))]), (b) => Object(b).elements[0].options, 100],
    ['overflow options', (n) => actions([overflow('a', choices(n))]), (b) => Object(b).elements[0].options, 5],
    ['radio buttons', (n) => actions([radioButtons('a', choices(n))]), (b) => Object(b).elements[0].options, 10],
    ['check boxes', (n) => actions([checkboxes('a', choices(n))]), (b) => Object(b).elements[0].options, 10],
  ])('%s', (_name, build, read, limit) => {
    expect(read(build(limit))).toHaveLength(limit);
    expect(read(build(limit + 1))).toHaveLength(limit);
    expect(checkBlocks('message', [build(limit + 1)])).toEqual([]);
  });

  it('a table’s rows, columns and characters', () => {
    const wide = table(
      many(101, () => many(21, () => 'x')),
      { columns: [{ align: 'right' }] },
    );
    expect([wide.rows.length, wide.rows[0]?.length]).toEqual([100, 20]);
    expect(
      table(
        many(3, () => [long(4_000)]),
        { columns: [] },
      ).rows,
    ).toHaveLength(2);
    expect(checkBlocks('message', [wide, table([['']], { columns: [] })])).toEqual([
      '[ERROR] only_one_table_allowed [json-pointer:/blocks]',
    ]);
  });

  it('a modal’s titles and blocks', () => {
    const view = modal({ title: long(25), submit: long(25), close: long(25), blocks: many(101, () => header('h')) });
    expect([view.title.text.length, view.submit?.text.length, view.close?.text.length, view.blocks.length]).toEqual([
      24, 24, 24, 100,
    ]);
    expect(checkView('modal', { ...view })).toEqual([]);
    expect(home(many(101, () => header('h'))).blocks).toHaveLength(100);
    expect(checkView('modal', { ...loading('Invoice') })).toEqual([]);
  });

  it.each([
    [
      'a button’s value',
      () => button('t', 'a', { value: long(2_001) }),
      () => button('t', 'a', { value: long(2_000) }),
    ],
    [
      'an option’s value',
      () => overflow('a', [{ text: 't', value: long(151) }]),
      () => overflow('a', [{ text: 't', value: long(150) }]),
    ],
    ['an action id', () => button('t', long(256)), () => button('t', long(255))],
    ['an empty action id', () => button('t', ''), () => button('t', 'a')],
    ['a block id', () => section('t', { blockId: long(256) }), () => section('t', { blockId: long(255) })],
    [
      'metadata',
      () => modal({ title: 't', blocks: [], metadata: long(3_001) }),
      () => modal({ title: 't', blocks: [], metadata: long(3_000) }),
    ],
  ])('%s, which programs read back, is never cut but refused', (_name, over, at) => {
    expect(over).toThrow(RangeError);
    expect(at).not.toThrow();
  });

  it('an image of Slack’s has the file’s ID, and no title by default', () => {
    expect(slackImage('F012345678', 'Totals')).toEqual({
      type: 'image',
      slack_file: { id: 'F012345678' },
      alt_text: 'Totals',
    });
  });

  it('multiple selects and email inputs have only the properties they are given', () => {
    const [one] = choices(1);
    if (!one) throw new Error('no choice');
    expect(multiExternalSelect('a', { placeholder: 'Choose', initial: [one], max: 3, minLength: 2 })).toEqual({
      type: 'multi_external_select',
      action_id: 'a',
      placeholder: { type: 'plain_text', text: 'Choose', emoji: false },
      initial_options: [{ text: { type: 'plain_text', text: 'Choice 0', emoji: false }, value: 'v0' }],
      max_selected_items: 3,
      min_query_length: 2,
    });
    // Slack rejects an empty list
    expect(multiExternalSelect('a', { initial: [] })).toEqual({
      type: 'multi_external_select',
      action_id: 'a',
      min_query_length: 0,
    });
    expect(multiUsersSelect('a', { initial: ['U1'], max: 1 })).toEqual({
      type: 'multi_users_select',
      action_id: 'a',
      initial_users: ['U1'],
      max_selected_items: 1,
    });
    expect(multiUsersSelect('a', { initial: [] })).toEqual({ type: 'multi_users_select', action_id: 'a' });
    expect(emailInput('a', { initial: 'a@b.example' })).toEqual({
      type: 'email_text_input',
      action_id: 'a',
      initial_value: 'a@b.example',
    });
    expect(emailInput('a')).toEqual({ type: 'email_text_input', action_id: 'a' });
  });

  it('empty texts, which Slack rejects, become a space', () => {
    expect(checkBlocks('message', [section(''), header(''), context('')])).toEqual([]);
  });
});
