import type { types } from '@slack/bolt';
import { LIMITS } from '../limits/limits.ts';
import { context } from './blocks.ts';
import { escapeMrkdwn, truncate, truncateMrkdwn } from './mrkdwn.ts';

/** The block that names the account. */
const BLOCK = 'account_name';

interface Content {
  readonly text: string;
  readonly blocks?: readonly types.KnownBlock[] | undefined;
}

/** A message with the account's name above it, and in its confirmation dialogs. */
export function nameMessage<T extends Content>(message: T, name: string): T {
  const text = `${line(name)}\n${message.text}`;
  if (message.blocks === undefined) return { ...message, text };
  return { ...message, text, blocks: nameBlocks(message.blocks, name, LIMITS.message.blocks) };
}

/** A modal with the account's name above its content, and in its confirmation dialogs. */
export function nameModal(view: types.ModalView, name: string): types.ModalView {
  return { ...view, blocks: nameBlocks(view.blocks, name, LIMITS.view.blocks) };
}

/** Blocks whose confirmation dialogs name the account, since nothing around a dialog can be read while it is open. */
export function nameDialogs(blocks: readonly types.KnownBlock[], name: string): types.KnownBlock[] {
  return blocks.map((block) => withDialogs(block, name));
}

/** A modal that replaces another one of the same account, whose name it shows if the other did. */
export function nameLike<T extends types.ModalView>(
  view: T,
  before: { readonly blocks: readonly types.AnyBlock[] },
): T {
  const named = before.blocks.find(({ block_id: id }) => id === BLOCK);
  return named === undefined ? view : { ...view, blocks: [named, ...view.blocks] };
}

function nameBlocks(blocks: readonly types.AnyBlock[], name: string, most: number): types.KnownBlock[] {
  const named = nameDialogs(blocks as readonly types.KnownBlock[], name);
  if (named.length < most) return [{ ...context(line(name)), block_id: BLOCK }, ...named];
  // no room for another block
  const at = named.findIndex((block) => block.type === 'section' && block.text !== undefined);
  return named.map((block, index) => (index === at ? prefixed(block, line(name)) : block));
}

function prefixed(block: types.KnownBlock, words: string): types.KnownBlock {
  if (block.type !== 'section' || block.text === undefined) return block;
  return {
    ...block,
    text: { ...block.text, text: truncateMrkdwn(`${words}\n${block.text.text}`, LIMITS.section.text) },
  };
}

function line(name: string): string {
  return `Account: *${escapeMrkdwn(name)}*`;
}

/** The same value with each dialog in it naming the account. */
function withDialogs<T>(value: T, name: string): T {
  if (Array.isArray(value)) return value.map((item: unknown) => withDialogs(item, name)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => [
    key,
    key === 'confirm' && isDialog(item) ? dialog(item, name) : withDialogs(item, name),
  ]);
  return Object.fromEntries(entries) as T;
}

interface Dialog {
  readonly title: { readonly text: string };
  readonly text: { readonly text: string };
}

function isDialog(value: unknown): value is Dialog {
  return typeof value === 'object' && value !== null && 'text' in value && 'title' in value;
}

/** In plain text. A name that has no room in the text is in the title. */
function dialog({ title, text, ...of }: Dialog, name: string): Dialog {
  const words = `${text.text}\nAccount: ${name}`;
  if (words.length <= LIMITS.confirm.text) return { ...of, title, text: { ...text, text: words } };
  return { ...of, text, title: { ...title, text: truncate(`${title.text} · ${name}`, LIMITS.confirm.title) } };
}
