import mongoose from 'mongoose';
import { count, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** A job's status over all processes: the last completed run, and the number of failures in a row. */
export interface JobRunDoc {
  /** The job's name. */
  readonly _id: string;
  readonly endedAt: Date;
  /** The same instant by the database's clock, which isn't set back; absent for a run of an earlier version. */
  readonly notedAt?: Date;
  readonly tookMs: number;
  /** The job's interval in milliseconds, as reported by the process that last ran it. */
  readonly everyMs: number | null;
  readonly lastSuccessAt: Date | null;
  /** The current number of failures in a row. */
  readonly failures: number;
  /** The kind of error and its message, without secrets and text entered by people. */
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

const { Schema } = mongoose;

const jobRunSchema = new Schema<JobRunDoc>(
  {
    _id: text,
    endedAt: instant,
    notedAt: { type: Date },
    tookMs: count,
    everyMs: { type: Number, default: null },
    lastSuccessAt: maybeInstant,
    failures: { type: Number, default: 0 },
    lastError: maybeText,
    lastErrorAt: maybeInstant,
  },
  { collection: 'job_runs', versionKey: false },
);

export const JobRuns = mongoose.model('JobRun', jobRunSchema);

/** The result of a job's run; `lastError` is absent if it succeeded. */
export interface EndedRun extends Pick<JobRunDoc, 'endedAt' | 'tookMs' | 'everyMs'> {
  readonly lastError?: string;
}

/** Records that a run of a job has ended. The last one counts, in any process. Atomic, outside of a transaction. */
export async function storeJobRun(name: string, { lastError, ...ended }: EndedRun): Promise<void> {
  const { endedAt } = ended;
  const update =
    lastError === undefined
      ? { $set: { ...ended, failures: 0, lastSuccessAt: endedAt } }
      : { $set: { ...ended, lastError, lastErrorAt: endedAt }, $inc: { failures: 1 } };
  await JobRuns.updateOne({ _id: name }, { ...update, $currentDate: { notedAt: true } }, { upsert: true });
}

/** All jobs by name, with the milliseconds since the last run by the database's clock; null if unknown. */
export async function jobRuns(): Promise<(JobRunDoc & { readonly sinceMs: number | null })[]> {
  return JobRuns.aggregate<JobRunDoc & { readonly sinceMs: number | null }>([
    { $addFields: { sinceMs: { $subtract: ['$$NOW', '$notedAt'] } } },
    { $sort: { _id: 1 } },
  ]);
}
