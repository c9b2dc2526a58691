import mongoose from 'mongoose';
import type { Decimal128 } from '../kit/decimal.ts';
import { money, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';

/** The value of one unit of `base` in `currency` on a day, according to one source of an account. */
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

const rateSchema = new Schema<RateDoc>(
  {
    accountId: text,
    base: text,
    currency: text,
    date: text,
    rate: money,
    source: text,
  },
  { collection: 'rates', versionKey: false },
).index({ accountId: 1, date: -1, base: 1, currency: 1, source: 1 }, { unique: true, name: 'rate_of_day' });

export const Rates = mongoose.model('Rate', rateSchema);

export async function countRates(accountId: string): Promise<number> {
  return Rates.countDocuments({ accountId });
}

/** A page of an account's rates, latest day first. */
export async function ratePage(
  accountId: string,
  page: { readonly skip: number; readonly size: number },
): Promise<RateDoc[]> {
  return Rates.find({ accountId })
    .sort({ date: -1, base: 1, currency: 1, source: 1 })
    .skip(page.skip)
    .limit(page.size)
    .lean();
}

/** An account's rates for some days (YYYY-MM-DD), including the first and the last. */
export async function ratesBetween(
  accountId: string,
  days: { readonly from: string; readonly to: string },
): Promise<RateDoc[]> {
  return Rates.find({ accountId, date: { $lte: days.to, $gte: days.from } }).lean();
}

/** Stores rates, replacing the same source's rates for the same day. @returns how many were new or changed */
export async function storeRates(
  _tx: Tx,
  accountId: string,
  rates: readonly Omit<RateDoc, '_id' | 'accountId'>[],
): Promise<number> {
  const { modifiedCount, upsertedCount } = await Rates.bulkWrite(
    rates.map(({ rate, base, currency, date, source }) => ({
      updateOne: {
        filter: { accountId, base, currency, date, source },
        update: { $set: { rate } },
        upsert: true,
      },
    })),
  );
  return modifiedCount + upsertedCount;
}
