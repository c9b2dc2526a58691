import { fromCursor, toCursor, USUAL_LIMIT } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { time } from '../schemas/common.ts';

/**
 * How much earlier than the time of reading the next one continues: longer than a transaction may take, plus the
 * difference between two machines' clocks. What was changed but not committed while it read is read the next time.
 */
const OVERLAP_MS = 120_000;

/** A list that is read page by page, and again later for what has changed. */
export interface Reading {
  readonly limit: number;
  /** Where the page starts; absent for the first. */
  readonly after?: string;
  /** When the first page was read, less the overlap. */
  readonly readAt: Date;
}

/** @throws {ApiError} 400 for a cursor that isn't of this list */
export function readingOf(
  list: string,
  { limit = USUAL_LIMIT, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  now: Date,
): Reading {
  if (cursor === undefined) return { limit, readAt: new Date(now.getTime() - OVERLAP_MS) };
  const [, at, after] = /^(\d{1,15}) (.+)$/.exec(fromCursor(list, cursor)) ?? [];
  if (at === undefined || after === undefined) {
    throw apiError(400, 'invalid_input', 'cursor: Not a valid cursor for this list.');
  }
  return { limit, after, readAt: new Date(Number(at)) };
}

/** What every page says about the others. */
export function pageOf(
  list: string,
  { readAt }: Reading,
  next: string | undefined,
): { readonly read_at: string; readonly next_cursor: string | null } {
  const next_cursor = next === undefined ? null : toCursor(list, `${readAt.getTime()} ${next}`);
  return { read_at: time(readAt), next_cursor };
}
