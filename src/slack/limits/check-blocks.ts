import { checkElement, checkPicture } from './check-elements.ts';
import type { Problems } from './check-text.ts';
import { type Fields, isFields, listOf } from './json.ts';
import { LIMITS } from './limits.ts';

export type Surface = 'message' | 'modal' | 'home';

type Check = (block: Fields, problems: Problems, at: string) => void;

const SELECTS = ['static_select', 'external_select', 'users_select', 'conversations_select', 'channels_select'];
const MULTI_SELECTS = SELECTS.map((type) => `multi_${type}`);
const CHOOSERS = [...SELECTS, 'radio_buttons', 'checkboxes', 'datepicker', 'timepicker'];
const BUTTONS = ['button', 'overflow', 'workflow_button'];
const TEXT_INPUTS = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input', 'rich_text_input'];

/** "Works with block types" of the reference on block elements. */
const IN_ACTIONS = [...BUTTONS, ...CHOOSERS, 'datetimepicker'];
const IN_SECTION = [...BUTTONS, ...CHOOSERS, ...MULTI_SELECTS, 'image'];
const IN_INPUT = [...TEXT_INPUTS, ...CHOOSERS, ...MULTI_SELECTS, 'datetimepicker', 'file_input'];

/** "Available in surfaces" of the reference on block elements, where that isn't everywhere. */
const SURFACES_OF: { [type: string]: readonly Surface[] } = {
  email_text_input: ['modal'],
  url_text_input: ['modal'],
  number_input: ['modal'],
  file_input: ['modal'],
  rich_text_input: ['modal', 'home'],
  datetimepicker: ['modal', 'message'],
  workflow_button: ['message'],
};

const CHECKS: { [type: string]: Check } = {
  section: checkSection,
  header: (block, problems, at) => problems.plainText(block.text, LIMITS.header, `${at}/text`, true),
  divider: () => undefined,
  context: checkContext,
  actions: checkActions,
  input: checkInput,
  image: checkImage,
  rich_text: checkRichText,
  table: checkTable,
  markdown: (block, problems, at) => problems.required(block.text, LIMITS.markdown, `${at}/text`),
};

/** Blocks that Slack shows only in messages (it rejects a table in a view). */
const MESSAGE_ONLY = new Set(['table', 'markdown']);

/** Checks a block against Slack's rules; `at` is its JSON pointer. */
export function checkBlock(surface: Surface, block: Fields, problems: Problems, at: string): void {
  const type = typeof block.type === 'string' ? block.type : '';
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  if (!check || (surface !== 'message' && MESSAGE_ONLY.has(type))) {
    problems.add(`unsupported type: ${type}`, `${at}/type`);
    return;
  }
  check(block, problems, at);
  for (const [element, where] of elementsOf(block, at)) {
    const surfaces = isFields(element) ? SURFACES_OF[String(element.type)] : undefined;
    if (surfaces && !surfaces.includes(surface)) problems.add(`unsupported type in a ${surface}`, `${where}/type`);
  }
}

function elementsOf(block: Fields, at: string): [unknown, string][] {
  const several = block.type === 'actions' ? listOf(block.elements) : [];
  return [
    [block.accessory, `${at}/accessory`],
    [block.element, `${at}/element`],
    ...several.map((element, index): [unknown, string] => [element, `${at}/elements/${index}`]),
  ];
}

function checkSection(block: Fields, problems: Problems, at: string): void {
  if (block.text === undefined && block.fields === undefined) problems.add('missing required field: text', at);
  problems.anyText(block.text, LIMITS.section.text, `${at}/text`);
  if (block.fields !== undefined) {
    const fields = items(block.fields, problems, `${at}/fields`);
    problems.count(fields, LIMITS.section.fields, `${at}/fields`, 1);
    fields.forEach((field, index) => {
      problems.anyText(field, LIMITS.section.field, `${at}/fields/${index}`, true);
    });
  }
  if (block.accessory !== undefined) {
    checkElement(block.accessory, IN_SECTION, problems, `${at}/accessory`);
  }
}

function checkContext(block: Fields, problems: Problems, at: string): void {
  const elements = items(block.elements, problems, `${at}/elements`);
  problems.count(elements, LIMITS.context.elements, `${at}/elements`, 1);
  elements.forEach((element, index) => {
    const where = `${at}/elements/${index}`;
    if (isFields(element) && element.type === 'image') checkElement(element, ['image'], problems, where);
    else problems.anyText(element, LIMITS.context.text, where, true);
  });
}

function checkActions(block: Fields, problems: Problems, at: string): void {
  const elements = items(block.elements, problems, `${at}/elements`);
  problems.count(elements, LIMITS.actions.elements, `${at}/elements`, 1);
  const taken = new Set<string>();
  elements.forEach((element, index) => {
    const where = `${at}/elements/${index}`;
    checkElement(element, IN_ACTIONS, problems, where);
    if (isFields(element)) problems.fresh('action_id', element.action_id, taken, where);
  });
}

function checkInput(block: Fields, problems: Problems, at: string): void {
  problems.plainText(block.label, LIMITS.input.label, `${at}/label`, true);
  problems.plainText(block.hint, LIMITS.input.hint, `${at}/hint`);
  checkElement(block.element, IN_INPUT, problems, `${at}/element`);
}

function checkImage(block: Fields, problems: Problems, at: string): void {
  problems.required(block.alt_text, LIMITS.image.altText, `${at}/alt_text`);
  problems.plainText(block.title, LIMITS.image.title, `${at}/title`);
  checkPicture(block, problems, at);
}

function checkRichText(block: Fields, problems: Problems, at: string): void {
  items(block.elements, problems, `${at}/elements`).forEach((element, index) => {
    const type = isFields(element) ? element.type : undefined;
    const known = ['rich_text_section', 'rich_text_list', 'rich_text_quote', 'rich_text_preformatted'];
    if (typeof type !== 'string' || !known.includes(type)) {
      problems.add(`unsupported type: ${String(type)}`, `${at}/elements/${index}/type`);
    }
  });
}

function checkTable(block: Fields, problems: Problems, at: string): void {
  const rows = items(block.rows, problems, `${at}/rows`);
  problems.count(rows, LIMITS.table.rows, `${at}/rows`, 1);
  let characters = 0;
  rows.forEach((row, index) => {
    const cells = items(row, problems, `${at}/rows/${index}`);
    problems.count(cells, LIMITS.table.columns, `${at}/rows/${index}`, 1);
    cells.forEach((cell, column) => {
      characters += checkCell(cell, problems, `${at}/rows/${index}/${column}`);
    });
  });
  if (characters > LIMITS.table.characters)
    problems.add(`no more than ${LIMITS.table.characters} characters in all`, at);
}

/** @returns how many characters the cell shows */
function checkCell(cell: unknown, problems: Problems, at: string): number {
  if (!isFields(cell)) {
    problems.add('must provide an object', at);
    return 0;
  }
  if (cell.type === 'raw_text') {
    problems.required(cell.text, LIMITS.table.characters, `${at}/text`);
    return typeof cell.text === 'string' ? cell.text.length : 0;
  }
  if (cell.type === 'raw_number') return String(cell.text ?? cell.value ?? '').length;
  if (cell.type === 'rich_text') {
    checkRichText(cell, problems, at);
    return shownLength(cell.elements);
  }
  problems.add(`unsupported type: ${String(cell.type)}`, `${at}/type`);
  return 0;
}

function shownLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + shownLength(item), 0);
  if (!isFields(value)) return 0;
  const own = typeof value.text === 'string' ? value.text.length : 0;
  return own + shownLength(value.elements);
}

function items(value: unknown, problems: Problems, pointer: string): unknown[] {
  if (Array.isArray(value)) return value;
  problems.add('must provide an array', pointer);
  return [];
}
