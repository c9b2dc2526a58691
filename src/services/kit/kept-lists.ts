/** How many items the kept lists have together; about 300 bytes each. */
const MOST = 100_000;

/**
 * Keeps lists that were made from what the database returned, in this process. Each is used only as long as the database
 * returns the same, so it is never older than what was just read.
 */
export class KeptLists<T> {
  private readonly kept = new Map<string, { readonly stamp: string; readonly items: readonly T[] }>();

  /**
   * @param list which list it is
   * @param stamp the same for the same documents
   * @param make makes the list from the documents
   */
  get(list: string, stamp: string, make: () => readonly T[]): readonly T[] {
    const before = this.kept.get(list);
    const items = before?.stamp === stamp ? before.items : make();
    // moved to the end, so that the first one is always the oldest
    this.kept.delete(list);
    this.kept.set(list, { stamp, items });
    let size = 0;
    for (const one of this.kept.values()) size += one.items.length;
    for (const [oldest, one] of this.kept) {
      if (size <= MOST) break;
      this.kept.delete(oldest);
      size -= one.items.length;
    }
    return items;
  }
}
