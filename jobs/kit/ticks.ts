import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, measure } from '../../src/platform/telemetry.ts';
import { noteRun, runAlone } from '../../src/services/background/job-runs.ts';
import type { Ctx, Tick } from '../../src/services/kit/context.ts';
import { outsideRequests } from '../../src/store/kit/request-keys.ts';
import { afterCommit } from '../../src/store/kit/transaction.ts';
import { type Job, lockMsOf } from './job.ts';

/** How often each job has run in this process, and how often it failed. */
export interface Counts {
  readonly runs: number;
  readonly failures: number;
}

/** Runs jobs on request: one run per kind at a time in this process, and once more if requested meanwhile. */
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

  /**
   * Requests a tick soon; returns immediately. In a transaction it is requested after the commit, when there is work to
   * do.
   */
  nudge(name: Tick): void {
    afterCommit(() => this.begin(name));
  }

  /** Runs a job now, or waits for the current run. Never throws: a failure is logged, and the next tick retries. */
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

  /** Resolves when nothing is running or requested. */
  async idle(): Promise<void> {
    for (;;) {
      await Promise.all([...this.running.values(), ...[...this.jobs.values()].map((job) => job.idle?.())]);
      // a nudge starts its run after the current work
      await new Promise((resolve) => setImmediate(resolve));
      if (this.running.size === 0) return;
    }
  }

  /** Since the process started, by job; includes every job in this process. */
  get counts(): ReadonlyMap<Tick, Counts> {
    return new Map([...this.jobs.keys()].map((name) => [name, this.counted.get(name) ?? { runs: 0, failures: 0 }]));
  }

  /**
   * Lets current runs finish, and starts no more.
   *
   * @param graceMs the longest wait; what isn't done by then is left to the next process
   * @returns the jobs that didn't finish in time
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

  /** @returns false when it must run alone and another process is running it */
  private async perhapsAlone(job: Job): Promise<boolean> {
    const run = () => job.run(this.ctx);
    if (job.concurrency === 'one') return runAlone(job.name, lockMsOf(job), run);
    await run();
    return true;
  }

  /** Records the run where owners can see it. Without a database, only the log and this process's counts have it. */
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
