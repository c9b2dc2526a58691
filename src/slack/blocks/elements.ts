import type {
  Button,
  Checkboxes,
  Confirm,
  ConversationsSelect,
  Datepicker,
  EmailInput,
  ExternalSelect,
  FileInput,
  ImageElement,
  MultiExternalSelect,
  MultiStaticSelect,
  MultiUsersSelect,
  NumberInput,
  Overflow,
  PlainTextInput,
  PlainTextOption,
  RadioButtons,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import { LIMITS } from '../limits/limits.ts';
import { plain, truncate } from './mrkdwn.ts';

export interface Choice {
  readonly text: string;
  /** At most 150 characters. It identifies the option, so it is never cut. */
  readonly value: string;
  readonly description?: string;
}

export interface ConfirmOptions {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny?: string;
  readonly danger?: boolean;
}

export interface ButtonOptions {
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: ConfirmOptions;
  /** The name for screen readers, instead of the text. */
  readonly label?: string;
}

export interface SelectOptions {
  readonly placeholder?: string;
  readonly initial?: Choice | undefined;
  readonly confirm?: ConfirmOptions;
}

export interface TextInputOptions {
  readonly placeholder?: string;
  readonly initial?: string | undefined;
  readonly multiline?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** @throws RangeError when the value or action ID is longer than Slack accepts: our fault, never a person's */
export function button(text: string, actionId: string, options: ButtonOptions = {}): Button {
  return {
    type: 'button',
    action_id: identifier(actionId),
    text: plain(text, LIMITS.button.text),
    ...(options.value === undefined ? {} : { value: within(options.value, LIMITS.button.value, 'button value') }),
    ...(options.url === undefined ? {} : { url: within(options.url, LIMITS.button.url, 'button url') }),
    ...(options.style === undefined ? {} : { style: options.style }),
    ...(options.confirm === undefined ? {} : { confirm: confirmation(options.confirm) }),
    ...(options.label === undefined
      ? {}
      : { accessibility_label: truncate(options.label, LIMITS.button.accessibilityLabel) }),
  };
}

export function confirmation(options: ConfirmOptions): Confirm {
  return {
    title: plain(options.title, LIMITS.confirm.title),
    text: plain(options.text, LIMITS.confirm.text),
    confirm: plain(options.confirm, LIMITS.confirm.button),
    deny: plain(options.deny ?? 'Cancel', LIMITS.confirm.button),
    ...(options.danger ? { style: 'danger' as const } : {}),
  };
}

/** @throws RangeError when the value is longer than 150 characters */
export function option(choice: Choice): PlainTextOption {
  return {
    text: plain(choice.text, LIMITS.option.text),
    value: within(choice.value, LIMITS.option.value, 'option value'),
    ...(choice.description === undefined ? {} : { description: plain(choice.description, LIMITS.option.description) }),
  };
}

/** At most 100 choices. Use `externalSelect` if there can be more. */
export function staticSelect(actionId: string, choices: readonly Choice[], options: SelectOptions = {}): StaticSelect {
  return {
    type: 'static_select',
    options: choices.slice(0, LIMITS.select.options).map(option),
    ...selectParts(actionId, options),
  };
}

/** Its choices are requested while the person types, and provided by `onOptions`. */
export function externalSelect(actionId: string, options: SelectOptions & { minLength?: number } = {}): ExternalSelect {
  return { type: 'external_select', min_query_length: options.minLength ?? 0, ...selectParts(actionId, options) };
}

/** A multiple select with at most 100 choices. */
export function multiStaticSelect(
  actionId: string,
  choices: readonly Choice[],
  options: { readonly placeholder?: string; readonly initial?: readonly Choice[] } = {},
): MultiStaticSelect {
  return {
    type: 'multi_static_select',
    action_id: identifier(actionId),
    options: choices.slice(0, LIMITS.select.options).map(option),
    ...placeholderPart(options.placeholder),
    ...(options.initial && options.initial.length > 0 ? { initial_options: options.initial.map(option) } : {}),
  };
}

/** A multiple select with choices that `onOptions` provides while the person types. */
export function multiExternalSelect(
  actionId: string,
  options: {
    readonly placeholder?: string;
    readonly initial?: readonly Choice[];
    /** The most that can be chosen. */
    readonly max?: number;
    readonly minLength?: number;
  } = {},
): MultiExternalSelect {
  return {
    type: 'multi_external_select',
    action_id: identifier(actionId),
    min_query_length: options.minLength ?? 0,
    ...placeholderPart(options.placeholder),
    ...(options.max === undefined ? {} : { max_selected_items: options.max }),
    ...(options.initial && options.initial.length > 0 ? { initial_options: options.initial.map(option) } : {}),
  };
}

export function multiUsersSelect(
  actionId: string,
  options: { readonly placeholder?: string; readonly initial?: readonly string[]; readonly max?: number } = {},
): MultiUsersSelect {
  return {
    type: 'multi_users_select',
    action_id: identifier(actionId),
    ...placeholderPart(options.placeholder),
    ...(options.max === undefined ? {} : { max_selected_items: options.max }),
    ...(options.initial && options.initial.length > 0 ? { initial_users: [...options.initial] } : {}),
  };
}

export function overflow(actionId: string, choices: readonly Choice[]): Overflow {
  return {
    type: 'overflow',
    action_id: identifier(actionId),
    options: choices.slice(0, LIMITS.overflow.options).map(option),
  };
}

export function radioButtons(actionId: string, choices: readonly Choice[], initial?: Choice): RadioButtons {
  return {
    type: 'radio_buttons',
    action_id: identifier(actionId),
    options: choices.slice(0, LIMITS.choices.options).map(option),
    ...(initial === undefined ? {} : { initial_option: option(initial) }),
  };
}

export function checkboxes(actionId: string, choices: readonly Choice[], initial: readonly Choice[] = []): Checkboxes {
  return {
    type: 'checkboxes',
    action_id: identifier(actionId),
    options: choices.slice(0, LIMITS.choices.options).map(option),
    ...(initial.length === 0 ? {} : { initial_options: initial.map(option) }),
  };
}

export function textInput(actionId: string, options: TextInputOptions = {}): PlainTextInput {
  const maxLength = Math.min(options.maxLength ?? LIMITS.plainTextInput.text, LIMITS.plainTextInput.text);
  return {
    type: 'plain_text_input',
    action_id: identifier(actionId),
    max_length: maxLength,
    ...(options.multiline ? { multiline: true } : {}),
    ...(options.minLength === undefined ? {} : { min_length: options.minLength }),
    ...(options.initial ? { initial_value: truncate(options.initial, maxLength) } : {}),
    ...placeholderPart(options.placeholder),
  };
}

export function numberInput(actionId: string, options: { decimal: boolean; initial?: string }): NumberInput {
  return {
    type: 'number_input',
    action_id: identifier(actionId),
    is_decimal_allowed: options.decimal,
    ...(options.initial === undefined ? {} : { initial_value: options.initial }),
  };
}

/** Slack itself rejects invalid addresses. */
export function emailInput(actionId: string, options: { placeholder?: string; initial?: string } = {}): EmailInput {
  return {
    type: 'email_text_input',
    action_id: identifier(actionId),
    ...(options.initial ? { initial_value: options.initial } : {}),
    ...placeholderPart(options.placeholder),
  };
}

/** @param initial a calendar date, YYYY-MM-DD */
export function datepicker(actionId: string, initial?: string): Datepicker {
  return {
    type: 'datepicker',
    action_id: identifier(actionId),
    ...(initial === undefined ? {} : { initial_date: initial }),
  };
}

export function usersSelect(actionId: string, initialUser?: string): UsersSelect {
  return {
    type: 'users_select',
    action_id: identifier(actionId),
    ...(initialUser === undefined ? {} : { initial_user: initialUser }),
  };
}

/** Public and private channels of this organization only, without direct messages. */
export function conversationsSelect(actionId: string, initialConversation?: string): ConversationsSelect {
  return {
    type: 'conversations_select',
    action_id: identifier(actionId),
    filter: { include: ['public', 'private'], exclude_external_shared_channels: true, exclude_bot_users: true },
    ...(initialConversation === undefined ? {} : { initial_conversation: initialConversation }),
  };
}

/** A file upload field. Its value is the files' IDs. @param filetypes such as `png` */
export function fileInput(actionId: string, options: { filetypes: string[]; maxFiles: number }): FileInput {
  return {
    type: 'file_input',
    action_id: identifier(actionId),
    filetypes: options.filetypes,
    max_files: options.maxFiles,
  };
}

export function imageElement(url: string, altText: string): ImageElement {
  return {
    type: 'image',
    image_url: within(url, LIMITS.image.url, 'image url'),
    alt_text: truncate(altText, LIMITS.image.altText),
  };
}

/** @throws RangeError for an action_id, block_id or callback_id that is empty or longer than 255 characters */
export function identifier(id: string): string {
  if (id === '') throw new RangeError('an identifier is empty');
  return within(id, LIMITS.identifier, 'identifier');
}

/** Values that programs read back can't be cut like a text. */
export function within(text: string, max: number, what: string): string {
  if (text.length > max) throw new RangeError(`${what}: ${text.length} characters, at most ${max}`);
  return text;
}

function selectParts(actionId: string, options: SelectOptions) {
  return {
    action_id: identifier(actionId),
    ...placeholderPart(options.placeholder),
    ...(options.initial === undefined ? {} : { initial_option: option(options.initial) }),
    ...(options.confirm === undefined ? {} : { confirm: confirmation(options.confirm) }),
  };
}

function placeholderPart(placeholder: string | undefined) {
  return placeholder === undefined ? {} : { placeholder: plain(placeholder, LIMITS.placeholder) };
}
