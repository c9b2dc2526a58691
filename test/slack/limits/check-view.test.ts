import { describe, expect, it } from '@jest/globals';
import {
  actions as actionsBlock,
  externalSelect,
  header,
  image,
  input as inputBlock,
  modal,
  overflow,
  slackImage,
  staticSelect,
  table,
} from '../../../src/slack/blocks/blocks.ts';
import { checkBlocks, checkView, type Surface } from '../../../src/slack/limits/check-view.ts';
import { LIMITS } from '../../../src/slack/limits/limits.ts';

type Case = [name: string, fine: unknown[], bad: unknown[], message: string];

const plain = (text: string) => ({ type: 'plain_text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const text = (length: number) => plain('x'.repeat(length));
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const option = (value: string) => ({ text: plain(value), value });
const button = (more = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...more });
const actions = (...elements: unknown[]) => ({ type: 'actions', elements });
const select = (options: unknown[], more = {}) => actions({ type: 'static_select', action_id: 's', options, ...more });
const confirm = (more = {}) => ({
  title: plain('Sure?'),
  text: plain('Really?'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...more,
});
const input = (element: unknown, more = {}) => ({ type: 'input', label: plain('Label'), element, ...more });
const cell = (length: number) => ({ type: 'raw_text', text: 'x'.repeat(length) });
const dataTable = (rows: unknown[], more = {}) => ({ type: 'data_table', caption: 'Costs', rows, ...more });

const CASES: Case[] = [
  [
    'blocks of a message',
    times(50, () => ({ type: 'divider' })),
    times(51, () => ({ type: 'divider' })),
    'no more than 50 items',
  ],
  ['section text', [section('x'.repeat(3000))], [section('x'.repeat(3001))], '/blocks/0/text/text'],
  ['an empty section', [section('x')], [{ type: 'section' }], 'missing required field: text'],
  ['an empty text', [section('x')], [section('')], 'must be more than 0 characters'],
  [
    'section fields',
    [{ type: 'section', fields: times(10, () => text(2000)) }],
    [{ type: 'section', fields: times(11, () => text(1)) }],
    '/blocks/0/fields',
  ],
  [
    'a section field',
    [{ type: 'section', fields: [text(2000)] }],
    [{ type: 'section', fields: [text(2001)] }],
    '/fields/0/text',
  ],
  ['a header', [{ type: 'header', text: text(150) }], [{ type: 'header', text: text(151) }], 'less than 151'],
  [
    'a header in mrkdwn',
    [{ type: 'header', text: text(1) }],
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
    'must be one of plain_text',
  ],
  [
    'context elements',
    [{ type: 'context', elements: times(10, () => text(1)) }],
    [{ type: 'context', elements: times(11, () => text(1)) }],
    'no more than 10',
  ],
  [
    'actions elements',
    [actions(...times(25, (i) => button({ action_id: `${i}` })))],
    [actions(...times(26, (i) => button({ action_id: `${i}` })))],
    'no more than 25',
  ],
  ['a button’s text', [actions(button({ text: text(75) }))], [actions(button({ text: text(76) }))], 'less than 76'],
  [
    'a button’s value',
    [actions(button({ value: 'x'.repeat(2000) }))],
    [actions(button({ value: 'x'.repeat(2001) }))],
    '/elements/0/value',
  ],
  [
    'a button’s style',
    [actions(button({ style: 'danger' }))],
    [actions(button({ style: 'loud' }))],
    'must be one of primary, danger',
  ],
  [
    'a confirmation’s title',
    [actions(button({ confirm: confirm({ title: text(100) }) }))],
    [actions(button({ confirm: confirm({ title: text(101) }) }))],
    '/confirm/title/text',
  ],
  [
    'a confirmation’s text',
    [actions(button({ confirm: confirm({ text: text(300) }) }))],
    [actions(button({ confirm: confirm({ text: text(301) }) }))],
    '/confirm/text/text',
  ],
  [
    'a confirmation’s buttons',
    [actions(button({ confirm: confirm({ deny: text(30) }) }))],
    [actions(button({ confirm: confirm({ deny: text(31) }) }))],
    '/confirm/deny/text',
  ],
  [
    'options',
    [select(times(100, (i) => option(`${i}`)))],
    [select(times(101, (i) => option(`${i}`)))],
    'no more than 100',
  ],
  ['no options', [select([option('a')])], [select([])], 'no less than 1'],
  [
    'an option’s text',
    [select([{ ...option('a'), text: text(75) }])],
    [select([{ ...option('a'), text: text(76) }])],
    '/options/0/text/text',
  ],
  [
    'an option’s value',
    [select([option('a')])],
    [select([{ text: plain('a'), value: 'x'.repeat(151) }])],
    '/options/0/value',
  ],
  [
    'an option’s description',
    [select([{ ...option('a'), description: text(75) }])],
    [select([{ ...option('a'), description: text(76) }])],
    '/description/text',
  ],
  [
    'option groups',
    [select([], { option_groups: [{ label: text(75), options: [option('a')] }] })],
    [select([], { option_groups: [{ label: text(76), options: [option('a')] }] })],
    '/label/text',
  ],
  [
    'an overflow menu',
    [actions({ type: 'overflow', action_id: 'o', options: times(5, (i) => option(`${i}`)) })],
    [actions({ type: 'overflow', action_id: 'o', options: times(6, (i) => option(`${i}`)) })],
    'no more than 5',
  ],
  [
    'check boxes',
    [actions({ type: 'checkboxes', action_id: 'c', options: times(10, (i) => option(`${i}`)) })],
    [actions({ type: 'checkboxes', action_id: 'c', options: times(11, (i) => option(`${i}`)) })],
    'no more than 10',
  ],
  [
    'a placeholder',
    [select([option('a')], { placeholder: text(150) })],
    [select([option('a')], { placeholder: text(151) })],
    '/placeholder/text',
  ],
  [
    'an action_id',
    [actions(button({ action_id: 'x'.repeat(255) }))],
    [actions(button({ action_id: 'x'.repeat(256) }))],
    '/action_id',
  ],
  [
    'a block_id',
    [{ type: 'divider', block_id: 'x'.repeat(255) }],
    [{ type: 'divider', block_id: 'x'.repeat(256) }],
    '/block_id',
  ],
  [
    'an image’s alt text',
    [{ type: 'image', image_url: 'https://x.example/a.png', alt_text: 'x'.repeat(2000) }],
    [{ type: 'image', image_url: 'https://x.example/a.png', alt_text: 'x'.repeat(2001) }],
    '/alt_text',
  ],
  ...[
    [{}, 'missing required field: image_url'],
    [{ image_url: 'https://x.example/a.png', slack_file: { id: 'F012345678' } }, 'only one of image_url, slack_file'],
    [{ slack_file: {} }, 'exactly one of id, url'],
    [{ slack_file: { id: 'F012345678', url: 'https://x.example/a.png' } }, 'exactly one of id, url'],
    [{ slack_file: { id: 'https://x.example/a.png' } }, 'must match regex pattern'],
  ].flatMap(([source, message], i): Case[] => {
    const image = { type: 'image', alt_text: 'x', ...Object(source) };
    const fine = { ...image, image_url: undefined, slack_file: { id: 'F012345678' } };
    const byUrl = { ...fine, slack_file: { url: 'https://files.slack.com/files-pri/T1-F012345678/a.png' } };
    return [
      [`an image block’s source (${i})`, [fine, byUrl], [image], String(message)],
      [
        `an image element’s source (${i})`,
        [{ ...section('x'), accessory: fine }],
        [{ ...section('x'), accessory: image }],
        String(message),
      ],
    ];
  }),
  [
    'a choice made beforehand',
    [select([option('a')], { initial_option: option('a') })],
    [select([option('a')], { initial_option: { ...option('a'), text: plain('b') } })],
    '/initial_option',
  ],
  [
    'choices made beforehand',
    [actions({ type: 'checkboxes', options: [option('a')], initial_options: [option('a')] })],
    [actions({ type: 'checkboxes', options: [option('a')], initial_options: [option('b')] })],
    '/initial_options',
  ],
  [
    'how many can be chosen',
    [input({ type: 'multi_users_select', max_selected_items: 1 })],
    [input({ type: 'multi_users_select', max_selected_items: 0 })],
    '/max_selected_items',
  ],
  [
    'a date chosen beforehand',
    [input({ type: 'datepicker', initial_date: '2026-02-28' })],
    [input({ type: 'datepicker', initial_date: '28.02.2026' })],
    '/initial_date',
  ],
  [
    'rows of a data table',
    [dataTable(times(101, () => [cell(1)]))],
    [dataTable(times(102, () => [cell(1)]))],
    '[ERROR] no more than 101 items allowed [json-pointer:/blocks/0/rows]',
  ],
  [
    'a data table has a row below its header',
    [dataTable([[cell(1)], [cell(1)]])],
    [dataTable([[cell(1)]])],
    '[ERROR] no less than 2 items allowed [json-pointer:/blocks/0/rows]',
  ],
  [
    'rows of a data table have the same length',
    [
      dataTable([
        [cell(1), cell(1)],
        [cell(1), { type: 'raw_number', value: 1 }],
      ]),
    ],
    [dataTable([[cell(1), cell(1)], [cell(1)]])],
    '[ERROR] all rows must have the same number of cells [json-pointer:/blocks/0/rows/1]',
  ],
  [
    'the header of a data table has no rich text',
    [dataTable([[cell(1)], [{ type: 'rich_text', elements: [] }]])],
    [dataTable([[{ type: 'rich_text', elements: [] }], [cell(1)]])],
    '[ERROR] unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]',
  ],
  [
    'a data table has a caption',
    [dataTable([[cell(1)], [cell(1)]])],
    [dataTable([[cell(1)], [cell(1)]], { caption: undefined })],
    '[ERROR] missing required field: caption [json-pointer:/blocks/0]',
  ],
  [
    'the page size of a data table',
    [dataTable([[cell(1)], [cell(1)]], { page_size: 100 })],
    [dataTable([[cell(1)], [cell(1)]], { page_size: 101 })],
    '[ERROR] must be between 1 and 100 [json-pointer:/blocks/0/page_size]',
  ],
  [
    'the header column of a data table',
    [
      dataTable(
        [
          [cell(1), cell(1)],
          [cell(1), cell(1)],
        ],
        { row_header_column_index: 1 },
      ),
    ],
    [dataTable([[cell(1)], [cell(1)]], { row_header_column_index: 1 })],
    '[ERROR] must be between 0 and 0 [json-pointer:/blocks/0/row_header_column_index]',
  ],
  [
    'characters of a data table',
    [dataTable([[cell(5_000)], [cell(5_000)]])],
    [dataTable([[cell(5_000)], [cell(5_001)]])],
    '[ERROR] no more than 10000 characters in all [json-pointer:/blocks/0]',
  ],
  [
    'rows of a table',
    [{ type: 'table', rows: times(100, () => [cell(1)]) }],
    [{ type: 'table', rows: times(101, () => [cell(1)]) }],
    'no more than 100',
  ],
  [
    'columns of a table',
    [{ type: 'table', rows: [times(20, () => cell(1))] }],
    [{ type: 'table', rows: [times(21, () => cell(1))] }],
    'no more than 20',
  ],
  [
    'characters of a table',
    [{ type: 'table', rows: times(100, () => [cell(100)]) }],
    [{ type: 'table', rows: times(100, () => [cell(101)]) }],
    '10000',
  ],
  [
    'tables',
    [{ type: 'table', rows: [[cell(1)]] }],
    times(2, () => ({ type: 'table', rows: [[cell(1)]] })),
    'only_one_table_allowed',
  ],
  ['a type Slack does not know', [{ type: 'divider' }], [{ type: 'sparkles' }], 'unsupported type: sparkles'],
  [
    'an element in the wrong place',
    [actions(button())],
    [actions({ type: 'plain_text_input', action_id: 'p' })],
    'unsupported type: plain_text_input',
  ],
  [
    'block_ids twice',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    times(2, () => ({ type: 'divider', block_id: 'a' })),
    '`block_id` "a" already exists',
  ],
  [
    'action_ids twice in a block',
    [actions(button(), button({ action_id: 'b' }))],
    [actions(button(), button())],
    '`action_id` "a" already exists',
  ],
  [
    'an input’s label',
    [input({ type: 'plain_text_input', action_id: 'p' }, { label: text(2000) })],
    [input({ type: 'plain_text_input', action_id: 'p' }, { label: text(2001) })],
    '/label/text',
  ],
  [
    'an input’s longest text',
    [input({ type: 'plain_text_input', max_length: 3000 })],
    [input({ type: 'plain_text_input', max_length: 3001 })],
    '/max_length',
  ],
];

describe('Slack’s limits on blocks', () => {
  it.each(CASES)('hold for %s', (_name, fine, bad, message) => {
    expect(checkBlocks('message', fine)).toEqual([]);
    const found = checkBlocks('message', bad);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toContain(message);
  });

  it('differ by surface', () => {
    const fits = (surface: Surface, count: number) =>
      checkBlocks(
        surface,
        times(count, () => ({ type: 'divider' })),
      ).length === 0;
    expect([fits('message', 51), fits('modal', 100), fits('modal', 101), fits('home', 100)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(checkBlocks('modal', [{ type: 'table', rows: [[cell(1)]] }])).toHaveLength(1);
  });
});

describe('Slack’s limits on views', () => {
  const view = (more = {}) => ({ type: 'modal', title: plain('Title'), blocks: [section('x')], ...more });

  it.each([
    ['title', { title: text(LIMITS.view.title) }, { title: text(LIMITS.view.title + 1) }],
    ['no title', {}, { title: undefined }],
    ['submit', { submit: text(24) }, { submit: text(25) }],
    ['private_metadata', { private_metadata: 'x'.repeat(3000) }, { private_metadata: 'x'.repeat(3001) }],
    ['callback_id', { callback_id: 'x'.repeat(255) }, { callback_id: 'x'.repeat(256) }],
    ['inputs without a submit button', {}, { blocks: [input({ type: 'plain_text_input' })] }],
    ['type', {}, { type: 'home' }],
  ])('hold for %s', (_name, fine, bad) => {
    expect(checkView('modal', view(fine))).toEqual([]);
    expect(checkView('modal', view(bad)).length).toBeGreaterThan(0);
  });
});

describe('inputs', () => {
  const number = (more = {}) => [input({ type: 'number_input', ...more })];

  it('for numbers say whether they accept decimals', () => {
    expect(checkBlocks('modal', number({ is_decimal_allowed: false }))).toEqual([]);
    expect(checkBlocks('modal', number()).join()).toContain('is_decimal_allowed');
  });

  it.each<[string, Record<string, unknown>, readonly Surface[]]>([
    ['plain_text_input', {}, ['modal', 'home', 'message']],
    ['email_text_input', {}, ['modal']],
    ['url_text_input', {}, ['modal']],
    ['number_input', { is_decimal_allowed: true }, ['modal']],
    ['file_input', {}, ['modal']],
    ['rich_text_input', {}, ['modal', 'home']],
    ['datetimepicker', {}, ['modal', 'message']],
    ['multi_users_select', {}, ['modal', 'home', 'message']],
  ])('of type %s are allowed only where Slack accepts them', (type, more, surfaces) => {
    const taken = (['modal', 'home', 'message'] as const).filter(
      (surface) => checkBlocks(surface, [input({ type, ...more })]).length === 0,
    );
    expect(taken).toEqual(surfaces);
  });
});

describe('invalid content', () => {
  const long = (length: number) => 'x'.repeat(length);
  const choices = (count: number) => times(count, (i) => ({ text: `Choice ${i}`, value: `v${i}` }));

  it.each<[string, unknown, string]>([
    ['a long section', { type: 'section', text: text(3_001) }, 'must be less than 3001 characters /text/text'],
    ['an empty section', { type: 'section' }, 'missing required field: text '],
    ['too many fields', { type: 'section', fields: times(11, () => text(1)) }, 'no more than 10 items allowed /fields'],
    ['a long field', { type: 'section', fields: [text(2_001)] }, 'must be less than 2001 characters /fields/0/text'],
    ['a long header', { type: 'header', text: text(151) }, 'must be less than 151 characters /text/text'],
    ['no actions', actions(), 'no less than 1 items allowed /elements'],
    [
      'a duplicate action ID',
      actions(button({ action_id: 'x' }), button({ action_id: 'x' })),
      '`action_id` "x" already exists /elements/1/action_id',
    ],
    ['an empty action ID', actions(button({ action_id: '' })), 'must be more than 0 characters /elements/0/action_id'],
    ['a long button', actions(button({ text: text(76) })), 'must be less than 76 characters /elements/0/text/text'],
    ['a long value', actions(button({ value: long(2_001) })), 'must be less than 2001 characters /elements/0/value'],
    [
      'a select without options',
      actionsBlock([staticSelect('a', [])]),
      'no less than 1 items allowed /elements/0/options',
    ],
    ['no option groups', select([], { option_groups: [] }), 'no less than 1 items allowed /elements/0/option_groups'],
    [
      'a multiple select in an actions block',
      actions({ type: 'multi_users_select' }),
      'unsupported type: multi_users_select /elements/0/type',
    ],
    [
      'a duplicate option',
      actionsBlock([overflow('a', [...choices(1), ...choices(1)])]),
      'value "v0" already exists /elements/0/options/1/value',
    ],
    ['an email input', input({ type: 'email_text_input' }), 'unsupported type in a message /element/type'],
    ['an empty text', { type: 'header', text: text(0) }, 'must be more than 0 characters /text/text'],
    ['a long row', { type: 'table', rows: [times(21, () => cell(1))] }, 'no more than 20 items allowed /rows/0'],
    ['an empty row', { type: 'table', rows: [[]] }, 'no less than 1 items allowed /rows/0'],
    ['an empty cell', { type: 'table', rows: [[cell(0)]] }, 'must be more than 0 characters /rows/0/0/text'],
    ['a long table', { type: 'table', rows: times(11, () => [cell(1_000)]) }, 'no more than 10000 characters in all '],
    ['an image without a source', { type: 'image', alt_text: 'x' }, 'missing required field: image_url '],
    [
      'an image with two sources',
      { ...image('https://a.example/i.png', 'x'), ...slackImage('F012345678', 'x') },
      'must provide only one of image_url, slack_file ',
    ],
    [
      'a Slack file without an ID or URL',
      { type: 'image', alt_text: 'x', slack_file: {} },
      'must provide exactly one of id, url /slack_file',
    ],
    [
      'a Slack file with both an ID and a URL',
      { type: 'image', alt_text: 'x', slack_file: { id: 'F012345678', url: 'https://a.example' } },
      'must provide exactly one of id, url /slack_file',
    ],
    [
      'an initial choice that isn’t offered',
      actionsBlock([staticSelect('a', choices(2), { initial: { text: 'Other', value: 'v1' } })]),
      'must be one of the options /elements/0/initial_option',
    ],
    [
      'a text over its own field’s limit',
      input({ type: 'plain_text_input', initial_value: 'abc', max_length: 2 }),
      'must be less than 3 characters /element/initial_value',
    ],
  ])('that Slack rejects is found: %s', (_name, block, problem) => {
    const [words = '', place = ''] = problem.split(/ (?=\/|$)/);
    expect(checkBlocks('message', [block])).toEqual([`[ERROR] ${words} [json-pointer:/blocks/0${place}]`]);
  });

  it('can be too many blocks, none, a duplicate block ID, or a misplaced table', () => {
    const headers = (count: number) => times(count, () => header('h'));
    expect(checkBlocks('message', headers(50))).toEqual([]);
    expect(checkBlocks('message', headers(51))).toEqual([
      '[ERROR] no more than 50 items allowed [json-pointer:/blocks]',
    ]);
    expect(checkBlocks('modal', headers(101))).toEqual([
      '[ERROR] no more than 100 items allowed [json-pointer:/blocks]',
    ]);
    expect(checkBlocks('home', [])).toEqual(['[ERROR] no less than 1 items allowed [json-pointer:/blocks]']);
    expect(checkBlocks('message', [])).toEqual([]);
    expect(checkBlocks('home', [table([['a']], { columns: [] })])).toEqual([
      '[ERROR] unsupported type: table [json-pointer:/blocks/0/type]',
    ]);
    const twice = times(2, () => ({ ...section('a'), block_id: 'b' }));
    expect(checkBlocks('message', twice)).toEqual([
      '[ERROR] `block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
    ]);
  });

  it('can be a form without a submit button, or a view that is too large', () => {
    const form = modal({ title: 't', blocks: [inputBlock('i', 'l', externalSelect('a'))] });
    expect(checkView('modal', { ...form })).toEqual(['[ERROR] missing required field: submit [json-pointer:/view]']);
    const large = modal({
      title: 't',
      blocks: times(100, () => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text: long(3_000) } })),
    });
    expect(checkView('modal', { ...large })).toEqual(['[ERROR] must be less than 250001 bytes [json-pointer:/view]']);
  });
});
