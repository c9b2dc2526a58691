import { allItemFailures, type ItemFailureDoc, itemFailuresOf } from '../../store/background/item-failures.ts';
import { type JobRunDoc, jobRuns, storeJobRun } from '../../store/background/job-runs.ts';
import { claimLease, freeLease, renewLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import type { Ctx, Tick } from '../kit/context.ts';
import { errorWords } from '../kit/error-words.ts';
import { LONGEST_PAUSE_MS } from './each-of-all.ts';

/** How a job fares. */
export interface JobRun extends JobRunDoc {
  /** Whether it has not ended for so long that something must be wrong with it: it fails, hangs, or nobody runs it. */
  readonly isLate: boolean;
}

/** A job is late when it has missed so many of its turns. */
const LATE_AFTER_TURNS = 3;
/** How often a job comes whose interval was not noted yet, in milliseconds. */
const USUAL_INTERVAL_MS = 60_000;

/** Notes that a run of a job has ended, well or not. The last one counts, whichever process it ran in. */
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
 * Runs something in one process at a time, by a lease that is renewed while it lasts. The lease only saves work: what is
 * run has to bear being run twice.
 *
 * @returns false when another process runs it
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

/** How the jobs fare, by name; for owners. @throws {Refusal} `role_needed` */
export async function listRuns(ctx: Ctx, accountId: string): Promise<JobRun[]> {
  await admit(ctx, accountId, 'administer');
  return allRuns(ctx);
}

/**
 * The same for the product's own measures, without a person. How long ago a run was is told by the product's clock and
 * by the database's: the latter goes on when the former is set back. A run that lies far in the future is no sign of
 * life either.
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

/** What fails again and again, by its ID. */
export type FailingItem = Pick<
  ItemFailureDoc,
  'kind' | 'item' | 'accountId' | 'failures' | 'lastError' | 'lastAt' | 'notBefore'
>;

/** As many failing items as are shown. */
const MOST_FAILING = 100;

/** The items of an account that background jobs fail on, the latest first; for owners. @throws {Refusal} `role_needed` */
export async function listFailingItems(ctx: Ctx, accountId: string): Promise<FailingItem[]> {
  await admit(ctx, accountId, 'administer');
  return itemFailuresOf(accountId, failingSince(ctx), MOST_FAILING);
}

/** The same for the product's own measures, over all accounts. */
export async function allFailingItems(ctx: Ctx): Promise<FailingItem[]> {
  return allItemFailures(failingSince(ctx), MOST_FAILING);
}

/** What has not been tried for twice the longest pause is due no more: something else has settled it. */
function failingSince(ctx: Ctx): Date {
  return new Date(ctx.clock.now().getTime() - 2 * LONGEST_PAUSE_MS);
}
