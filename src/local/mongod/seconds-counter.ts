/** A count of seconds at the foot of a terminal, for work that takes long; where there is no terminal, nothing. */
import type { WriteStream } from 'node:tty';

const CLEAR_LINE = '\r\u001b[K';

export class SecondsCounter {
  readonly #terminal: WriteStream;
  readonly #start = process.hrtime.bigint();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    this.#timer = terminal.isTTY ? setInterval(() => this.#draw(), 1000) : undefined;
  }

  /** Whole seconds since the start. */
  seconds(): number {
    return Number((process.hrtime.bigint() - this.#start) / 1_000_000_000n);
  }

  /** Lets something else write a line, and takes its place again below it. */
  around(write: () => void): void {
    this.#clear();
    write();
    this.#draw();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    if (this.#timer) this.#terminal.write(`${CLEAR_LINE}  ${this.seconds()} s`);
  }

  #clear(): void {
    if (this.#timer) this.#terminal.write(CLEAR_LINE);
  }
}
