import type { z } from 'zod';
import { Refusal } from '../../billing/refusal.ts';

/**
 * Reads a view's metadata or a button's value. Slack keeps both as long as the view or message exists, so they may be
 * from an earlier version.
 *
 * @throws {Refusal} `view_outdated` if it can't be read
 */
export function readKept<T extends z.ZodType>(schema: T, kept: string | undefined): z.output<T> {
  return checkKept(schema, parseJson(kept));
}

/** The same for a part of it. @throws {Refusal} `view_outdated` if it can't be read */
export function checkKept<T extends z.ZodType>(schema: T, kept: unknown): z.output<T> {
  const parsed = schema.safeParse(kept);
  if (parsed.success) return parsed.data;
  throw new Refusal('view_outdated');
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
