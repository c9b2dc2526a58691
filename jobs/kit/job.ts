import type { Ctx, Tick } from '../../src/services/kit/context.ts';

/**
 * A background job: it finds due work in the domain's own data, and does it. It keeps no state, may be missed, and may
 * run twice and concurrently. Everything about when and how it runs is defined here; a test compares it with
 * docs/jobs.md.
 */
export interface Job {
  readonly name: Tick;
  /** What it does, for the table of all jobs. */
  readonly does: string;
  /** The interval in milliseconds. An interval, not a time of day, so that no run can be missed. */
  readonly everyMs: number;
  /** Whose time zone decides what is due, if that matters. */
  readonly zone?: string;
  /**
   * A run that hasn't renewed its lock for this many milliseconds counts as dead. It renews three times in that period.
   */
  readonly lockMs?: number;
  /**
   * How many runs there can be at once across all processes. `each process`: one in every process, sharing the work by
   * claims in the data; `one`: others skip while one runs.
   */
  readonly concurrency: 'one' | 'each process';
  /** How the first run after an outage handles missed runs. */
  readonly missed: string;
  run(ctx: Ctx): Promise<unknown>;
  /** Resolves when everything that a run started has finished. */
  idle?(): Promise<void>;
  /** Lets current work finish, and starts no more. */
  stop?(): Promise<void>;
}

/** The default in milliseconds: how long a job's work waits when its process is killed. */
const ALONE_LOCK_MS = 20_000;
/** The lock of a job that can run in several processes only avoids duplicate work, so a short one is safe. */
const SHARED_LOCK_MS = 6_000;

export function lockMsOf({ lockMs, concurrency }: Pick<Job, 'lockMs' | 'concurrency'>): number {
  return lockMs ?? (concurrency === 'one' ? ALONE_LOCK_MS : SHARED_LOCK_MS);
}
