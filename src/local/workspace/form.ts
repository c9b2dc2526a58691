import { holdsValue, isOption, optionsOf, type Placed, placedElements } from './elements.ts';
import { arrayOf, flagOf, textOf } from './json.ts';
import type { Block, Entries, Entry, Fields, Option, StateValues } from './types.ts';

const REQUIRED = 'Please complete this required field.';

/** For IDs that Slack resolves itself: the element's type without `multi_`, and the field that holds the choice. */
const CHOSEN_ID: { [type: string]: string } = {
  users_select: 'selected_user',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
};

const CHOSEN_TIME: { [type: string]: string } = {
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
};

/**
 * `state.values` as Slack sends it: one entry for every element that holds a value, with what the person entered,
 * or else the initial value, or null.
 */
export function stateOf(blocks: readonly Block[], entries: Entries): StateValues {
  const values: StateValues = {};
  for (const placed of placedElements(blocks).filter(holdsValue)) {
    const entered = entries[placed.block.block_id]?.[placed.actionId];
    const row = values[placed.block.block_id] ?? {};
    row[placed.actionId] = { type: placed.element.type, ...chosen(placed.element, entered) };
    values[placed.block.block_id] = row;
  }
  return values;
}

/**
 * The fields of a block_actions action that say what was chosen, with the properties of the element that Slack
 * includes: for a button its text, value and style, for others the initial choice.
 */
export function choiceOf(element: Fields, entered: Entry | undefined): Fields {
  if (element.type === 'button') return pick(element, ['text', 'value', 'style', 'confirm']);
  if (String(element.type).endsWith('_input')) return chosen(element, entered);
  const along = Object.keys(element).filter((key) => /^initial_/.test(key) || ['placeholder', 'confirm'].includes(key));
  return { ...chosen(element, entered), ...pick(element, along) };
}

/** @throws Error when the element doesn't offer the option, so a person couldn't have chosen it */
export function refuseUnoffered(element: Fields, entered: Entry): void {
  if (!isChooser(element) || String(element.type).endsWith('external_select')) return;
  const offered = optionsOf(element).map((it) => it.value);
  for (const one of listOf(entered)) {
    const value = isOption(one) ? one.value : String(one);
    if (offered.includes(value)) continue;
    throw new Error(
      `${String(element.action_id)} offers no option ${value}; it offers: ${offered.join(', ') || 'none'}`,
    );
  }
}

/**
 * What Slack's client itself refuses to submit, by block_id: empty required inputs, text that is too long or too short,
 * invalid numbers and addresses.
 */
export function faultsOf(blocks: readonly Block[], state: StateValues): { [blockId: string]: string } {
  const faults: { [blockId: string]: string } = {};
  for (const placed of placedElements(blocks)) {
    if (placed.block.type !== 'input') continue;
    const fault = faultOf(placed, state[placed.block.block_id]?.[placed.actionId] ?? {});
    if (fault !== undefined) faults[placed.block.block_id] = fault;
  }
  return faults;
}

function faultOf({ block, element }: Placed, value: Fields): string | undefined {
  if (isEmpty(value)) return flagOf(block, 'optional') ? undefined : REQUIRED;
  const most = Number(element.max_selected_items ?? Number.POSITIVE_INFINITY);
  if (Object.values(value).some((it) => Array.isArray(it) && it.length > most)) return `Please choose at most ${most}.`;
  const text = textOf(value, 'value');
  if (text === undefined) return undefined;
  const { min_length: min, max_length: max = 3000 } = element;
  if (typeof min === 'number' && text.length < min) return `Please enter at least ${min} characters.`;
  if (typeof max === 'number' && text.length > max) return `Please enter at most ${max} characters.`;
  if (element.type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(text)) return 'Please enter a valid email address.';
  if (element.type === 'url_text_input' && !URL.canParse(text)) return 'Please enter a valid URL.';
  if (element.type === 'number_input') return numberFault(element, text);
  return undefined;
}

function numberFault(element: Fields, text: string): string | undefined {
  const number = Number(text);
  if (!Number.isFinite(number)) return 'Please enter a number.';
  if (!flagOf(element, 'is_decimal_allowed') && !Number.isInteger(number)) return 'Please enter a whole number.';
  const [min, max] = [textOf(element, 'min_value'), textOf(element, 'max_value')];
  if (min !== undefined && number < Number(min)) return `Please enter a number no less than ${min}.`;
  if (max !== undefined && number > Number(max)) return `Please enter a number no greater than ${max}.`;
  return undefined;
}

function isEmpty(value: Fields): boolean {
  const held = Object.entries(value).filter(([key]) => key !== 'type');
  return held.every(([, it]) => it === null || it === undefined || it === '' || (Array.isArray(it) && it.length === 0));
}

function chosen(element: Fields, entered: Entry | undefined): Fields {
  const type = String(element.type);
  const single = type.replace(/^multi_/, '');
  const many = type !== single || type === 'checkboxes';
  const idField = CHOSEN_ID[single];
  if (idField !== undefined) {
    const initial = element[`${idField.replace('selected', 'initial')}${many ? 's' : ''}`];
    return { [many ? `${idField}s` : idField]: ids(entered, initial, many) };
  }
  const timeField = CHOSEN_TIME[type];
  if (timeField !== undefined) {
    return {
      [timeField]: entered === undefined ? (element[timeField.replace('selected', 'initial')] ?? null) : entered,
    };
  }
  // Slack sends more about each file than its ID
  if (type === 'file_input') return { files: listOf(entered ?? null).map((id) => ({ id: String(id) })) };
  if (isChooser(element)) {
    return many ? { selected_options: pickMany(element, entered) } : { selected_option: pickOne(element, entered) };
  }
  const text = entered === undefined ? (element.initial_value ?? null) : entered;
  return { value: text === '' || text === null ? null : String(text) };
}

function ids(entered: Entry | undefined, initial: unknown, many: boolean): unknown {
  if (entered === undefined) return initial ?? (many ? [] : null);
  if (many) return Array.isArray(entered) ? entered : entered === null ? [] : [entered];
  return entered === '' ? null : entered;
}

function pickOne(element: Fields, entered: Entry | undefined): Option | null {
  if (entered === null || entered === '') return null;
  const [option] = entered === undefined ? [] : resolve(element, entered);
  return option ?? (isOption(element.initial_option) ? element.initial_option : null);
}

function pickMany(element: Fields, entered: Entry | undefined): Option[] {
  return entered === undefined ? initialOptions(element) : resolve(element, entered);
}

/** The options for what was entered, without those that an update of the view has removed. */
function resolve(element: Fields, entered: Entry): Option[] {
  const offered = [...optionsOf(element), ...initialOptions(element)];
  return listOf(entered).flatMap((one) => {
    const option = isOption(one) ? one : offered.find((it) => it.value === String(one));
    return option ? [option] : [];
  });
}

function initialOptions(element: Fields): Option[] {
  return [element.initial_option, ...(arrayOf(element, 'initial_options') ?? [])].filter(isOption);
}

/** Whether the element offers options. */
function isChooser(element: Fields): boolean {
  const type = String(element.type);
  if (CHOSEN_ID[type.replace(/^multi_/, '')] !== undefined) return false;
  return type.endsWith('_select') || ['radio_buttons', 'checkboxes', 'overflow'].includes(type);
}

function listOf(entered: Entry): (string | number | Option)[] {
  if (Array.isArray(entered)) return entered;
  return entered === null || entered === '' ? [] : [entered];
}

function pick(element: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(keys.flatMap((key) => (element[key] === undefined ? [] : [[key, element[key]]])));
}
