import mongoose from 'mongoose';
import type { Decimal128 } from '../kit/decimal.ts';

/** What one unit of `base` is worth in `currency` on a day, as one source says it to an account. */
export interface RateDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly base: string;
  readonly currency: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly rate: Decimal128;
  readonly source: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const rateSchema = new Schema<RateDoc>(
  {
    accountId: text,
    base: text,
    currency: text,
    date: text,
    rate: { type: Schema.Types.Decimal128, required: true },
    source: text,
  },
  { collection: 'rates', versionKey: false },
).index({ accountId: 1, date: -1, base: 1, currency: 1, source: 1 }, { unique: true, name: 'rate_of_day' });

export const Rates = mongoose.model('Rate', rateSchema);
