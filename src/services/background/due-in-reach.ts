/** What is due in all workspaces, including those without the app. */
export interface DueEverywhere<T> {
  /** At most `limit` items, the longest due first. */
  due(): Promise<readonly T[]>;
  readonly limit: number;
  /** Those whose workspaces have the app installed. */
  inReach(items: readonly T[]): Promise<readonly T[]>;
  /** Makes items due again after `OUT_OF_REACH_MS`. Safe to repeat. */
  postpone(items: readonly T[]): Promise<void>;
}

/** How long an item of a workspace without the app isn't looked at again; at most this much later it continues. */
export const OUT_OF_REACH_MS = 3_600_000;
/** How many times a tick looks for items that can be processed. */
const MAX_LOOKS = 20;

/**
 * Due items that can be processed now. Those of workspaces without the app are postponed, so that they don't take the
 * places of others, however many there are.
 */
export async function dueInReach<T>({ due, limit, inReach, postpone }: DueEverywhere<T>): Promise<readonly T[]> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const items = await due();
    const reachable = await inReach(items);
    const others = items.filter((item) => !reachable.includes(item));
    if (others.length > 0) await postpone(others);
    if (reachable.length > 0 || items.length < limit) return reachable;
  }
  return [];
}
