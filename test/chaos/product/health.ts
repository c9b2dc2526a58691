import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 2_000;
const GIVE_UP_MS = 10_000;

/** Polls the processes' health. A killed one doesn't answer, which isn't a fault. */
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

  /** Whether all of them are currently ready. */
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
      // a refused or dropped connection: it was killed
      if (!(error instanceof Error && error.name === 'TimeoutError')) return;
    }
    this.slowest = Math.max(this.slowest, performance.now() - began);
  }
}
