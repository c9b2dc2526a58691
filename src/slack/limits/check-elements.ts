import type { Problems } from './check-text.ts';
import { type Fields, isFields, isOption, listOf, type Option, optionsOf } from './json.ts';
import { LIMITS } from './limits.ts';

/** Checks an element against Slack's rules. `allowed`: the types allowed in this place. */
export function checkElement(element: unknown, allowed: readonly string[], problems: Problems, at: string): void {
  if (!isFields(element)) {
    problems.add('must provide an object', at);
    return;
  }
  const type = typeof element.type === 'string' ? element.type : '';
  if (!allowed.includes(type)) {
    problems.add(`unsupported type: ${type}`, `${at}/type`);
    return;
  }
  problems.length(element.action_id, LIMITS.identifier, `${at}/action_id`);
  problems.plainText(element.placeholder, LIMITS.placeholder, `${at}/placeholder`);
  checkConfirm(element.confirm, problems, `${at}/confirm`);
  if (type.startsWith('multi_')) checkMost(element, problems, at);
  if (type === 'button') checkButton(element, problems, at);
  else if (type === 'image') checkImage(element, problems, at);
  else if (type.endsWith('static_select')) checkSelect(element, problems, at);
  else if (type === 'datepicker') checkDate(element, problems, at);
  else if (type === 'overflow') checkOptions(element.options, LIMITS.overflow.options, problems, `${at}/options`);
  else if (type === 'radio_buttons' || type === 'checkboxes') {
    checkOptions(element.options, LIMITS.choices.options, problems, `${at}/options`, 'mrkdwn');
    checkInitial(element, problems, at);
  } else if (type.endsWith('_input')) checkTextInput(element, problems, at);
  if (type === 'number_input' && typeof element.is_decimal_allowed !== 'boolean') {
    problems.add('missing required field: is_decimal_allowed', at);
  }
}

/**
 * Checks the options or option groups in an app's answer to a `block_suggestion` against Slack's rules.
 * @returns messages like those of checkBlocks
 */
export function checkSuggestions(answer: Fields, problems: Problems): string[] {
  if (answer.option_groups !== undefined) checkGroups(answer.option_groups, problems, '/option_groups', 0);
  else checkOptions(answer.options, LIMITS.select.options, problems, '/options', undefined, 0);
  return problems.messages;
}

function checkButton(element: Fields, problems: Problems, at: string): void {
  problems.plainText(element.text, LIMITS.button.text, `${at}/text`, true);
  problems.length(element.value, LIMITS.button.value, `${at}/value`);
  problems.length(element.url, LIMITS.button.url, `${at}/url`);
  problems.length(element.accessibility_label, LIMITS.button.accessibilityLabel, `${at}/accessibility_label`);
  if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
    problems.add('must be one of primary, danger', `${at}/style`);
  }
}

function checkImage(element: Fields, problems: Problems, at: string): void {
  problems.required(element.alt_text, LIMITS.image.altText, `${at}/alt_text`);
  checkPicture(element, problems, at);
}

/** An image has either a URL or a Slack file, and a Slack file has either an ID or a URL. */
export function checkPicture(image: Fields, problems: Problems, at: string): void {
  if (image.slack_file === undefined) {
    problems.required(image.image_url, LIMITS.image.url, `${at}/image_url`);
    return;
  }
  if (image.image_url !== undefined) problems.add('must provide only one of image_url, slack_file', at);
  const file = isFields(image.slack_file) ? image.slack_file : {};
  if ((file.id === undefined) === (file.url === undefined)) {
    problems.add('must provide exactly one of id, url', `${at}/slack_file`);
  }
  if (file.id !== undefined && !/^F[A-Z0-9]{8,}$/.test(String(file.id))) {
    problems.add('input must match regex pattern: ^[F][A-Z0-9]{8,}$', `${at}/slack_file/id`);
  }
}

function checkSelect(element: Fields, problems: Problems, at: string): void {
  if (element.option_groups !== undefined) checkGroups(element.option_groups, problems, `${at}/option_groups`);
  else checkOptions(element.options, LIMITS.select.options, problems, `${at}/options`);
  checkInitial(element, problems, at);
}

/** The initial choice must be exactly one of the options. */
function checkInitial(element: Fields, problems: Problems, at: string): void {
  const offered = new Set(optionsOf(element).map(sameOption));
  const several = listOf(element.initial_options);
  const given = element.initial_option === undefined ? several : [element.initial_option, ...several];
  const key = element.initial_option === undefined ? 'initial_options' : 'initial_option';
  for (const one of given) {
    if (!isOption(one) || !offered.has(sameOption(one))) problems.add('must be one of the options', `${at}/${key}`);
  }
}

function sameOption({ value, text, description }: Option): string {
  return JSON.stringify([value, text.text, isFields(description) ? description.text : undefined]);
}

function checkDate(element: Fields, problems: Problems, at: string): void {
  const date = element.initial_date;
  if (date === undefined) return;
  const isDay = typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date));
  if (!isDay) problems.add('must be a date as YYYY-MM-DD', `${at}/initial_date`);
}

function checkMost(element: Fields, problems: Problems, at: string): void {
  const most = element.max_selected_items;
  if (most === undefined) return;
  if (!Number.isInteger(most) || Number(most) < 1) problems.add('must be at least 1', `${at}/max_selected_items`);
}

function checkGroups(groups: unknown, problems: Problems, at: string, min = 1): void {
  if (!Array.isArray(groups)) {
    problems.add('must provide an array', at);
    return;
  }
  problems.count(groups, LIMITS.select.groups, at, min);
  groups.forEach((group, index) => {
    const where = `${at}/${index}`;
    problems.plainText(isFields(group) ? group.label : undefined, LIMITS.select.groupLabel, `${where}/label`, true);
    checkOptions(isFields(group) ? group.options : undefined, LIMITS.select.options, problems, `${where}/options`);
  });
}

function checkOptions(
  options: unknown,
  max: number,
  problems: Problems,
  at: string,
  text: 'plain' | 'mrkdwn' = 'plain',
  min = 1,
): void {
  if (!Array.isArray(options)) {
    problems.add('must provide an array', at);
    return;
  }
  problems.count(options, max, at, min);
  const values = new Set<unknown>();
  options.forEach((option, index) => {
    const where = `${at}/${index}`;
    if (!isFields(option)) {
      problems.add('must provide an object', where);
      return;
    }
    const check = text === 'plain' ? problems.plainText.bind(problems) : problems.anyText.bind(problems);
    check(option.text, LIMITS.option.text, `${where}/text`, true);
    check(option.description, LIMITS.option.description, `${where}/description`);
    problems.required(option.value, LIMITS.option.value, `${where}/value`);
    if (values.has(option.value)) problems.add(`value "${String(option.value)}" already exists`, `${where}/value`);
    values.add(option.value);
  });
}

function checkTextInput(element: Fields, problems: Problems, at: string): void {
  const most = typeof element.max_length === 'number' ? element.max_length : LIMITS.plainTextInput.text;
  problems.length(element.initial_value, Math.min(most, LIMITS.plainTextInput.text), `${at}/initial_value`, 0);
  if (typeof element.max_length === 'number' && element.max_length > LIMITS.plainTextInput.text) {
    problems.add(`must be less than ${LIMITS.plainTextInput.text + 1}`, `${at}/max_length`);
  }
}

function checkConfirm(confirm: unknown, problems: Problems, at: string): void {
  if (confirm === undefined) return;
  if (!isFields(confirm)) {
    problems.add('must provide an object', at);
    return;
  }
  problems.plainText(confirm.title, LIMITS.confirm.title, `${at}/title`, true);
  problems.anyText(confirm.text, LIMITS.confirm.text, `${at}/text`, true);
  problems.plainText(confirm.confirm, LIMITS.confirm.button, `${at}/confirm`, true);
  problems.plainText(confirm.deny, LIMITS.confirm.button, `${at}/deny`, true);
}
