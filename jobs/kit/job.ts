import type { Ctx, Tick } from '../../src/services/kit/context.ts';

/**
 * Background work: it asks the domain's own data what is due, and does it. It holds no truth of its
 * own, may be missed, and may run twice and at once. All there is to know about when and how it runs stands here;
 * docs/jobs.md is held against it.
 */
export interface Job {
  readonly name: Tick;
  /** What it does, for anyone who reads the table of all jobs. */
  readonly does: string;
  /** The interval in milliseconds. An interval, not a time of day, so that no run can be missed. */
  readonly everyMs: number;
  /** By whose clock it is decided what is due, where that matters. */
  readonly zone?: string;
  /** A run that hasn't renewed its lock for this many milliseconds counts as dead; it renews three times in that time. */
  readonly lockMs?: number;
  /**
   * How many runs there can be at once over all processes. `each process`: one in every process, which share the work by
   * claims in the data; `one`: others pass while one runs.
   */
  readonly concurrency: 'one' | 'each process';
  /** What the first run after an outage does about missed runs. */
  readonly missed: string;
  run(ctx: Ctx): Promise<unknown>;
  /** Resolves when nothing that a run began goes on any more. */
  idle?(): Promise<void>;
  /** Lets what goes on finish, and begins no more. */
  stop?(): Promise<void>;
}

/** Where a job names no other, in milliseconds: for so long its work waits when its process is killed. */
const ALONE_LOCK_MS = 20_000;
/** The lock of a job that may run in several processes at once only spares work, so that a short one does no harm. */
const SHARED_LOCK_MS = 6_000;

export function lockMsOf({ lockMs, concurrency }: Pick<Job, 'lockMs' | 'concurrency'>): number {
  return lockMs ?? (concurrency === 'one' ? ALONE_LOCK_MS : SHARED_LOCK_MS);
}
