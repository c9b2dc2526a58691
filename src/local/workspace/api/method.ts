import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf, wholeOf } from '../json.ts';
import type { Fields } from '../types.ts';

/** A Web API method: takes the arguments, returns the answer without its `ok`. Throws SlackRefusal to refuse. */
export type Method = (core: Core, args: Fields) => Fields | Promise<Fields>;
export type Methods = { [name: string]: Method };

/**
 * One page of a list, with Slack's cursors.
 * @throws SlackRefusal invalid_cursor
 */
export function page<T>(all: readonly T[], args: Fields, usual: number): { items: T[]; response_metadata: Fields } {
  const limit = wholeOf(args, 'limit', usual, 1, 1000);
  const cursor = textOf(args, 'cursor');
  const start = cursor === undefined ? 0 : Number(/^at:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]);
  if (!Number.isInteger(start)) throw new SlackRefusal('invalid_cursor');
  const end = start + limit;
  const next = end < all.length ? Buffer.from(`at:${end}`).toString('base64') : '';
  return { items: all.slice(start, end), response_metadata: { next_cursor: next } };
}
