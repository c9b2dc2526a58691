import type { z } from 'zod';
import { Refusal } from '../../billing/refusal.ts';

/**
 * What a view's metadata or a button's value say. Slack keeps both for as long as the view or message is there, so that
 * they may be an earlier version's.
 *
 * @throws {Refusal} `view_outdated` for what can't be read
 */
export function readKept<T extends z.ZodType>(schema: T, kept: string | undefined): z.output<T> {
  return checkKept(schema, parseJson(kept));
}

/** The same for a part of it. @throws {Refusal} `view_outdated` for what can't be read */
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
