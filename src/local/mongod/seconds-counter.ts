/** A running count of seconds on a terminal for slow work. Shows nothing where there is no terminal. */
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

  /** Makes room for a line of other output, then continues below it. */
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
