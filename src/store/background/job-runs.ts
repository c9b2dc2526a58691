import mongoose from 'mongoose';

/** How a job fares, over all processes: the last run that ended, and how many have failed in a row. */
export interface JobRunDoc {
  /** The job's name. */
  readonly _id: string;
  readonly endedAt: Date;
  /** The same instant by the database's clock, which nobody sets back; absent for a run of an earlier version. */
  readonly notedAt?: Date;
  readonly tookMs: number;
  /** How often it comes, in milliseconds: as the process said that ran it last. */
  readonly everyMs: number | null;
  readonly lastSuccessAt: Date | null;
  /** In a row, up to now. */
  readonly failures: number;
  /** Its kind and its words, without secrets and without what people have typed. */
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

const { Schema } = mongoose;
const number = { type: Number, required: true } as const;

const jobRunSchema = new Schema<JobRunDoc>(
  {
    _id: { type: String, required: true },
    endedAt: { type: Date, required: true },
    notedAt: { type: Date },
    tookMs: number,
    everyMs: { type: Number, default: null },
    lastSuccessAt: { type: Date, default: null },
    failures: { type: Number, default: 0 },
    lastError: { type: String, default: null },
    lastErrorAt: { type: Date, default: null },
  },
  { collection: 'job_runs', versionKey: false },
);

export const JobRuns = mongoose.model('JobRun', jobRunSchema);

/** How a run of a job ended; `lastError` is absent for one that ended well. */
export interface EndedRun extends Pick<JobRunDoc, 'endedAt' | 'tookMs' | 'everyMs'> {
  readonly lastError?: string;
}

/** Notes that a run of a job has ended. The last one counts, whichever process it ran in. One atomic step of its own. */
export async function storeJobRun(name: string, { lastError, ...ended }: EndedRun): Promise<void> {
  const { endedAt } = ended;
  const update =
    lastError === undefined
      ? { $set: { ...ended, failures: 0, lastSuccessAt: endedAt } }
      : { $set: { ...ended, lastError, lastErrorAt: endedAt }, $inc: { failures: 1 } };
  await JobRuns.updateOne({ _id: name }, { ...update, $currentDate: { notedAt: true } }, { upsert: true });
}

/** All jobs by name, with the milliseconds since the last run by the database's clock; null where that isn't known. */
export async function jobRuns(): Promise<(JobRunDoc & { readonly sinceMs: number | null })[]> {
  return JobRuns.aggregate<JobRunDoc & { readonly sinceMs: number | null }>([
    { $addFields: { sinceMs: { $subtract: ['$$NOW', '$notedAt'] } } },
    { $sort: { _id: 1 } },
  ]);
}
