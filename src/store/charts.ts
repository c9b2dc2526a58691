import mongoose from 'mongoose';

/** The picture of a group's totals that Slack keeps for us: made again when the totals have changed. */
export interface ChartDoc {
  /** The billing group's. */
  readonly _id: string;
  readonly accountId: string;
  /** What the picture shows. */
  readonly key: string;
  /** Slack's. */
  readonly fileId: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const chartSchema = new Schema<ChartDoc>(
  { _id: text, accountId: text, key: text, fileId: text },
  { collection: 'charts', versionKey: false },
);

export const Charts = mongoose.model('Chart', chartSchema);
