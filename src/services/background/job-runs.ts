import { hasOtherWorkspaces } from '../../store/accounts/account-reads.ts';
import { allItemFailures, type ItemFailureDoc, itemFailuresOf } from '../../store/background/item-failures.ts';
import { type JobRunDoc, jobRuns, storeJobRun } from '../../store/background/job-runs.ts';
import { claimLease, freeLease, renewLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import type { Ctx, Tick } from '../kit/context.ts';
import { errorWords } from '../kit/error-words.ts';
import { LONGEST_PAUSE_MS } from './each-of-all.ts';

/** The status of a job. */
export interface JobRun extends JobRunDoc {
  /** Whether it hasn't finished for so long that something must be wrong: it fails, hangs, or no process runs it. */
  readonly isLate: boolean;
}

/** A job is late when it has missed this many runs. */
const LATE_AFTER_TURNS = 3;
/** The interval of a job for which none is stored yet, in milliseconds. */
const USUAL_INTERVAL_MS = 60_000;

/** Records that a run of a job has ended, successfully or not. The last one counts, in any process. */
export async function noteRun(
  ctx: Ctx,
  { name, everyMs }: { readonly name: Tick; readonly everyMs: number },
  tookMs: number,
  error?: unknown,
): Promise<void> {
  const endedAt = ctx.clock.now();
  const failure = error === undefined ? {} : { lastError: errorWords(error) };
  await storeJobRun(name, { endedAt, tookMs, everyMs, ...failure });
}

/**
 * Runs something in one process at a time, under a lease that is renewed while it runs. The lease only saves work:
 * whatever is run must tolerate being run twice.
 *
 * @returns false if another process is running it
 */
export async function runAlone(name: Tick, leaseMs: number, run: () => Promise<unknown>): Promise<boolean> {
  const lease = await claimLease(`job:${name}`, leaseMs);
  if (!lease) return false;
  const alive = setInterval(() => renewLease(lease, leaseMs).catch(() => false), leaseMs / 3);
  try {
    await run();
    return true;
  } finally {
    clearInterval(alive);
    await freeLease(lease);
  }
}

/**
 * The jobs and their status, by name; for owners. If there are other workspaces, failures are left out, since they may
 * be those of others. @throws {Refusal} `role_needed`
 */
export async function listRuns(ctx: Ctx, accountId: string): Promise<JobRun[]> {
  const { account } = await admit(ctx, accountId, 'administer');
  const runs = await allRuns(ctx);
  if (!(await hasOtherWorkspaces(account.teamId))) return runs;
  return runs.map((run) => ({ ...run, failures: 0, lastError: null, lastErrorAt: null }));
}

/**
 * The same for monitoring, without a person. The time since a run is measured by both the product's clock and the
 * database's, because the database's keeps going if the other is set back. A run far in the future isn't a sign of life
 * either.
 */
export async function allRuns(ctx: Ctx): Promise<JobRun[]> {
  const now = ctx.clock.now().getTime();
  const runs = await jobRuns();
  return runs.map(({ sinceMs, ...run }) => {
    const patience = LATE_AFTER_TURNS * (run.everyMs ?? USUAL_INTERVAL_MS);
    const since = Math.max(Math.abs(now - run.endedAt.getTime()), Number(sinceMs ?? 0));
    return { ...run, isLate: since > patience };
  });
}

/** An item that fails repeatedly, by its ID. */
export type FailingItem = Pick<
  ItemFailureDoc,
  'kind' | 'item' | 'accountId' | 'failures' | 'lastError' | 'lastAt' | 'notBefore'
>;

/** The maximum number of failing items shown. */
const MOST_FAILING = 100;

/** The items of an account on which background jobs fail, latest first; for owners. @throws {Refusal} `role_needed` */
export async function listFailingItems(ctx: Ctx, accountId: string): Promise<FailingItem[]> {
  await admit(ctx, accountId, 'administer');
  return itemFailuresOf(accountId, failingSince(ctx), MOST_FAILING);
}

/** The same for monitoring, across all accounts. */
export async function allFailingItems(ctx: Ctx): Promise<FailingItem[]> {
  return allItemFailures(failingSince(ctx), MOST_FAILING);
}

/** An item that wasn't retried for twice the longest pause is no longer due: it was completed elsewhere. */
function failingSince(ctx: Ctx): Date {
  return new Date(ctx.clock.now().getTime() - 2 * LONGEST_PAUSE_MS);
}
