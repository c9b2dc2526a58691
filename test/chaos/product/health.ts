import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 2_000;
const GIVE_UP_MS = 10_000;

/** Asks processes for their health again and again. One that is killed does not answer, which is no fault of it. */
export class HealthWatch {
  answers = 0;
  /** In milliseconds. */
  slowest = 0;
  private readonly urls: readonly string[];
  private hasEnded = false;

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  async run(): Promise<void> {
    while (!this.hasEnded) {
      await Promise.all([wait(EVERY_MS), ...this.urls.map((url) => this.ask(url))]);
    }
  }

  end(): void {
    this.hasEnded = true;
  }

  /** Whether all of them are ready at this moment. */
  async areReady(): Promise<boolean> {
    const ready = await Promise.all(
      this.urls.map((url) =>
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(GIVE_UP_MS) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    return ready.every(Boolean);
  }

  private async ask(url: string): Promise<void> {
    const began = performance.now();
    try {
      const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(GIVE_UP_MS) });
      await answer.text();
      this.answers += 1;
    } catch (error) {
      // a connection that is refused or cut off: it was killed
      if (!(error instanceof Error && error.name === 'TimeoutError')) return;
    }
    this.slowest = Math.max(this.slowest, performance.now() - began);
  }
}
