import type { IdPrefix } from '../store/kit/ids.ts';

/** An ID as the published API shows it: only the UUID. */
export function shownId(id: string): string {
  return id.replace(/^[a-z]+_/, '');
}

/** The full ID, whether it was given with its prefix or without. */
export function resolvedId(prefix: IdPrefix, given: string): string {
  return given.startsWith(`${prefix}_`) ? given : `${prefix}_${given}`;
}
