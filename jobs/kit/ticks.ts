import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, measure } from '../../src/platform/telemetry.ts';
import { noteRun, runAlone } from '../../src/services/background/job-runs.ts';
import type { Ctx, Tick } from '../../src/services/kit/context.ts';
import { outsideRequests } from '../../src/store/kit/request-keys.ts';
import { afterCommit } from '../../src/store/kit/transaction.ts';
import { type Job, lockMsOf } from './job.ts';

/** How often the jobs ran in this process, and how often one failed. */
export interface Counts {
  readonly runs: number;
  readonly failures: number;
}

/** Runs jobs when they are asked for: one at a time of a kind in this process, and once more if asked meanwhile. */
export class Ticks {
  private readonly jobs: ReadonlyMap<Tick, Job>;
  private readonly running = new Map<Tick, Promise<void>>();
  private readonly again = new Set<Tick>();
  private readonly counted = new Map<Tick, Counts>();
  private readonly ctx: Ctx;
  private stopped = false;

  constructor(jobs: readonly Job[], base: Omit<Ctx, 'nudge' | 'actor'>) {
    this.jobs = new Map(jobs.map((job) => [job.name, job]));
    this.ctx = { ...base, actor: { kind: 'automation' }, nudge: (tick) => this.nudge(tick) };
  }

  /** Asks for a tick soon; returns at once. In a transaction it is asked for after the commit, when there is something to do. */
  nudge(name: Tick): void {
    afterCommit(() => this.begin(name));
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

  /** Since the process began, by job; each job of this process is there. */
  get counts(): ReadonlyMap<Tick, Counts> {
    return new Map([...this.jobs.keys()].map((name) => [name, this.counted.get(name) ?? { runs: 0, failures: 0 }]));
  }

  /**
   * Lets the runs that go on finish, and starts no more.
   *
   * @param graceMs how long it waits at most; what is not done by then is left to the next process
   * @returns the jobs that were not done in time
   */
  async stop(graceMs?: number): Promise<Tick[]> {
    this.stopped = true;
    const stopping = [...this.jobs.values()].map((job) => job.stop?.());
    const all = Promise.all([...this.running.values(), ...stopping]);
    if (graceMs === undefined) {
      await all;
      return [];
    }
    const timer = new AbortController();
    const isDone = await Promise.race([all.then(() => true), wait(graceMs, false, { signal: timer.signal })]);
    timer.abort();
    return isDone ? [] : [...this.running.keys()];
  }

  private begin(name: Tick): void {
    if (this.stopped) return;
    if (this.running.has(name)) this.again.add(name);
    else outsideRequests(() => setImmediate(() => void this.run(name)));
  }

  private async once(name: Tick): Promise<void> {
    const job = this.jobs.get(name);
    if (!job) return;
    const began = performance.now();
    const measured = measure('job', name);
    const took = () => Math.round(performance.now() - began);
    try {
      const hasRun = await this.perhapsAlone(job);
      if (!hasRun) return;
      measured.end();
      await this.note(job, took());
    } catch (error) {
      measured.end({ code: errorCode(error), isFault: true });
      this.ctx.log.error({ job: name, err: error }, 'a job failed. The next run tries again');
      await this.note(job, took(), error ?? new Error('No reason was given'));
    }
  }

  /** @returns false when it has to be alone and another process runs it */
  private async perhapsAlone(job: Job): Promise<boolean> {
    const run = () => job.run(this.ctx);
    if (job.concurrency === 'one') return runAlone(job.name, lockMsOf(job), run);
    await run();
    return true;
  }

  /** How it went, where owners see it; without a database it is in the log and in this process's counts alone. */
  private async note(job: Job, tookMs: number, error?: unknown): Promise<void> {
    const { runs, failures } = this.counted.get(job.name) ?? { runs: 0, failures: 0 };
    this.counted.set(job.name, { runs: runs + 1, failures: failures + (error === undefined ? 0 : 1) });
    try {
      await noteRun(this.ctx, job, tookMs, error);
    } catch (fault) {
      this.ctx.log.warn({ job: job.name, err: fault }, 'the outcome of a job could not be recorded');
    }
  }
}
