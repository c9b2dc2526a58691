export type FaultKind = '429' | '500' | 'drop-before' | 'drop-after' | 'slow' | 'error';

export interface Fault {
  /** A Web API method, or 'response_url', 'upload', 'download'. */
  method: string;
  kind: FaultKind;
  /** How many calls it meets; 1 if not said. */
  times?: number;
  /** Of a 429: seconds, 1 if not said. */
  retryAfter?: number;
  /** Of 'slow': milliseconds before the call is carried out; 100 if not said. */
  ms?: number;
  /** Of 'error': the code Slack would answer with, such as 'fatal_error'. */
  error?: string;
}

/**
 * Faults that meet the next calls of a method, each as often as asked, in the order in which they were set.
 * `drop-before` closes the connection without carrying the call out, `drop-after` carries it out and loses the answer.
 */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  next(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that this call meets, if any; uses it up. */
  take(method: string): Fault | undefined {
    const entry = this.#waiting.find(({ fault }) => fault.method === method);
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#waiting = this.#waiting.filter((other) => other !== entry);
    return entry.fault;
  }
}
