import type {
  ActionsBlock,
  ActionsBlockElement,
  ContextBlock,
  DividerBlock,
  HeaderBlock,
  HomeView,
  ImageBlock,
  ImageElement,
  InputBlock,
  InputBlockElement,
  KnownBlock,
  ModalView,
  MrkdwnElement,
  SectionBlock,
  SectionBlockAccessory,
  TableBlock,
} from '@slack/types';
import { LIMITS } from '../limits/limits.ts';
import { identifier, within } from './elements.ts';
import { plain, truncate, truncateMrkdwn } from './mrkdwn.ts';

export * from './elements.ts';

export interface SectionOptions {
  readonly accessory?: SectionBlockAccessory;
  readonly blockId?: string;
}

export interface InputOptions {
  readonly hint?: string;
  readonly optional?: boolean;
  /** Sends a block_actions request when the value changes. */
  readonly dispatch?: boolean;
}

export interface ModalOptions {
  readonly title: string;
  readonly blocks: readonly KnownBlock[];
  readonly callbackId?: string;
  /** The submit button's text; required with an input. */
  readonly submit?: string;
  readonly close?: string;
  /** What is needed to continue later. No secrets; at most 3,000 characters. */
  readonly metadata?: string;
  readonly notifyOnClose?: boolean;
  readonly externalId?: string;
}

export interface TableOptions {
  readonly columns: readonly { readonly align?: 'left' | 'center' | 'right'; readonly wrapped?: boolean }[];
  readonly blockId?: string;
}

/** mrkdwn as given: escape text from people. Slack doesn't turn addresses and names in it into links. */
export function mrkdwn(text: string, max: number): MrkdwnElement {
  return { type: 'mrkdwn', text: truncateMrkdwn(text, max) || ' ', verbatim: true };
}

/** A paragraph of mrkdwn. */
export function section(text: string, options: SectionOptions = {}): SectionBlock {
  return {
    type: 'section',
    text: mrkdwn(text, LIMITS.section.text),
    ...(options.accessory === undefined ? {} : { accessory: options.accessory }),
    ...blockId(options.blockId),
  };
}

/** Up to ten short texts of mrkdwn in two columns. */
export function fields(texts: readonly string[], options: SectionOptions = {}): SectionBlock {
  return {
    type: 'section',
    fields: texts.slice(0, LIMITS.section.fields).map((text) => mrkdwn(text, LIMITS.section.field)),
    ...(options.accessory === undefined ? {} : { accessory: options.accessory }),
    ...blockId(options.blockId),
  };
}

/** A heading in plain text. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plain(text, LIMITS.header) };
}

/** Small print: mrkdwn texts and images. */
export function context(...parts: readonly (string | ImageElement)[]): ContextBlock {
  const elements = parts.slice(0, LIMITS.context.elements);
  return {
    type: 'context',
    elements: elements.map((part) => (typeof part === 'string' ? mrkdwn(part, LIMITS.context.text) : part)),
  };
}

export function actions(elements: readonly ActionsBlockElement[], id?: string): ActionsBlock {
  return { type: 'actions', elements: elements.slice(0, LIMITS.actions.elements), ...blockId(id) };
}

export function divider(): DividerBlock {
  return { type: 'divider' };
}

/** A form field. Its block ID is the field's name in `readForm` and in errors. */
export function input(id: string, label: string, element: InputBlockElement, options: InputOptions = {}): InputBlock {
  return {
    type: 'input',
    block_id: identifier(id),
    label: plain(label, LIMITS.input.label),
    element,
    optional: options.optional ?? false,
    ...(options.hint === undefined ? {} : { hint: plain(options.hint, LIMITS.input.hint) }),
    ...(options.dispatch ? { dispatch_action: true } : {}),
  };
}

export function image(url: string, altText: string, title?: string): ImageBlock {
  return {
    type: 'image',
    image_url: within(url, LIMITS.image.url, 'image url'),
    alt_text: truncate(altText, LIMITS.image.altText),
    ...(title === undefined ? {} : { title: plain(title, LIMITS.image.title) }),
  };
}

/** An image stored in Slack by `Messenger.uploadImage`. */
export function slackImage(fileId: string, altText: string, title?: string): ImageBlock {
  return {
    type: 'image',
    slack_file: { id: fileId },
    alt_text: truncate(altText, LIMITS.image.altText),
    ...(title === undefined ? {} : { title: plain(title, LIMITS.image.title) }),
  };
}

/**
 * A table of plain texts with a header row, at most one per message. Rows and columns over Slack's limits are left out,
 * and so are the last rows when the whole text is too long: say elsewhere how many there are.
 */
export function table(rows: readonly (readonly string[])[], options: TableOptions): TableBlock {
  const kept: TableBlock['rows'] = [];
  let characters = 0;
  for (const row of rows.slice(0, LIMITS.table.rows)) {
    const cells = row.slice(0, LIMITS.table.columns);
    characters += cells.join('').length;
    if (characters > LIMITS.table.characters) break;
    kept.push(cells.map((text) => ({ type: 'raw_text', text: text || ' ' })));
  }
  const settings = options.columns.slice(0, LIMITS.table.columns).map(({ align = 'left', wrapped = false }) => ({
    align,
    is_wrapped: wrapped,
  }));
  return { type: 'table', rows: kept, column_settings: settings, ...blockId(options.blockId) };
}

/** @throws RangeError when the metadata or an identifier is longer than Slack accepts */
export function modal(options: ModalOptions): ModalView {
  return {
    type: 'modal',
    title: plain(options.title, LIMITS.view.title),
    blocks: options.blocks.slice(0, LIMITS.view.blocks),
    close: plain(options.close ?? 'Close', LIMITS.view.close),
    ...(options.submit === undefined ? {} : { submit: plain(options.submit, LIMITS.view.submit) }),
    ...(options.callbackId === undefined ? {} : { callback_id: identifier(options.callbackId) }),
    ...(options.externalId === undefined ? {} : { external_id: identifier(options.externalId) }),
    ...(options.notifyOnClose ? { notify_on_close: true } : {}),
    ...metadataPart(options.metadata),
  };
}

export function home(blocks: readonly KnownBlock[], metadata?: string): HomeView {
  return { type: 'home', blocks: blocks.slice(0, LIMITS.view.blocks), ...metadataPart(metadata) };
}

/** What a modal shows until its content is loaded, since a trigger is valid for only three seconds. */
export function loading(title: string): ModalView {
  return modal({ title, blocks: [section('_Loading …_')] });
}

function metadataPart(metadata: string | undefined) {
  if (metadata === undefined) return {};
  return { private_metadata: within(metadata, LIMITS.view.privateMetadata, 'private metadata') };
}

function blockId(id: string | undefined) {
  return id === undefined ? {} : { block_id: identifier(id) };
}
