import type { PartRequest } from '../services/groups/group-details.ts';
import { apiError } from './errors.ts';

/** The page size when a cursor is given without a limit. */
export const USUAL_LIMIT = 100;

/** Where a list continues, for the client to return unchanged. `list` distinguishes the cursors of different lists. */
export function toCursor(list: string, place: string): string {
  return Buffer.from(`${list}:${place}`).toString('base64url');
}

/** @throws {ApiError} 400 for a cursor that isn't of this list */
export function fromCursor(list: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (text.startsWith(`${list}:`) && toCursor(list, text.slice(list.length + 1)) === cursor) {
    return text.slice(list.length + 1);
  }
  throw apiError(400, 'invalid_input', 'cursor: Not a valid cursor for this list.');
}

/** What a client requests with `limit` and `cursor`; everything if it sends neither. */
export function partOf(
  list: string,
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): PartRequest {
  if (limit === undefined && cursor === undefined) return {};
  return { limit: limit ?? USUAL_LIMIT, ...(cursor !== undefined && { after: fromCursor(list, cursor) }) };
}

/** An answer's reference to the next page; nothing if everything was requested. */
export function nextCursor(
  list: string,
  asked: { limit?: number | undefined },
  next: string | undefined,
): { next_cursor?: string | null } {
  if (asked.limit === undefined) return {};
  return { next_cursor: next === undefined ? null : toCursor(list, next) };
}
