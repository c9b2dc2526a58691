import mongoose, { type PipelineStage } from 'mongoose';
import type { LineType } from '../../billing/invoice/invoice.ts';
import type { LineTag } from '../../billing/invoice/line-tags.ts';
import type { ProjectTotal } from '../../billing/invoice/restatement.ts';
import { Decimal, sum } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, toDecimal128 } from '../kit/decimal.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { FlatDocuments } from '../kit/raw-documents.ts';
import { MANY } from '../kit/read-together.ts';
import { count, instant, maybeText, money, text } from '../kit/schema-fields.ts';
import { TooLongForTransaction, type Tx } from '../kit/transaction.ts';
import { isUnclear, type Tagged, withCommonTags } from './common-tags.ts';
import { type ExactRow, exactSum, GROUP, type SumRow } from './cost-rows-sum.ts';
import { Costs, isSummed, type LoadDoc, Loads } from './costs.ts';
import { deleteDaySums, writeDaySums } from './day-sums.ts';
import { deleteItemSums, writeItemSums } from './item-sums.ts';
import { deleteProjectTotals } from './totals/project-totals.ts';

type SumsId = mongoose.Types.ObjectId;
type Match = PipelineStage.Match['$match'];

/**
 * The sum of a load's usage records that are on the same line of the same invoice, so that an invoice is calculated
 * without reading its records. A load's sums are written together under a new ID, and count from the moment the load
 * names that ID (`LoadDoc.sums`), until a record is added to it. Records themselves never change.
 */
export interface CostSumDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly sumsId: SumsId;
  readonly projectId: string;
  readonly period: Period;
  /** As on its records. */
  readonly late?: true;
  readonly billingGroupId?: string;
  readonly ownPeriod?: Period;
  readonly serviceName: string;
  readonly servicePlan: string | null;
  readonly lineType: LineType;
  readonly currency: string;
  readonly amount: Decimal128;
  /** All digits of the amount, if Decimal128 can't hold them. */
  readonly digits?: string;
  readonly records: number;
  readonly begin: Date;
  readonly end: Date;
  readonly cloudFirst: string | null;
  readonly cloudLast: string | null;
  readonly serviceType: string | null;
  /** Those that all of its records have; absent if there are none, and on sums of earlier versions. */
  readonly tags?: readonly LineTag[];
}

/** How long a report may read sums that have been replaced, in milliseconds. */
const READ_FOR_MS = 120_000;
/** How many sums are stored with one call. */
const BATCH = 1000;
/** For each of these, a load's records are read once more. */
const UNCLEAR_AT_ONCE = 10_000;

const { Schema } = mongoose;

const costSumSchema = new Schema<CostSumDoc>(
  {
    accountId: text,
    sumsId: { type: Schema.Types.ObjectId, required: true },
    projectId: text,
    period: text,
    late: { type: Boolean },
    billingGroupId: { type: String },
    ownPeriod: { type: String },
    serviceName: text,
    servicePlan: maybeText,
    lineType: text,
    currency: text,
    amount: money,
    digits: { type: String },
    records: count,
    begin: instant,
    end: instant,
    cloudFirst: maybeText,
    cloudLast: maybeText,
    serviceType: maybeText,
    tags: { type: Schema.Types.Mixed },
  },
  { collection: 'cost_sums', versionKey: false },
)
  .index({ accountId: 1, sumsId: 1 }, { name: 'sums_of_load' })
  .index({ accountId: 1, projectId: 1, period: 1 }, { name: 'sums_of_project' })
  .index(
    { accountId: 1, billingGroupId: 1, period: 1 },
    { name: 'late_sums', partialFilterExpression: { late: true } },
  );

export const CostSums = mongoose.model('CostSum', costSumSchema);

interface LoadSumRow extends Omit<SumRow, '_id'> {
  readonly _id: SumRow['_id'] & { readonly period: Period; readonly late?: true; readonly group?: string };
}

/** Sums that were stored. */
export type NewSums = Required<Pick<NonNullable<LoadDoc['sums']>, 'id' | 'sizes'>>;

/**
 * Computes the sums of a load by line, by day, by project and by item, and stores them under a new ID. They don't count yet. Must be
 * called under the account's import lease, so that no record is added meanwhile. What a killed process leaves behind is
 * deleted with the next sweep (`sweepSums`).
 */
export async function writeSums(load: Pick<LoadDoc, '_id' | 'accountId'>, timeZone: string): Promise<NewSums> {
  const { _id, accountId } = load;
  const sumsId = new mongoose.Types.ObjectId();
  // named first, so that nothing is stored that nobody knows of
  await Loads.updateOne({ _id, accountId }, { $addToSet: { oldSums: sumsId } });
  const match = { accountId, loadId: _id };
  const key = { ...GROUP.$group._id, period: '$period', late: '$late', group: '$billingGroupId' };
  const rows = Costs.aggregate<LoadSumRow>([{ $match: match }, { $group: { ...GROUP.$group, _id: key } }])
    .allowDiskUse(true)
    .cursor({ batchSize: BATCH });
  const sizes = new Map<Period, { sums: number; projects: Set<string> }>();
  const store = async (some: readonly LoadSumRow[]) => {
    const sums: Omit<CostSumDoc, '_id'>[] = [];
    for (const row of await withCommonTags(match, key, some)) {
      sums.push({ accountId, sumsId, ...(await storedSum(match, row)) });
    }
    if (sums.length > 0) await CostSums.insertMany(sums, { lean: true });
  };
  let clear: LoadSumRow[] = [];
  let unclear: LoadSumRow[] = [];
  for await (const row of rows as AsyncIterable<LoadSumRow>) {
    const { period, project } = row._id;
    const size = sizes.get(period) ?? { sums: 0, projects: new Set() };
    sizes.set(period, { sums: size.sums + 1, projects: size.projects.add(project) });
    (isUnclear(row) ? unclear : clear).push(row);
    if (clear.length === BATCH) {
      await store(clear);
      clear = [];
    }
    if (unclear.length === UNCLEAR_AT_ONCE) {
      await store(unclear);
      unclear = [];
    }
  }
  await store(clear);
  await store(unclear);
  await writeDaySums(load, sumsId, timeZone);
  await writeItemSums(load, sumsId);
  return {
    id: sumsId,
    sizes: [...sizes].map(([period, { sums, projects }]) => ({ period, sums, projects: projects.size })),
  };
}

async function storedSum(
  match: Match,
  row: Tagged<LoadSumRow>,
): Promise<Omit<CostSumDoc, '_id' | 'accountId' | 'sumsId'>> {
  const { project, service, plan, type, currency, own, period, late, group } = row._id;
  const booked = late
    ? { period, late, billingGroupId: group ?? { $exists: false } }
    : { period, late: { $exists: false } };
  const exact = await exactSum({ ...match, ...booked }, row);
  const amount = toDecimal128(exact);
  const { records, begin, end, cloudFirst, cloudLast, serviceType, tags } = row;
  return {
    ...{ projectId: project, period, serviceName: service, servicePlan: plan ?? null, lineType: type, currency },
    ...(late && { late }),
    ...(group && { billingGroupId: group }),
    ...(own && { ownPeriod: own }),
    ...{ amount, records, begin, end, cloudFirst, cloudLast, serviceType },
    ...(tags.length > 0 && { tags }),
    ...(!fromDecimal128(amount).equals(exact) && { digits: exact.toFixed() }),
  };
}

/**
 * Makes sums count, if nothing was added to the load since it was read.
 *
 * @param load as it was when the sums were computed
 */
export async function useSums(_tx: Tx, load: LoadDoc, { id, sizes }: NewSums): Promise<void> {
  const { _id, accountId, writer = null, sums } = load;
  const before = sums ? { $addToSet: { oldSums: sums.id } } : {};
  const { modifiedCount } = await Loads.updateOne(
    { _id, accountId, writer },
    { $set: { sums: { id, sizes, writer, hasDays: true, hasTotals: true } }, $unset: { unsummed: '' }, ...before },
  );
  if (modifiedCount === 1) await Loads.updateOne({ _id, accountId }, { $pull: { oldSums: id } });
}

/**
 * Deletes sums that no longer count, or never did. Those that were replaced a short time ago stay, since a report may
 * still be reading them: it would lack their amounts. Only the holder of the account's import lease may call it.
 */
export async function sweepSums(accountId: string): Promise<void> {
  const loads = await Loads.find({ accountId, 'oldSums.0': { $exists: true } }, { sums: 1, oldSums: 1 }).lean();
  for (const load of loads) {
    const unread = unreadSums(load);
    if (unread.length === 0) continue;
    await deleteSums(accountId, unread);
    await Loads.updateOne({ _id: load._id, accountId }, { $pull: { oldSums: { $in: unread } } });
  }
}

/** Each was replaced about when the next one was made, which its ID says. Without a next one, it never counted. */
function unreadSums({ sums, oldSums = [] }: Pick<LoadDoc, 'sums' | 'oldSums'>): SumsId[] {
  const madeAt = (id: SumsId) => id.getTimestamp().getTime();
  const all = [...oldSums, ...(sums ? [sums.id] : [])].sort((a, b) => madeAt(a) - madeAt(b));
  const before = madeAt(new mongoose.Types.ObjectId()) - READ_FOR_MS;
  return all.filter((id, at) => {
    const next = all[at + 1];
    return !sums?.id.equals(id) && (next === undefined || madeAt(next) < before);
  });
}

/** Deletes all sums of a load that never counts again. */
export async function deleteSumsOf({ accountId, sums, oldSums = [] }: LoadDoc): Promise<void> {
  await deleteSums(accountId, sums ? [sums.id, ...oldSums] : oldSums);
}

async function deleteSums(accountId: string, ids: readonly SumsId[]): Promise<void> {
  if (ids.length === 0) return;
  await CostSums.deleteMany({ accountId, sumsId: { $in: [...ids] } });
  await deleteDaySums(accountId, ids);
  await deleteItemSums(accountId, ids);
  await deleteProjectTotals(accountId, ids);
}

/** The loads that an import wrote last and whose sums are out of date. */
export async function unsummedLoadsOf(accountId: string, token: number): Promise<LoadDoc[]> {
  const written = { accountId, state: { $in: ['active', 'staged'] }, writer: token } as const;
  return (await Loads.find(written).lean<LoadDoc[]>()).filter((load) => !isSummed(load));
}

/** An account's active loads whose sums are out of date. */
export async function unsummedLoads(accountId: string): Promise<LoadDoc[]> {
  return Loads.find({ accountId, state: 'active', unsummed: true }).lean();
}

/** Across all accounts: those with active loads whose sums are out of date, for example after a killed import. */
export async function accountsWithUnsummedLoads(): Promise<string[]> {
  return Loads.distinct('accountId', { unsummed: true, state: 'active' });
}

/** Not sent, because thousands of sums are read at once. */
const NOT_IN_ROWS = { _id: 0, accountId: 0, sumsId: 0, period: 0, late: 0 } as const;

/** The stored sums that match, as rows for `toCostSums`. @throws {TooLongForTransaction} if there are more than `most` */
export async function storedRows(
  accountId: string,
  sumsIds: readonly SumsId[],
  match: Match,
  { most, isWanted }: { readonly most: number; isWanted(row: ExactRow): boolean },
): Promise<ExactRow[]> {
  if (sumsIds.length === 0) return [];
  const found = CostSums.find({ ...match, accountId, sumsId: { $in: [...sumsIds] } }, NOT_IN_ROWS)
    // as bytes, which `FlatDocuments` reads faster
    .setOptions({ raw: true })
    .lean<unknown[]>();
  const documents = new FlatDocuments();
  const rows: ExactRow[] = [];
  const add = (bytes: unknown) => {
    const row = rowOf(documents.read(bytes) as unknown as FlatSum);
    if (isWanted(row)) rows.push(row);
  };
  if (most === Number.POSITIVE_INFINITY) {
    // not all documents are in memory together with all rows
    for await (const bytes of found.cursor({ batchSize: BATCH }) as AsyncIterable<unknown>) add(bytes);
    return rows;
  }
  const all = await found.limit(most + 1).batchSize(MANY);
  if (all.length > most) throw new TooLongForTransaction(`There are more than ${most} sums`);
  for (const bytes of all) add(bytes);
  return rows;
}

/** A stored sum with an exact decimal. */
type FlatSum = Omit<CostSumDoc, 'amount'> & { readonly amount: Decimal };

/** The periods of a load's sums. */
export async function storedPeriods(accountId: string, sumsId: SumsId): Promise<Period[]> {
  return distinctValues<Period>(CostSums, 'period', { accountId, sumsId });
}

/** A load's sums by project and currency. */
export async function storedTotals(accountId: string, sumsId: SumsId): Promise<ProjectTotal[]> {
  const totals = new Map<string, ProjectTotal>();
  const docs = CostSums.find({ accountId, sumsId }).lean<CostSumDoc[]>().cursor();
  for await (const doc of docs as AsyncIterable<CostSumDoc>) {
    const { projectId, currency, records } = doc;
    const { amount } = rowOf({ ...doc, amount: fromDecimal128(doc.amount) });
    const key = JSON.stringify([projectId, currency]);
    const before = totals.get(key);
    totals.set(key, {
      ...{ projectId, currency },
      amount: before ? sum([before.amount, amount]) : amount,
      records: (before?.records ?? 0) + records,
    });
  }
  return [...totals.values()];
}

function rowOf(doc: FlatSum): ExactRow {
  const { projectId: project, serviceName: service, servicePlan: plan, lineType: type, currency, ownPeriod } = doc;
  const { amount, digits, records, begin, end, cloudFirst, cloudLast, serviceType, tags = [] } = doc;
  return {
    _id: { project, service, plan, type, currency, own: ownPeriod ?? null },
    amount: digits === undefined ? amount : new Decimal(digits),
    ...(doc.billingGroupId !== undefined && { payer: doc.billingGroupId }),
    ...{ records, begin, end, cloudFirst, cloudLast, serviceType, tags },
  };
}
