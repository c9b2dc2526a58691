import { isFields, parseJson } from '../workspace/json.ts';
import type { Seen, Who } from './world.ts';

/** What a person has read, as this browser remembers it. */
export function seenBy(who: Who): Seen {
  const kept = parseJson(localStorage.getItem(keyOf(who)) ?? '');
  if (!isFields(kept)) return {};
  return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => isText(entry[1])));
}

export function markSeen(who: Who, channelId: string, ts: string): void {
  const seen = seenBy(who);
  if ((seen[channelId] ?? '') >= ts) return;
  localStorage.setItem(keyOf(who), JSON.stringify({ ...seen, [channelId]: ts }));
}

/** For a workspace that was reset: its messages may be older than what was read before. */
export function forgetSeen(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}

const PREFIX = 'seen/';

function keyOf({ team, as }: Who): string {
  return `${PREFIX}${team}/${as}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
