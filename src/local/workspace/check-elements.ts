import type { Problems } from './check-text.ts';
import { isFields } from './json.ts';
import { LIMITS } from './limit-numbers.ts';
import type { Fields } from './types.ts';

/** Holds an element against Slack's rules. `allowed`: the types that may stand in this place. */
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
  problems.length(element.action_id, LIMITS.id, `${at}/action_id`);
  problems.plainText(element.placeholder, LIMITS.placeholder, `${at}/placeholder`);
  checkConfirm(element.confirm, problems, `${at}/confirm`);
  if (type === 'button') checkButton(element, problems, at);
  else if (type === 'image') checkImage(element, problems, at);
  else if (type.endsWith('static_select')) checkSelect(element, problems, at);
  else if (type === 'overflow') checkOptions(element.options, LIMITS.overflowOptions, problems, `${at}/options`);
  else if (type === 'radio_buttons' || type === 'checkboxes') {
    checkOptions(element.options, LIMITS.choices, problems, `${at}/options`, 'mrkdwn');
  } else if (type.endsWith('_input')) checkTextInput(element, problems, at);
  if (type === 'number_input' && typeof element.is_decimal_allowed !== 'boolean') {
    problems.add('missing required field: is_decimal_allowed', at);
  }
}

/**
 * Holds options, or option groups, as an app answers a `block_suggestion` with them, against Slack's rules.
 * @returns messages as checkBlocks does.
 */
export function checkSuggestions(answer: Fields, problems: Problems): string[] {
  if (answer.option_groups !== undefined) checkGroups(answer.option_groups, problems, '/option_groups');
  else checkOptions(answer.options, LIMITS.options, problems, '/options', undefined, 0);
  return problems.messages;
}

function checkButton(element: Fields, problems: Problems, at: string): void {
  problems.plainText(element.text, LIMITS.buttonText, `${at}/text`, true);
  problems.length(element.value, LIMITS.buttonValue, `${at}/value`);
  problems.length(element.url, LIMITS.buttonUrl, `${at}/url`);
  problems.length(element.accessibility_label, LIMITS.accessibilityLabel, `${at}/accessibility_label`);
  if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
    problems.add('must be one of primary, danger', `${at}/style`);
  }
}

function checkImage(element: Fields, problems: Problems, at: string): void {
  problems.required(element.alt_text, LIMITS.imageAlt, `${at}/alt_text`);
  if (element.slack_file === undefined) problems.required(element.image_url, LIMITS.imageUrl, `${at}/image_url`);
}

function checkSelect(element: Fields, problems: Problems, at: string): void {
  if (element.option_groups !== undefined) checkGroups(element.option_groups, problems, `${at}/option_groups`);
  else checkOptions(element.options, LIMITS.options, problems, `${at}/options`);
}

function checkGroups(groups: unknown, problems: Problems, at: string): void {
  if (!Array.isArray(groups)) {
    problems.add('must provide an array', at);
    return;
  }
  problems.count(groups, LIMITS.optionGroups, at);
  groups.forEach((group, index) => {
    const where = `${at}/${index}`;
    problems.plainText(isFields(group) ? group.label : undefined, LIMITS.groupLabel, `${where}/label`, true);
    checkOptions(isFields(group) ? group.options : undefined, LIMITS.options, problems, `${where}/options`);
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
  options.forEach((option, index) => {
    const where = `${at}/${index}`;
    if (!isFields(option)) {
      problems.add('must provide an object', where);
      return;
    }
    const check = text === 'plain' ? problems.plainText.bind(problems) : problems.anyText.bind(problems);
    check(option.text, LIMITS.optionText, `${where}/text`, true);
    check(option.description, LIMITS.optionDescription, `${where}/description`);
    problems.required(option.value, LIMITS.optionValue, `${where}/value`);
  });
}

function checkTextInput(element: Fields, problems: Problems, at: string): void {
  problems.length(element.initial_value, LIMITS.inputText, `${at}/initial_value`);
  if (typeof element.max_length === 'number' && element.max_length > LIMITS.inputText) {
    problems.add(`must be less than ${LIMITS.inputText + 1}`, `${at}/max_length`);
  }
}

function checkConfirm(confirm: unknown, problems: Problems, at: string): void {
  if (confirm === undefined) return;
  if (!isFields(confirm)) {
    problems.add('must provide an object', at);
    return;
  }
  problems.plainText(confirm.title, LIMITS.confirmTitle, `${at}/title`, true);
  problems.anyText(confirm.text, LIMITS.confirmText, `${at}/text`, true);
  problems.plainText(confirm.confirm, LIMITS.confirmButton, `${at}/confirm`, true);
  problems.plainText(confirm.deny, LIMITS.confirmButton, `${at}/deny`, true);
}
