import { checkElement, checkPicture } from './check-elements.ts';
import { checkDataTable, checkRichText, checkTable } from './check-tables.ts';
import { items, type Problems } from './check-text.ts';
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
  data_table: checkDataTable,
  markdown: (block, problems, at) => problems.required(block.text, LIMITS.markdown, `${at}/text`),
};

/** Blocks that Slack shows only in messages (it rejects a table in a view). */
const MESSAGE_ONLY = new Set(['table', 'data_table', 'markdown']);

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
