/** How many items the kept lists have together; about 150 bytes each. */
const MOST = 100_000;

/**
 * Sorts lists that rarely change, such as all names of an account, by comparisons that take long. The last order of each
 * list is kept in this process, so that only what is new has to be found a place. The result is the same as without.
 */
export class KeptOrder<T> {
  private readonly kept = new Map<string, ReadonlyMap<string, number>>();
  private readonly compare: (a: T, b: T) => number;
  private readonly identity: (item: T) => string;

  /** @param identity the same for items that compare the same with all others, different for all others */
  constructor(compare: (a: T, b: T) => number, identity: (item: T) => string) {
    this.compare = compare;
    this.identity = identity;
  }

  /** The items in their order. @param list which list they are */
  sorted(list: string, items: readonly T[]): readonly T[] {
    const before = this.kept.get(list);
    const keyed = items.map((item) => {
      const key = this.identity(item);
      return { item, key, place: before?.get(key) };
    });
    const known = keyed.filter(({ place }) => place !== undefined).sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
    const fresh = keyed.filter(({ place }) => place === undefined);
    if (fresh.length > 0) {
      known.push(...fresh);
      // almost sorted, which takes few comparisons
      known.sort((a, b) => this.compare(a.item, b.item));
    }
    const isSame = fresh.length === 0 && before?.size === known.length;
    this.keep(list, isSame ? before : new Map(known.map(({ key }, at) => [key, at])));
    return known.map(({ item }) => item);
  }

  private keep(list: string, places: ReadonlyMap<string, number>): void {
    // moved to the end, so that the first one is always the oldest
    this.kept.delete(list);
    this.kept.set(list, places);
    let size = 0;
    for (const one of this.kept.values()) size += one.size;
    for (const [oldest, one] of this.kept) {
      if (size <= MOST) return;
      this.kept.delete(oldest);
      size -= one.size;
    }
  }
}
