import type { AnyBlock, View } from '@slack/types';
import { LIMITS } from './limits.ts';

export type Surface = 'message' | 'modal' | 'home';

type Json = Readonly<Record<string, unknown>>;
type Report = (path: string, problem: string) => void;

const INPUT_SURFACES: readonly Surface[] = ['modal', 'home'];
const MESSAGE_ONLY = ['table', 'data_table', 'file'];

/**
 * Which of Slack's limits these blocks break, one sentence each with the place; none when Slack would take them.
 * For tests: the builders keep the limits by themselves, but for what they cannot cut.
 */
export function check(surface: Surface, blocks: readonly AnyBlock[]): readonly string[] {
  const found: string[] = [];
  const report: Report = (path, problem) => found.push(`${path}: ${problem}`);
  const most = surface === 'message' ? LIMITS.message.blocks : LIMITS.view.blocks;
  count(report, 'blocks', blocks.length, most, surface === 'message' ? 0 : 1);
  unique(report, 'blocks', idsOf(blocks, 'block_id'), 'block_id');
  const tables = blocks.filter((block) => block.type === 'table').length;
  if (tables > LIMITS.table.perMessage) report('blocks', `${tables} tables, at most ${LIMITS.table.perMessage}`);
  blocks.forEach((block, index) => {
    checkBlock(report, surface, `blocks[${index}]`, asJson(block));
  });
  return found;
}

/** As `check`, for a whole view with its title, buttons, metadata and size. */
export function checkView(view: View): readonly string[] {
  const surface = view.type === 'home' ? 'home' : 'modal';
  const found = [...check(surface, view.blocks)];
  const report: Report = (path, problem) => found.push(`${path}: ${problem}`);
  const json = asJson(view);
  for (const key of ['title', 'submit', 'close'] as const) text(report, key, json[key], LIMITS.view[key]);
  string(report, 'private_metadata', json.private_metadata, LIMITS.view.privateMetadata, 0);
  string(report, 'callback_id', json.callback_id, LIMITS.identifier);
  string(report, 'external_id', json.external_id, LIMITS.identifier);
  if (view.type === 'modal' && view.submit === undefined && view.blocks.some((block) => block.type === 'input')) {
    report('submit', 'missing, though there is an input');
  }
  const bytes = Buffer.byteLength(JSON.stringify(view));
  if (bytes > LIMITS.view.bytes) report('view', `${bytes} bytes, at most ${LIMITS.view.bytes}`);
  return found;
}

function checkBlock(report: Report, surface: Surface, path: string, block: Json): void {
  string(report, `${path}.block_id`, block.block_id, LIMITS.identifier);
  if (MESSAGE_ONLY.includes(String(block.type)) && surface !== 'message')
    report(path, `no ${block.type} in a ${surface}`);
  const elements = list(block.elements);
  switch (block.type) {
    case 'section':
      if (block.text === undefined && block.fields === undefined) report(path, 'neither text nor fields');
      text(report, `${path}.text`, block.text, LIMITS.section.text);
      if (block.fields !== undefined)
        count(report, `${path}.fields`, list(block.fields).length, LIMITS.section.fields, 1);
      each(block.fields, (field, i) => text(report, `${path}.fields[${i}]`, field, LIMITS.section.field));
      if (block.accessory !== undefined) checkElement(report, `${path}.accessory`, asJson(block.accessory));
      return;
    case 'header':
      text(report, `${path}.text`, block.text, LIMITS.header);
      return;
    case 'context':
      count(report, `${path}.elements`, elements.length, LIMITS.context.elements, 1);
      each(elements, (element, i) => checkElement(report, `${path}.elements[${i}]`, element));
      return;
    case 'actions':
      count(report, `${path}.elements`, elements.length, LIMITS.actions.elements, 1);
      unique(report, `${path}.elements`, idsOf(elements, 'action_id'), 'action_id');
      each(elements, (element, i) => checkElement(report, `${path}.elements[${i}]`, element));
      return;
    case 'input':
      if (!INPUT_SURFACES.includes(surface)) report(path, `no input in a ${surface}`);
      text(report, `${path}.label`, block.label, LIMITS.input.label);
      text(report, `${path}.hint`, block.hint, LIMITS.input.hint);
      checkElement(report, `${path}.element`, asJson(block.element));
      return;
    case 'image':
      checkImage(report, path, block);
      text(report, `${path}.title`, block.title, LIMITS.image.title);
      return;
    case 'table':
      checkTable(report, path, block);
  }
}

function checkTable(report: Report, path: string, block: Json): void {
  const rows = list(block.rows).map(list);
  count(report, `${path}.rows`, rows.length, LIMITS.table.rows, 1);
  rows.forEach((row, i) => {
    count(report, `${path}.rows[${i}]`, row.length, LIMITS.table.columns, 1);
  });
  const cells = rows.flat().map((cell) => asJson(cell).text);
  const characters = cells.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 0), 0);
  if (characters > LIMITS.table.characters)
    report(path, `${characters} characters, at most ${LIMITS.table.characters}`);
  if (cells.includes('')) report(path, 'an empty cell');
}

function checkElement(report: Report, path: string, element: Json): void {
  string(report, `${path}.action_id`, element.action_id, LIMITS.identifier);
  text(report, `${path}.placeholder`, element.placeholder, LIMITS.placeholder);
  if (element.confirm !== undefined) checkConfirm(report, `${path}.confirm`, asJson(element.confirm));
  switch (element.type) {
    case 'plain_text':
    case 'mrkdwn':
      text(report, path, element, LIMITS.context.text);
      return;
    case 'image':
      checkImage(report, path, element);
      return;
    case 'button':
      text(report, `${path}.text`, element.text, LIMITS.button.text);
      string(report, `${path}.value`, element.value, LIMITS.button.value);
      string(report, `${path}.url`, element.url, LIMITS.button.url);
      string(report, `${path}.accessibility_label`, element.accessibility_label, LIMITS.button.accessibilityLabel);
      return;
    case 'overflow':
      checkOptions(report, `${path}.options`, element.options, LIMITS.overflow.options);
      return;
    case 'radio_buttons':
    case 'checkboxes':
      checkOptions(report, `${path}.options`, element.options, LIMITS.choices.options);
      checkInitial(report, path, element, list(element.options));
      return;
    case 'static_select':
    case 'multi_static_select':
      checkSelect(report, path, element);
      return;
    case 'plain_text_input':
      if (Number(element.max_length ?? 0) > LIMITS.plainTextInput.text) report(path, 'max_length is over 3000');
      string(
        report,
        `${path}.initial_value`,
        element.initial_value,
        Number(element.max_length ?? LIMITS.plainTextInput.text),
        0,
      );
  }
}

function checkSelect(report: Report, path: string, element: Json): void {
  if (element.option_groups === undefined) {
    checkOptions(report, `${path}.options`, element.options, LIMITS.select.options);
    checkInitial(report, path, element, list(element.options));
    return;
  }
  checkInitial(
    report,
    path,
    element,
    list(element.option_groups).flatMap((group) => list(asJson(group).options)),
  );
  count(report, `${path}.option_groups`, list(element.option_groups).length, LIMITS.select.groups, 1);
  each(element.option_groups, (group, i) => {
    text(report, `${path}.option_groups[${i}].label`, group.label, LIMITS.select.groupLabel);
    checkOptions(report, `${path}.option_groups[${i}].options`, group.options, LIMITS.select.options);
  });
}

function checkOptions(report: Report, path: string, options: unknown, most: number): void {
  count(report, path, list(options).length, most, 1);
  unique(report, path, idsOf(list(options), 'value'), 'value');
  each(options, (option, i) => {
    text(report, `${path}[${i}].text`, option.text, LIMITS.option.text);
    string(report, `${path}[${i}].value`, option.value, LIMITS.option.value);
    text(report, `${path}[${i}].description`, option.description, LIMITS.option.description);
  });
}

/** Slack refuses a choice made beforehand that is not, letter by letter, one of the options. */
function checkInitial(report: Report, path: string, element: Json, options: readonly unknown[]): void {
  const offered = new Set(options.map((option) => JSON.stringify(sameOption(asJson(option)))));
  const initial = [element.initial_option ?? [], list(element.initial_options)].flat();
  for (const one of initial.map(asJson)) {
    if (!offered.has(JSON.stringify(sameOption(one)))) report(path, `initial option ${one.value} is not offered`);
  }
}

function sameOption(option: Json): readonly unknown[] {
  return [option.value, asJson(option.text).text, asJson(option.description).text];
}

function checkConfirm(report: Report, path: string, confirm: Json): void {
  text(report, `${path}.title`, confirm.title, LIMITS.confirm.title);
  text(report, `${path}.text`, confirm.text, LIMITS.confirm.text);
  text(report, `${path}.confirm`, confirm.confirm, LIMITS.confirm.button);
  text(report, `${path}.deny`, confirm.deny, LIMITS.confirm.button);
}

function checkImage(report: Report, path: string, image: Json): void {
  string(report, `${path}.alt_text`, image.alt_text, LIMITS.image.altText);
  string(report, `${path}.image_url`, image.image_url, LIMITS.image.url);
  exactlyOne(report, path, image, ['image_url', 'slack_file']);
  if (image.slack_file !== undefined) exactlyOne(report, `${path}.slack_file`, asJson(image.slack_file), ['id', 'url']);
}

function exactlyOne(report: Report, path: string, object: Json, keys: readonly string[]): void {
  const there = keys.filter((key) => object[key] !== undefined);
  if (there.length === 0) report(path, `neither ${keys.join(' nor ')}`);
  if (there.length > 1) report(path, `both ${keys.join(' and ')}`);
}

function text(report: Report, path: string, value: unknown, most: number): void {
  if (value !== undefined) string(report, path, asJson(value).text ?? '', most);
}

function string(report: Report, path: string, value: unknown, most: number, least = 1): void {
  if (value === undefined) return;
  if (typeof value !== 'string') report(path, 'not a text');
  else if (value.length > most) report(path, `${value.length} characters, at most ${most}`);
  else if (value.length < least) report(path, 'empty');
}

function count(report: Report, path: string, actual: number, most: number, least: number): void {
  if (actual > most) report(path, `${actual} of them, at most ${most}`);
  if (actual < least) report(path, `${actual} of them, at least ${least}`);
}

function unique(report: Report, path: string, ids: readonly string[], what: string): void {
  for (const id of new Set(ids.filter((candidate, i) => ids.indexOf(candidate) !== i))) {
    report(path, `${what} ${id} is there twice`);
  }
}

function idsOf(items: readonly unknown[], key: string): readonly string[] {
  return items.map((item) => asJson(item)[key]).filter((id) => typeof id === 'string');
}

function each(items: unknown, visit: (item: Json, index: number) => void): void {
  list(items).forEach((item, index) => {
    visit(asJson(item), index);
  });
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
