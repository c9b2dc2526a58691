import { SlackRefusal } from '../errors.ts';
import type { BenchStatus } from '../types.ts';
import type { Fault, Faults } from './faults.ts';
import type { RateLimits } from './rate-limits.ts';

/** What only those who started the workspace can do for its page: they have the product's clock and its data. */
export interface Controls {
  /** The product's time. */
  now(): Date;
  /** Moves the product's clock forward. @throws Error in plain words, such as for an instant that has passed */
  moveClock(to: Date): Promise<void>;
  /** Makes everything as it was at first. @throws Error in plain words */
  reset(): Promise<void>;
}

/** Switches for those who try things out: faults, limits, the clock, a new beginning. */
export class Bench {
  readonly faults: Faults;
  readonly #rates: RateLimits;
  readonly #controls: Controls | undefined;
  readonly #onChange: () => void;
  #isRevoked = false;
  #busy: string | null = null;
  #storageFault: string | null = null;

  constructor(parts: { faults: Faults; rates: RateLimits; controls: Controls | undefined; onChange: () => void }) {
    this.faults = parts.faults;
    this.#rates = parts.rates;
    this.#controls = parts.controls;
    this.#onChange = parts.onChange;
  }

  /** Whether the app's token was taken away: every call is then refused with token_revoked. */
  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  status(): BenchStatus {
    return {
      faults: this.faults.waiting.map((fault) => ({ ...fault })),
      revoked: this.#isRevoked,
      rate_limits: this.#rates.isOn,
      ahead_ms: this.#controls ? this.#controls.now().getTime() - Date.now() : 0,
      has_clock: this.#controls !== undefined,
      busy: this.#busy,
      storage_fault: this.#storageFault,
    };
  }

  addFault(fault: Fault): void {
    this.faults.next(fault);
  }

  setRevoked(isRevoked: boolean): void {
    this.#isRevoked = isRevoked;
    this.#onChange();
  }

  setRateLimits(isOn: boolean): void {
    this.#rates.isOn = isOn;
    this.#onChange();
  }

  /** Says on every page what goes on that takes time; null when it is over. Also tells pages of a clock that moved. */
  setBusy(words: string | null): void {
    this.#busy = words;
    this.#onChange();
  }

  /** Says on every page that messages can't be saved; null once they can. @returns whether that is news */
  setStorageFault(words: string | null): boolean {
    if (words === this.#storageFault) return false;
    this.#storageFault = words;
    this.#onChange();
    return true;
  }

  /** @throws SlackRefusal no_clock; Error in plain words */
  async moveClock(to: Date): Promise<void> {
    await this.#owned().moveClock(to);
    this.#onChange();
  }

  /** @throws SlackRefusal no_clock; Error in plain words */
  async reset(): Promise<void> {
    const controls = this.#owned();
    this.faults.clear();
    this.setRevoked(false);
    this.setRateLimits(false);
    await controls.reset();
  }

  #owned(): Controls {
    if (!this.#controls) throw new SlackRefusal('no_clock');
    return this.#controls;
  }
}
