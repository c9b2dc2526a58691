import { setImmediate as pause } from 'node:timers/promises';

/** How long reading goes on without a pause, in milliseconds: requests have to be acknowledged meanwhile. */
const MAX_BLOCK_MS = 10;
/** The clock is only read at each of this many steps. A power of two. */
const STEPS = 16;

/** Lets the process do other work while a large file is read, whether or not its reader waits for anything. */
export class Breather {
  #since = performance.now();
  #steps = 0;

  /** Counts a step of about a row. @returns whether to pause now */
  get isDue(): boolean {
    this.#steps += 1;
    return (this.#steps & (STEPS - 1)) === 0 && this.isOver;
  }

  /** Whether the last pause was too long ago, for larger steps. */
  get isOver(): boolean {
    return performance.now() - this.#since > MAX_BLOCK_MS;
  }

  async breathe(): Promise<void> {
    await pause();
    this.#since = performance.now();
  }
}

/** The same items, with pauses. */
export async function* breathing<T>(items: Iterable<T>, breather: Breather): AsyncGenerator<T, void> {
  for (const item of items) {
    if (breather.isDue) await breather.breathe();
    yield item;
  }
}

/** Goes through the steps of something, with pauses. */
export async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  const breather = new Breather();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (breather.isOver) await breather.breathe();
  }
}
