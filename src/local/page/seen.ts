import { isFields, parseJson } from '../workspace/json.ts';
import type { Seen } from './world.ts';

/** What a person has read, as this browser remembers it. */
export function seenBy(personId: string): Seen {
  const kept = parseJson(localStorage.getItem(keyOf(personId)) ?? '');
  if (!isFields(kept)) return {};
  return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => isText(entry[1])));
}

export function markSeen(personId: string, channelId: string, ts: string): void {
  const seen = seenBy(personId);
  if ((seen[channelId] ?? '') >= ts) return;
  localStorage.setItem(keyOf(personId), JSON.stringify({ ...seen, [channelId]: ts }));
}

/** For a workspace that was reset: its messages may be older than what was read before. */
export function forgetSeen(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}

const PREFIX = 'seen/';

function keyOf(personId: string): string {
  return PREFIX + personId;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
