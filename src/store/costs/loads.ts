import mongoose, { type PipelineStage } from 'mongoose';
import type { ProjectTotal } from '../../billing/invoice/restatement.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128 } from '../kit/decimal.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { readTogether, type Source } from '../kit/read-together.ts';
import type { Tx } from '../kit/transaction.ts';
import { type CostDoc, Costs, isSummed, type LoadDoc, Loads } from './costs.ts';
import { deleteSumsOf, storedPeriods, storedTotals, sweepSums } from './stored-sums.ts';

/** A usage record's number among equal records. */
export type Seen = Pick<CostDoc, '_id' | 'loadId' | 'hash' | 'ordinal' | 'seenBy'>;

/** How a record of an active load is booked, and its number among equal records. */
export type Booked = Pick<CostDoc, '_id' | 'hash' | 'ordinal' | 'period' | 'late' | 'billingGroupId' | 'ownPeriod'>;

/** Identifies a load and its account. */
export type LoadName = Pick<LoadDoc, '_id' | 'accountId'>;

export type SummedLoad = LoadName & Pick<LoadDoc, 'sums' | 'writer'>;

/** How many records one call deletes. */
const SWEEP = 5000;

/**
 * Matches the usage records of an account that count: those of its active loads. Every sum of costs must use it.
 * Records of staged, replaced, dropped and deleted loads never count.
 */
export async function countingRecords(accountId: string): Promise<PipelineStage.Match['$match']> {
  return {
    accountId,
    loadId: { $in: await distinctValues<LoadDoc['_id']>(Loads, '_id', { accountId, state: 'active' }) },
  };
}

/** Active loads: all, the sums of those that have them, and those without. */
export interface CountedLoads {
  readonly all: readonly LoadDoc['_id'][];
  readonly sumsIds: readonly LoadDoc['_id'][];
  readonly unsummed: readonly LoadDoc['_id'][];
}

/** An account's active loads. */
export async function countedLoads(accountId: string): Promise<CountedLoads> {
  const { loads } = await readTogether({ loads: activeLoads(accountId) });
  return counted(loads);
}

/** An account's active loads, without what `counted` doesn't need. */
export function activeLoads(accountId: string): Source<SummedLoad> {
  const fields = { accountId: 1, sums: 1, writer: 1 } as const;
  return { from: Loads, where: { accountId, state: 'active' }, stages: [{ $project: fields }] };
}

/** Active loads by whether they have sums. */
export function counted(loads: readonly SummedLoad[]): CountedLoads {
  return {
    all: loads.map(({ _id }) => _id),
    sumsIds: loads.flatMap((load) => (isSummed(load) ? [load.sums.id] : [])),
    unsummed: loads.filter((load) => !isSummed(load)).map(({ _id }) => _id),
  };
}

/** The stored sums of loads in a period: under which IDs, and how many; undefined if an earlier version stored some. */
export interface StoredIn {
  readonly sumsIds: readonly LoadDoc['_id'][];
  readonly size: { readonly sums: number; readonly projects: number } | undefined;
}

/** Which stored sums of loads are about a period. `projects` is the number of the load with most. */
export function storedIn(loads: readonly SummedLoad[], period: Period): StoredIn {
  const none = { sums: 0, projects: 0 };
  const ofPeriod = loads.flatMap((load) => {
    if (!isSummed(load)) return [];
    const { id, sizes } = load.sums;
    return [{ id, size: sizes && (sizes.find((size) => size.period === period) ?? none) }];
  });
  const about = ofPeriod.filter(({ size }) => size?.sums !== 0);
  const sizes = about.flatMap(({ size }) => size ?? []);
  return {
    sumsIds: about.map(({ id }) => id),
    size:
      sizes.length < about.length
        ? undefined
        : {
            sums: sizes.reduce((total, { sums }) => total + sums, 0),
            projects: Math.max(0, ...sizes.map(({ projects }) => projects)),
          },
  };
}

/**
 * Whether all sums of a period that were read from loads are still named by them, so that they haven't been deleted.
 * Those of other periods may change meanwhile.
 */
export async function sumsInUse(accountId: string, read: readonly SummedLoad[], period: Period): Promise<boolean> {
  const { sumsIds } = storedIn(read, period);
  const names = (await Loads.find({ accountId, state: 'active' }, { sums: 1 }).lean()).map(({ sums }) =>
    String(sums?.id),
  );
  return sumsIds.every((id) => names.includes(String(id)));
}

/** The active load of a source and billing month, created if there is none. */
export async function activeLoad(_tx: Tx, accountId: string, source: string, billingMonth: string): Promise<LoadDoc> {
  const wanted = { accountId, source, billingMonth, state: 'active' } as const;
  return (await Loads.findOne(wanted).lean()) ?? makeLoad({ ...wanted, stagedBy: null });
}

/** The active loads of these sources and billing months. */
export async function activeLoadsOf(
  accountId: string,
  sources: readonly string[],
  billingMonths: readonly string[],
): Promise<LoadDoc[]> {
  const named = { source: { $in: [...sources] }, billingMonth: { $in: [...billingMonths] } };
  return Loads.find({ accountId, state: 'active' as const, ...named })
    .sort({ _id: 1 })
    .lean();
}

/** Those of some loads that are active. */
export async function activeLoadsById(accountId: string, ids: readonly LoadDoc['_id'][]): Promise<LoadDoc[]> {
  return Loads.find({ accountId, state: 'active', _id: { $in: [...ids] } }).lean();
}

/** The sources of an account's loads. If one is spelled in several ways, the oldest active spelling comes last. */
export async function sourcesOf(accountId: string): Promise<string[]> {
  const counting = { accountId, state: { $in: ['active', 'staged'] } } as const;
  const loads = await Loads.find(counting, { source: 1, state: 1 }).sort({ state: -1, _id: -1 }).lean();
  return loads.map(({ source }) => source);
}

/** Whether an account has or had costs, including replaced ones. */
export async function hasLoads(accountId: string): Promise<boolean> {
  return (await Loads.exists({ accountId, state: { $ne: 'dropped' } })) !== null;
}

/** The staged load with which an import will replace the active one, created if there is none. */
export async function stagedLoad(
  _tx: Tx,
  accountId: string,
  source: string,
  billingMonth: string,
  stagedBy: number,
): Promise<LoadDoc> {
  const wanted = { accountId, source, billingMonth };
  const found = await Loads.findOne({ ...wanted, state: 'staged', stagedBy }).lean();
  if (found) return found;
  const active = await Loads.findOne({ ...wanted, state: 'active' }, { writer: 1 }).lean();
  const over = active && { loadId: active._id, writer: active.writer ?? null };
  return makeLoad({ ...wanted, state: 'staged', stagedBy, over });
}

/**
 * Writes a load in the transaction of a batch of its records, so that the batch can't be committed together with a
 * concurrent change of the load's state.
 *
 * @param token of the import's lease
 * @param periods that contain the dates of the records that the batch adds; null if it adds none, so that the load's
 * sums stay what they are
 * @returns whether the load still had the same state and no later import had written it
 */
export async function touchLoad(
  _tx: Tx,
  load: LoadDoc,
  token: number,
  periods: readonly Period[] | null,
): Promise<boolean> {
  const { sums } = load;
  const change =
    periods === null
      ? { $set: { writer: token, ...(isSummed(load) && { 'sums.writer': token }) } }
      : {
          $set: { writer: token, unsummed: true as const },
          $unset: { sums: '' },
          $addToSet: { periods: { $each: [...periods] }, ...(sums && { oldSums: sums.id }) },
        };
  // null also matches a load without such a field
  const writer = { $or: [{ writer: null }, { writer: { $lte: token } }] };
  const { matchedCount } = await Loads.updateOne(
    { _id: load._id, accountId: load.accountId, state: load.state, ...writer },
    change,
  );
  return matchedCount === 1;
}

/** The loads staged by an import, by the token of its lease. */
export async function loadsStagedBy(accountId: string, token: number): Promise<LoadDoc[]> {
  return Loads.find({ accountId, state: 'staged', stagedBy: token }).sort({ source: 1, billingMonth: 1 }).lean();
}

/** The active load for the source and billing month of another load; null if there is none. */
export async function loadInPlaceOf({ accountId, source, billingMonth }: LoadDoc): Promise<LoadDoc | null> {
  return Loads.findOne({ accountId, source, billingMonth, state: 'active' }).lean();
}

/** The loads that a replacing import made active. */
export async function loadsPlacedBy(accountId: string, importId: string): Promise<LoadDoc[]> {
  return Loads.find({ accountId, state: 'active', placedBy: importId }).lean();
}

/** The loads that a replacing import replaced and that can be restored. */
export async function loadsReplacedBy(accountId: string, importId: string): Promise<LoadDoc[]> {
  return Loads.find({ accountId, state: 'replaced', replacedBy: importId }).lean();
}

/** Deactivates an active load until the replacing import is undone. */
export async function replaceLoad(_tx: Tx, { _id, accountId }: LoadName, importId: string): Promise<void> {
  await Loads.updateOne({ _id, accountId }, { $set: { state: 'replaced', replacedBy: importId, placedBy: null } });
}

/** Makes a staged load active. */
export async function placeLoad(_tx: Tx, { _id, accountId }: LoadName, importId: string): Promise<void> {
  await Loads.updateOne({ _id, accountId }, { $set: { state: 'active', stagedBy: null, placedBy: importId } });
}

/** Drops loads for good. */
export async function dropLoads(_tx: Tx, accountId: string, loads: readonly LoadName[]): Promise<void> {
  await Loads.updateMany({ accountId, _id: { $in: loads.map(({ _id }) => _id) } }, { $set: { state: 'dropped' } });
}

/** Makes replaced loads active again. */
export async function restoreLoads(_tx: Tx, accountId: string, loads: readonly LoadName[]): Promise<void> {
  await Loads.updateMany(
    { accountId, _id: { $in: loads.map(({ _id }) => _id) } },
    { $set: { state: 'active', replacedBy: null } },
  );
}

/** Ends the time in which a replacement of a source's costs can be undone. */
export async function endUndo(_tx: Tx, accountId: string, source: string): Promise<void> {
  await Loads.updateMany({ accountId, source, state: 'replaced' }, { $set: { state: 'dropped' } });
}

/** Whether a load has no records. */
export async function isEmptyLoad(load: LoadName): Promise<boolean> {
  return (await Costs.exists(recordsIn(load))) === null;
}

/** The records of a load with one of these hashes. */
export async function recordsLike(load: LoadName, hashes: readonly string[]): Promise<Seen[]> {
  const fields = { loadId: 1, hash: 1, ordinal: 1, seenBy: 1 };
  return Costs.find({ ...recordsIn(load), hash: { $in: [...hashes] } }, fields).lean<Seen[]>();
}

/** The same, with how they are booked. */
export async function bookingsLike(load: LoadName, hashes: readonly string[]): Promise<Booked[]> {
  const fields = { hash: 1, ordinal: 1, period: 1, late: 1, billingGroupId: 1, ownPeriod: 1 };
  return Costs.find({ ...recordsIn(load), hash: { $in: [...hashes] } }, fields).lean<Booked[]>();
}

/** The periods whose invoices contain a load's records. Reads the whole load if its sums are out of date. */
export async function bookedPeriods(load: SummedLoad): Promise<Period[]> {
  if (isSummed(load)) return storedPeriods(load.accountId, load.sums.id);
  return distinctValues<Period>(Costs, 'period', recordsIn(load));
}

/** The totals of a load by project and currency. */
export async function totalsByProject(load: SummedLoad): Promise<ProjectTotal[]> {
  if (isSummed(load)) return storedTotals(load.accountId, load.sums.id);
  const rows = await Costs.aggregate<{
    _id: { projectId: string; currency: string };
    amount: Decimal128;
    records: number;
  }>([
    { $match: recordsIn(load) },
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
 * Deletes data that will never count again: dropped loads, and staged loads that an import left behind. Only the holder
 * of the account's import lease may call it. Safe to repeat.
 *
 * @param kept tokens of imports whose staged loads are waiting for confirmation
 */
export async function sweepLoads(accountId: string, kept: readonly number[]): Promise<void> {
  // an import that lost its lease can't activate its loads while they are deleted
  await Loads.updateMany(
    {
      accountId,
      $or: [
        { state: 'staged', stagedBy: { $nin: [...kept] } },
        { state: 'replaced', replacedBy: null },
      ],
    },
    { $set: { state: 'dropped' } },
  );
  await sweepSums(accountId);
  for (const load of await Loads.find({ accountId, state: 'dropped' }).lean<LoadDoc[]>()) {
    const { _id } = load;
    await deleteSumsOf(load);
    await deleteRecords(load);
    // last, so that no record is left without its load
    await Loads.deleteOne({ _id, accountId });
  }
}

/** Across all accounts: deletes records whose load no longer exists. One short query per load. */
export async function sweepOrphans(): Promise<void> {
  let after: LoadName | undefined;
  for (;;) {
    const next: LoadName | undefined = await loadAfter(after);
    if (!next) return;
    if (!(await Loads.exists(next))) await deleteRecords(next);
    after = next;
  }
}

/** Across all accounts: the next load that has records, by account and ID. */
async function loadAfter(load: LoadName | undefined): Promise<LoadName | undefined> {
  if (!load) return loadOfFirst({});
  const { _id, accountId } = load;
  return (await loadOfFirst({ accountId, loadId: { $gt: _id } })) ?? loadOfFirst({ accountId: { $gt: accountId } });
}

/** Across all accounts: the load of the first record that matches. */
async function loadOfFirst(filter: PipelineStage.Match['$match']): Promise<LoadName | undefined> {
  const [first] = await Costs.find(filter, { accountId: 1, loadId: 1 })
    .sort({ accountId: 1, loadId: 1 })
    .limit(1)
    .lean();
  return first && { _id: first.loadId, accountId: first.accountId };
}

async function deleteRecords(load: LoadName): Promise<void> {
  for (;;) {
    const some = await Costs.find(recordsIn(load), { _id: 1 }).limit(SWEEP).lean();
    if (some.length === 0) return;
    await Costs.deleteMany({ accountId: load.accountId, _id: { $in: some.map((record) => record._id) } });
  }
}

function recordsIn({ _id, accountId }: LoadName) {
  return { accountId, loadId: _id };
}

async function makeLoad(load: Omit<LoadDoc, '_id' | 'periods'>): Promise<LoadDoc> {
  const made: LoadDoc = { _id: new mongoose.Types.ObjectId(), ...load, periods: [], unsummed: true };
  await Loads.create([made]);
  return made;
}
