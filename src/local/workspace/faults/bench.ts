import { SlackRefusal } from '../errors.ts';
import type { AppStatus, BenchStatus } from '../types.ts';
import type { Fault, Faults } from './faults.ts';
import type { RateLimits } from './rate-limits.ts';

/** What the page can do only through the program that started the workspace and owns the product's clock and data. */
export interface Controls {
  /** The product's time. */
  now(): Date;
  /** Moves the product's clock forward. @throws Error in plain words, such as for an instant that has passed */
  moveClock(to: Date): Promise<void>;
  /** Restores the initial state. @throws Error in plain words */
  reset(): Promise<void>;
}

/** The test panel's settings: faults, limits, the clock, a reset. */
export class Bench {
  readonly faults: Faults;
  readonly #rates: RateLimits;
  readonly #controls: Controls | undefined;
  readonly #onChange: () => void;
  #isRevoked = false;
  #busy: string | null = null;
  #storageFault: string | null = null;

  readonly #app: () => AppStatus | null;

  constructor(parts: {
    faults: Faults;
    rates: RateLimits;
    controls: Controls | undefined;
    app: () => AppStatus | null;
    onChange: () => void;
  }) {
    this.#app = parts.app;
    this.faults = parts.faults;
    this.#rates = parts.rates;
    this.#controls = parts.controls;
    this.#onChange = parts.onChange;
  }

  /** Whether the app's token was revoked. Every call is then refused with token_revoked. */
  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  status(): BenchStatus {
    return {
      faults: this.faults.waiting.map((fault) => ({ ...fault })),
      revoked: this.#isRevoked,
      rate_limits: this.#rates.isOn,
      history_limits: this.#rates.isHistoryRestricted,
      ahead_ms: this.#controls ? this.#controls.now().getTime() - Date.now() : 0,
      has_clock: this.#controls !== undefined,
      busy: this.#busy,
      storage_fault: this.#storageFault,
      app: this.#app(),
    };
  }

  /** Shows on every page what has changed outside the panel. */
  changed(): void {
    this.#onChange();
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

  setHistoryLimits(isOn: boolean): void {
    this.#rates.isHistoryRestricted = isOn;
    this.#onChange();
  }

  /** Shows on every page what is taking time; null when it is done. Also updates pages after the clock moved. */
  setBusy(words: string | null): void {
    this.#busy = words;
    this.#onChange();
  }

  /** Shows on every page that messages can't be saved; null once they can. @returns whether this is new */
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
    this.setHistoryLimits(false);
    await controls.reset();
  }

  #owned(): Controls {
    if (!this.#controls) throw new SlackRefusal('no_clock');
    return this.#controls;
  }
}
