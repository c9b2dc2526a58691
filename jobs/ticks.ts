import type { Ctx, Tick } from '../src/services/context.ts';
import { noteRun } from '../src/services/job-runs.ts';

/**
 * Something that happens by itself: it asks the domain's own data what is due, and does it. It holds no truth of its
 * own, may be missed, and may run twice and at once.
 */
export interface Job {
  readonly name: Tick;
  /** How often it comes by itself, in milliseconds. */
  readonly everyMs: number;
  run(ctx: Ctx): Promise<unknown>;
  /** Resolves when nothing that a run began goes on any more. */
  idle?(): Promise<void>;
  /** Lets what goes on finish, and begins no more. */
  stop?(): Promise<void>;
}

/** Runs jobs when they are asked for: one at a time of a kind in this process, and once more if asked meanwhile. */
export class Ticks {
  private readonly jobs: ReadonlyMap<Tick, Job>;
  private readonly running = new Map<Tick, Promise<void>>();
  private readonly again = new Set<Tick>();
  private readonly ctx: Ctx;
  private stopped = false;

  constructor(jobs: readonly Job[], base: Omit<Ctx, 'nudge' | 'actor'>) {
    this.jobs = new Map(jobs.map((job) => [job.name, job]));
    this.ctx = { ...base, actor: { kind: 'automation' }, nudge: (tick) => this.nudge(tick) };
  }

  /** Asks for a tick soon; returns at once. */
  nudge(name: Tick): void {
    if (this.stopped) return;
    if (this.running.has(name)) this.again.add(name);
    else setImmediate(() => void this.run(name));
  }

  /** Runs a job now, or waits for the run that goes on. Never throws: a failure is logged, and the next tick tries again. */
  async run(name: Tick): Promise<void> {
    const going = this.running.get(name);
    if (going) {
      this.again.add(name);
      return going;
    }
    if (this.stopped) return;
    const run = this.once(name).finally(() => {
      this.running.delete(name);
      if (this.again.delete(name)) this.nudge(name);
    });
    this.running.set(name, run);
    return run;
  }

  /** Resolves when nothing runs, and nothing was asked for that has not begun. */
  async idle(): Promise<void> {
    for (;;) {
      await Promise.all([...this.running.values(), ...[...this.jobs.values()].map((job) => job.idle?.())]);
      // a nudge begins its run behind what is being done
      await new Promise((resolve) => setImmediate(resolve));
      if (this.running.size === 0) return;
    }
  }

  /** Lets the runs that go on finish, and starts no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running.values());
    await Promise.all([...this.jobs.values()].map((job) => job.stop?.()));
  }

  private async once(name: Tick): Promise<void> {
    const job = this.jobs.get(name);
    if (!job) return;
    const began = performance.now();
    const note = (error?: unknown) => this.note(name, Math.round(performance.now() - began), error);
    try {
      await job.run(this.ctx);
      await note();
    } catch (error) {
      this.ctx.log.error({ job: name, err: error }, 'a job failed; the next tick tries again');
      await note(error);
    }
  }

  /** How it went, where owners see it; without a database it is in the log alone. */
  private async note(name: Tick, tookMs: number, error: unknown): Promise<void> {
    try {
      await noteRun(this.ctx, name, tookMs, error);
    } catch (fault) {
      this.ctx.log.warn({ job: name, err: fault }, 'how a job went could not be noted');
    }
  }
}
