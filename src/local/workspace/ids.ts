import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** An ID in Slack's style: a letter for the kind, then capitals and digits. */
export function makeId(prefix: string, length = 10): string {
  const letters = [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return prefix + letters.join('');
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
