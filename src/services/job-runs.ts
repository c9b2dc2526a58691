import { scrubText } from '../redact.ts';
import { type JobRunDoc, JobRuns } from '../store/job-runs.ts';
import { claimLease, freeLease, renewLease } from '../store/leases.ts';
import type { Ctx, Tick } from './context.ts';
import { admit } from './rights.ts';

/** How a job fares. */
export interface JobRun extends JobRunDoc {
  /** Whether it has not ended for so long that something must be wrong with it: it fails, hangs, or nobody runs it. */
  readonly isLate: boolean;
}

/** An error's words as they are kept and shown: short. */
const MOST_WORDS = 300;
/** A job is late when it has missed so many of its turns. */
const LATE_AFTER_TURNS = 3;
/** How often a job comes whose interval was not noted yet, in milliseconds. */
const USUAL_INTERVAL_MS = 60_000;
/** MongoDB says which value is there already, and that may be a person's name. */
const DUPLICATE_VALUES = /dup key: \{.*\}/gs;
/** What stands in quotation marks was typed by somebody, as a rule. */
const QUOTED = /"[^"]*"|“[^”]*”|'[^']*'|`[^`]*`/g;

/** Notes that a run of a job has ended, well or not. The last one counts, whichever process it ran in. */
export async function noteRun(
  ctx: Ctx,
  { name, everyMs }: { readonly name: Tick; readonly everyMs: number },
  tookMs: number,
  error?: unknown,
): Promise<void> {
  const endedAt = ctx.clock.now();
  const ended = { endedAt, tookMs, everyMs };
  const update =
    error === undefined
      ? { $set: { ...ended, failures: 0, lastSuccessAt: endedAt } }
      : { $set: { ...ended, lastError: errorWords(error), lastErrorAt: endedAt }, $inc: { failures: 1 } };
  await JobRuns.updateOne({ _id: name }, { ...update, $currentDate: { notedAt: true } }, { upsert: true });
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
  const runs = await JobRuns.aggregate<JobRunDoc & { readonly sinceMs: number | null }>([
    { $addFields: { sinceMs: { $subtract: ['$$NOW', '$notedAt'] } } },
    { $sort: { _id: 1 } },
  ]);
  return runs.map(({ sinceMs, ...run }) => {
    const patience = LATE_AFTER_TURNS * (run.everyMs ?? USUAL_INTERVAL_MS);
    const since = Math.max(Math.abs(now - run.endedAt.getTime()), Number(sinceMs ?? 0));
    return { ...run, isLate: since > patience };
  });
}

/** What an error says, by its kind and in its words, without secrets and without what people have typed. */
export function errorWords(error: unknown): string {
  const name = error instanceof Error ? error.name : 'Error';
  const words = error instanceof Error ? error.message : String(error);
  const bare = words.replace(DUPLICATE_VALUES, 'dup key').replace(QUOTED, '…');
  return `${name}: ${scrubText(bare)}`.replace(/\s+/g, ' ').slice(0, MOST_WORDS);
}
