import type { IdPrefix } from '../store/kit/ids.ts';

/** An id as the published API shows it: the UUID alone. */
export function shownId(id: string): string {
  return id.replace(/^[a-z]+_/, '');
}

/** The id that is meant, whether it was given with what it stands for at its beginning or without. */
export function resolvedId(prefix: IdPrefix, given: string): string {
  return given.startsWith(`${prefix}_`) ? given : `${prefix}_${given}`;
}
