import { scrubText } from '../redact.ts';
import { type JobRunDoc, JobRuns } from '../store/job-runs.ts';
import type { Ctx, Tick } from './context.ts';
import { admit } from './rights.ts';

/** How a job fares. */
export type JobRun = JobRunDoc;

/** An error's words as they are kept and shown: without secrets, and short. */
const MOST_WORDS = 500;

/** Notes that a run of a job has ended, well or not. The last one counts, whichever process it ran in. */
export async function noteRun(ctx: Ctx, name: Tick, tookMs: number, error?: unknown): Promise<void> {
  const endedAt = ctx.clock.now();
  if (error === undefined) {
    await JobRuns.updateOne({ _id: name }, { $set: { endedAt, tookMs, failures: 0 } }, { upsert: true });
    return;
  }
  const words = error instanceof Error ? error.message : String(error);
  const lastError = scrubText(words).slice(0, MOST_WORDS);
  await JobRuns.updateOne(
    { _id: name },
    { $set: { endedAt, tookMs, lastError, lastErrorAt: endedAt }, $inc: { failures: 1 } },
    { upsert: true },
  );
}

/** How the jobs fare, by name; for owners. @throws {Refusal} `role_needed` */
export async function listRuns(ctx: Ctx, accountId: string): Promise<JobRun[]> {
  await admit(ctx, accountId, 'administer');
  return allRuns();
}

/** The same for the product's own measures, without a person. */
export async function allRuns(): Promise<JobRun[]> {
  return JobRuns.find().sort({ _id: 1 }).lean();
}
