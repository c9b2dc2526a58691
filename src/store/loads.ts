import mongoose from 'mongoose';
import type { Decimal } from '../billing/money.ts';
import type { Period } from '../billing/period.ts';
import { Costs, type LoadDoc, Loads } from './costs.ts';
import { type Decimal128, fromDecimal128 } from './decimal.ts';

/** A usage record's place among its equals. */
export interface Seen {
  readonly _id: mongoose.Types.ObjectId;
  readonly loadId: mongoose.Types.ObjectId;
  readonly hash: string;
  readonly ordinal: number;
  readonly seenBy: number;
}

/** What a load holds for a project, in one currency. */
export interface ProjectSum {
  readonly projectId: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly records: number;
}

/** How many records one call deletes. */
const SWEEP = 5000;

/** The load of a source and billing month that counts, made if there is none. In a transaction. */
export async function activeLoad(accountId: string, source: string, billingMonth: string): Promise<LoadDoc> {
  return findOrMake({ accountId, source, billingMonth, state: 'active', stagedBy: null });
}

/** The load by which an import is to take the active one's place, made if there is none. In a transaction. */
export async function stagedLoad(
  accountId: string,
  source: string,
  billingMonth: string,
  stagedBy: number,
): Promise<LoadDoc> {
  return findOrMake({ accountId, source, billingMonth, state: 'staged', stagedBy });
}

/** Notes the periods that a load's records lie in. In a transaction. */
export async function notePeriods(load: LoadDoc, periods: readonly Period[]): Promise<void> {
  const news = periods.filter((period) => !load.periods.includes(period));
  if (news.length > 0) await Loads.updateOne({ _id: load._id }, { $addToSet: { periods: { $each: news } } });
}

/** The records of a load that have one of these hashes. */
export async function recordsLike(loadId: mongoose.Types.ObjectId, hashes: readonly string[]): Promise<Seen[]> {
  return Costs.find({ loadId, hash: { $in: [...hashes] } }, { loadId: 1, hash: 1, ordinal: 1, seenBy: 1 }).lean<
    Seen[]
  >();
}

/** What a load comes to, by project and currency. */
export async function sumsByProject(loadId: mongoose.Types.ObjectId): Promise<ProjectSum[]> {
  const rows = await Costs.aggregate<{
    _id: { projectId: string; currency: string };
    amount: Decimal128;
    records: number;
  }>([
    { $match: { loadId } },
    {
      $group: {
        _id: { projectId: '$projectId', currency: '$currency' },
        amount: { $sum: '$amount' },
        records: { $sum: 1 },
      },
    },
  ]);
  return rows.map(({ _id, amount, records }) => ({ ..._id, amount: fromDecimal128(amount), records }));
}

/**
 * Deletes what no longer counts, or never did: replaced loads, and staged ones that a killed import left. To be called
 * by whoever alone may import into the account. Safe to repeat.
 */
export async function sweepLoads(accountId: string): Promise<void> {
  // an import that was thought dead can't put a load in place any more that is being swept
  await Loads.updateMany({ accountId, state: 'staged' }, { $set: { state: 'replaced' } });
  const dead = await Loads.find({ accountId, state: 'replaced' }, { _id: 1 }).lean();
  for (const { _id } of dead) {
    for (;;) {
      const some = await Costs.find({ loadId: _id }, { _id: 1 }).limit(SWEEP).lean();
      if (some.length === 0) break;
      await Costs.deleteMany({ _id: { $in: some.map((record) => record._id) } });
    }
    // last, so that a load that is gone has no records left: they would count again
    await Loads.deleteOne({ _id });
  }
}

async function findOrMake(wanted: Omit<LoadDoc, '_id' | 'periods'>): Promise<LoadDoc> {
  const found = await Loads.findOne(wanted).lean();
  if (found) return found;
  const load: LoadDoc = { _id: new mongoose.Types.ObjectId(), ...wanted, periods: [] };
  await Loads.create([load]);
  return load;
}
