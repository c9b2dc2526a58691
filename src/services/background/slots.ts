/** A fixed number of slots, for work that may run in parallel up to a limit. The rest waits, first come, first served. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param atOnce how many may run in parallel */
  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /** Runs `work` as soon as a slot is free. @returns and throws what `work` does */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // the slot goes directly to the next in line
      if (next) next();
      else this.free += 1;
    }
  }
}
