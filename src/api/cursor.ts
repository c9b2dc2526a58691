import type { PartRequest } from '../services/groups/group-details.ts';
import { apiError } from './errors.ts';

/** Items of a page when a cursor is given without a limit. */
export const USUAL_LIMIT = 100;

/** Where a list goes on, for the client to hand back as it is; `list` keeps those of different lists apart. */
export function toCursor(list: string, place: string): string {
  return Buffer.from(`${list}:${place}`).toString('base64url');
}

/** @throws {ApiError} 400 for what is no cursor of this list */
export function fromCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (text.startsWith(`${list}:`) && toCursor(list, text.slice(list.length + 1)) === cursor) {
    return text.slice(list.length + 1);
  }
  throw apiError(400, 'invalid_input', 'cursor: Not a valid cursor for this list.');
}

/** What a client asks for by `limit` and `cursor`: all when it sends neither. */
export function partOf(
  list: string,
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): PartRequest {
  if (limit === undefined && cursor === undefined) return {};
  return { limit: limit ?? USUAL_LIMIT, ...(cursor !== undefined && { after: fromCursor(list, cursor) }) };
}

/** What an answer says of the next page: nothing when all was asked for. */
export function nextCursor(
  list: string,
  asked: { limit?: number | undefined },
  next: string | undefined,
): { next_cursor?: string | null } {
  if (asked.limit === undefined) return {};
  return { next_cursor: next === undefined ? null : toCursor(list, next) };
}
