import mongoose from 'mongoose';

/** How a job fares, over all processes: the last run that ended, and how many have failed in a row. */
export interface JobRunDoc {
  /** The job's name. */
  readonly _id: string;
  readonly endedAt: Date;
  readonly tookMs: number;
  /** In a row, up to now. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

const { Schema } = mongoose;
const number = { type: Number, required: true } as const;

const jobRunSchema = new Schema<JobRunDoc>(
  {
    _id: { type: String, required: true },
    endedAt: { type: Date, required: true },
    tookMs: number,
    failures: number,
    lastError: { type: String, default: null },
    lastErrorAt: { type: Date, default: null },
  },
  { collection: 'job_runs', versionKey: false },
);

export const JobRuns = mongoose.model('JobRun', jobRunSchema);
