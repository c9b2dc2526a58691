import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** An ID in Slack's style: a letter for the kind, then capitals and digits. */
export function makeId(prefix: string, length = 10): string {
  const letters = [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return prefix + letters.join('');
}

/** Where a workspace gets the IDs and timestamps of what is made in it. */
export interface Ids {
  /** @param prefix a letter for the kind, such as C, F or V */
  make(prefix: string): string;
  /** "seconds.microseconds", each later than the one before. */
  nextTs(): string;
  /** Makes every later timestamp come after this one. */
  after(ts: string): void;
  /** Begins again, for a workspace that is reset: the time may be earlier than before. */
  reset(): void;
}

/** IDs that occur nowhere else, as in Slack. @param now the time that timestamps show */
export function uniqueIds(now: () => Date): Ids {
  let timestamps = new Timestamps(() => now().getTime());
  return {
    make: (prefix) => makeId(prefix),
    nextTs: () => timestamps.next(),
    after: (ts) => timestamps.after(ts),
    reset: () => {
      timestamps = new Timestamps(() => now().getTime());
    },
  };
}

/**
 * For workspaces that look alike: each gets the same IDs and timestamps in the same order, so that code that doesn't ask
 * for the workspace takes what belongs to one for the other's.
 */
export function alikeIds(now: () => Date): () => Ids {
  const timestamps = new Timestamps(() => now().getTime());
  const stamps: string[] = [];
  return () => {
    const counts = new Map<string, number>();
    let used = 0;
    return {
      make(prefix) {
        const count = (counts.get(prefix) ?? 0) + 1;
        counts.set(prefix, count);
        return `${prefix}0ALIKE${String(count).padStart(4, '0')}`;
      },
      nextTs() {
        const ts = stamps[used] ?? timestamps.next();
        stamps[used] = ts;
        used += 1;
        return ts;
      },
      after: (ts) => timestamps.after(ts),
      // what was handed out stays valid for the others
      reset: () => undefined,
    };
  };
}

/** Generates message timestamps: "seconds.microseconds", each later than the one before, whatever the clock does. */
export class Timestamps {
  #last = 0;
  readonly #now: () => number;

  /** @param now milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): string {
    this.#last = Math.max(this.#last + 1, this.#now() * 1000);
    return `${Math.floor(this.#last / 1_000_000)}.${String(this.#last % 1_000_000).padStart(6, '0')}`;
  }

  /** Makes every later timestamp come after this one. */
  after(ts: string): void {
    const [seconds = '0', micros = '0'] = ts.split('.');
    this.#last = Math.max(this.#last, Number(seconds) * 1_000_000 + Number(micros));
  }
}
