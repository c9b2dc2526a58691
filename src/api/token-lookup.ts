import { setTimeout as wait } from 'node:timers/promises';
import { existingTokens } from '../services/access/tokens.ts';

/** One query at a time, and at most ten per second. */
const PAUSE_MS = 100;
/** The most tokens that wait for the next query. */
const MOST_WAITING = 1_000;
/** How many valid tokens a process remembers. */
const MOST_KNOWN = 10_000;

/** Tokens that were valid when this process last looked, by their hash. They may have been revoked since. */
export class KnownTokens {
  private readonly hashes = new Set<string>();

  has(hash: string): boolean {
    return this.hashes.has(hash);
  }

  /** The oldest are forgotten first. */
  add(hash: string): void {
    this.hashes.add(hash);
    const [oldest] = this.hashes;
    if (this.hashes.size > MOST_KNOWN && oldest !== undefined) this.hashes.delete(oldest);
  }

  delete(hash: string): void {
    this.hashes.delete(hash);
  }
}

/**
 * Looks up the tokens of clients that have sent too many invalid ones. All that arrive within a tenth of a second share
 * one query, so that their number doesn't reach the database, and a valid token among them is still found.
 */
export class SharedLookup {
  private waiting = new Set<string>();
  private next: Promise<ReadonlySet<string>> | undefined;
  private running: Promise<unknown> = Promise.resolve();

  /** Whether a token with this hash exists, valid or not; false if too many are waiting. */
  async exists(hash: string): Promise<boolean> {
    if (this.waiting.size >= MOST_WAITING && !this.waiting.has(hash)) return false;
    this.waiting.add(hash);
    this.next ??= this.run();
    return (await this.next).has(hash);
  }

  private async run(): Promise<ReadonlySet<string>> {
    await Promise.all([this.running, wait(PAUSE_MS)]);
    const hashes = [...this.waiting];
    this.waiting = new Set();
    this.next = undefined;
    const found = existingTokens(hashes);
    // a failed query is its callers' error
    this.running = found.catch(() => undefined);
    return found;
  }
}
