import { SharedReads } from './shared-reads.ts';

export interface BriefCacheOptions {
  /** How many values are kept; the oldest are forgotten first. */
  readonly most: number;
  /** How long a value is used after the read that found it began, in milliseconds. */
  readonly keptMs: number;
  /** Milliseconds that only go forward, whatever happens to the machine's clock; the process's own by default. */
  readonly elapsed?: () => number;
}

/**
 * Keeps what was read for a moment, in this process. What another process changes is noticed once the moment is over;
 * what this process changes, at once, through `forget`.
 */
export class BriefCache<T> {
  private readonly kept = new Map<string, { readonly value: T; readonly readAt: number }>();
  private readonly reads = new SharedReads<T | null>();
  private readonly options: Required<BriefCacheOptions>;
  /** How often something was forgotten. */
  private changes = 0;

  constructor(options: BriefCacheOptions) {
    this.options = { elapsed: () => performance.now(), ...options };
  }

  /** The value of a key, kept or read now. What isn't there isn't remembered. @throws what `read` throws */
  get(key: string, read: () => Promise<T>): Promise<T>;
  get(key: string, read: () => Promise<T | null>): Promise<T | null>;
  async get(key: string, read: () => Promise<T | null>): Promise<T | null> {
    const { elapsed, keptMs } = this.options;
    const known = this.kept.get(key);
    if (known && elapsed() - known.readAt < keptMs) return known.value;
    return this.reads.get(key, async () => {
      const [readAt, changes] = [elapsed(), this.changes];
      const value = await read();
      // what was forgotten meanwhile may have been read before it changed
      if (changes === this.changes) this.keep(key, value, readAt);
      return value;
    });
  }

  /** Replaces a kept value by what this process knows to be the newer one. It isn't kept for longer. */
  replace(key: string, value: T): void {
    const known = this.kept.get(key);
    if (known) this.kept.set(key, { ...known, value });
  }

  /** The next request reads the value again. Call it after the commit of a change. */
  forget(key: string): void {
    this.changes += 1;
    this.kept.delete(key);
  }

  private keep(key: string, value: T | null, readAt: number): void {
    // moved to the end, so that the first one is always the oldest
    this.kept.delete(key);
    if (value === null) return;
    this.kept.set(key, { value, readAt });
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.options.most && oldest !== undefined) this.kept.delete(oldest);
  }
}
