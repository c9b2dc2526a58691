export type FaultKind = '429' | '500' | 'drop-before' | 'drop-after' | 'slow' | 'error';

export interface Fault {
  /** A Web API method, 'response_url', 'upload', 'download', or '*' for any of them. */
  method: string;
  kind: FaultKind;
  /** How many calls it meets, or 'always': until faults are cleared. 1 if not said. */
  times?: number | 'always';
  /** Of a 429: seconds, 1 if not said. */
  retryAfter?: number;
  /** Of 'slow': milliseconds before the call is carried out; 100 if not said. */
  ms?: number;
  /** Of '500': another status of that kind, such as 503. */
  status?: number;
  /** Of 'error': the code Slack would answer with, such as 'fatal_error'. */
  error?: string;
}

/** A fault that waits for calls. */
export interface WaitingFault extends Fault {
  left: number | 'always';
}

/**
 * Faults that meet the next calls of a method, each as often as asked, in the order in which they were set.
 * `drop-before` closes the connection without carrying the call out, `drop-after` carries it out and loses the answer.
 */
export class Faults {
  #waiting: WaitingFault[] = [];
  readonly #onChange: () => void;

  /** @param onChange called when a fault was set, used up or cleared */
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

  /** Those that calls will meet, in their order. */
  get waiting(): readonly WaitingFault[] {
    return this.#waiting;
  }

  /** The fault that this call meets, if any; uses it up. */
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
