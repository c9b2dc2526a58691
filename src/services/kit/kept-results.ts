/** How many items the kept results have together; about 300 bytes each. */
const MOST = 100_000;

/** A result, and what tells whether it still holds. */
export interface KeptResult<T> {
  readonly stamp: string;
  readonly value: T;
}

/**
 * Keeps what was made from documents of the database, in this process. Before it is used, its stamp shows whether the
 * documents are still the same, so it is never older than what was just read.
 */
export class KeptResults<T> {
  private readonly kept = new Map<string, KeptResult<T>>();
  private readonly sizeOf: (value: T) => number;
  private size = 0;

  /** @param sizeOf how many items a result has */
  constructor(sizeOf: (value: T) => number) {
    this.sizeOf = sizeOf;
  }

  /**
   * @param question which result it is
   * @param stamp the same for the same documents
   * @param make makes the result from the documents
   */
  get(question: string, stamp: string, make: () => T): T {
    const before = this.find(question);
    return this.keep(question, stamp, before?.stamp === stamp ? before.value : make());
  }

  /** What was kept, whatever has changed since. */
  find(question: string): KeptResult<T> | undefined {
    return this.kept.get(question);
  }

  /** Keeps a result as the last one to be dropped, and returns it. */
  keep(question: string, stamp: string, value: T): T {
    // moved to the end, so that the first one is always the oldest
    this.drop(question);
    this.kept.set(question, { stamp, value });
    this.size += this.sizeOf(value);
    for (const oldest of this.kept.keys()) {
      if (this.size <= MOST) break;
      this.drop(oldest);
    }
    return value;
  }

  private drop(question: string): void {
    const one = this.kept.get(question);
    if (one && this.kept.delete(question)) this.size -= this.sizeOf(one.value);
  }
}
