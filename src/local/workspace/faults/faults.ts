export type FaultKind = '429' | '500' | 'drop-before' | 'drop-after' | 'slow' | 'error';

export interface Fault {
  /** A Web API method, 'response_url', 'upload', 'download', or '*' for any of them. */
  method: string;
  kind: FaultKind;
  /** How many calls it affects, or 'always' until faults are cleared. 1 by default. */
  times?: number | 'always';
  /** For a 429: seconds, 1 by default. */
  retryAfter?: number;
  /** For 'slow': milliseconds before the call is handled, 100 by default. */
  ms?: number;
  /** For '500': another status of that kind, such as 503. */
  status?: number;
  /** For 'error': the code that Slack would answer with, such as 'fatal_error'. */
  error?: string;
}

/** A fault that hasn't been used up yet. */
export interface WaitingFault extends Fault {
  left: number | 'always';
}

/**
 * Faults for a method's next calls, each as often as requested, in the order they were set.
 * `drop-before` closes the connection without handling the call; `drop-after` handles it and loses the answer.
 */
export class Faults {
  #waiting: WaitingFault[] = [];
  readonly #onChange: () => void;

  /** @param onChange called when a fault is set, used up or cleared */
  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  next(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? 1 });
    this.#onChange();
  }

  clear(): void {
    this.#waiting = [];
    this.#onChange();
  }

  /** The remaining faults, in order. */
  get waiting(): readonly WaitingFault[] {
    return this.#waiting;
  }

  /** The fault that affects this call, if any. Uses it up. */
  take(method: string): Fault | undefined {
    const fault = this.#waiting.find((it) => it.method === method || it.method === '*');
    if (!fault) return undefined;
    if (fault.left !== 'always') {
      fault.left -= 1;
      if (fault.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== fault);
      this.#onChange();
    }
    return fault;
  }
}
