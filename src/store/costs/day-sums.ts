import mongoose, { type PipelineStage } from 'mongoose';
import { Decimal, exactly, sum, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, mayBeRounded, toDecimal128 } from '../kit/decimal.ts';
import { count, maybeText, money, text } from '../kit/schema-fields.ts';
import { type CostDoc, Costs, type LoadDoc } from './costs.ts';
import { ProjectTally } from './totals/project-totals.ts';

type Id = mongoose.Types.ObjectId;
type Match = PipelineStage.Match['$match'];

/** A stored amount, with all its digits if Decimal128 can't hold them. */
interface StoredAmount {
  readonly amount: Decimal128;
  readonly digits?: string;
}

/**
 * What one service of a project cost on each day of a month, of one load. The days are those on which usage records
 * begin, in the account's time zone. They are stored with the load's other sums, under the same ID, and count as long as
 * those do (`CostSumDoc`).
 */
export interface CostDaysDoc extends StoredAmount {
  readonly _id: Id;
  readonly accountId: string;
  readonly sumsId: Id;
  /** Null for all projects together, so that the account's costs don't have to be added up from each project's. */
  readonly projectId: string | null;
  /** The month of the days, whichever invoice their costs are on. */
  readonly month: Period;
  readonly serviceName: string;
  readonly currency: string;
  /** Those with usage records, in order; the first is 1. Their amounts add up to that of the month. */
  readonly days: readonly (StoredAmount & { readonly day: number })[];
}

/** What a service of a project cost on one day, of one load; the project is null for all of them. */
export interface DayAmount {
  readonly projectId: string | null;
  readonly service: string;
  readonly currency: string;
  /** YYYY-MM-DD */
  readonly day: string;
  readonly amount: Decimal;
}

/** How many documents are stored with one call. */
const BATCH = 1000;
/** How many the database returns at once; fewer if they have more than 16 MB. */
const MANY = 100_000;

const { Schema } = mongoose;

const daySchema = new Schema({ day: count, amount: money, digits: { type: String } }, { _id: false });

const costDaysSchema = new Schema<CostDaysDoc>(
  {
    accountId: text,
    sumsId: { type: Schema.Types.ObjectId, required: true },
    projectId: maybeText,
    month: text,
    serviceName: text,
    currency: text,
    amount: money,
    digits: { type: String },
    days: { type: [daySchema], required: true },
  },
  { collection: 'cost_days', versionKey: false },
)
  .index({ accountId: 1, sumsId: 1 }, { name: 'days_of_load' })
  .index({ accountId: 1, projectId: 1, month: 1 }, { name: 'days_of_project' });

export const CostDays = mongoose.model('CostDays', costDaysSchema);

interface DayKey {
  readonly load: Id;
  readonly project: string;
  readonly service: string;
  readonly currency: string;
  readonly day: string;
}

/** Computes a load's sums by day, and by project, and stores them under the ID of its other sums. They don't count yet. */
export async function writeDaySums(
  { _id, accountId }: Pick<LoadDoc, '_id' | 'accountId'>,
  sumsId: Id,
  timeZone: string,
): Promise<void> {
  const match = { accountId, loadId: _id };
  const month = { $substrBytes: ['$_id.day', 0, 7] };
  const { project, service, currency } = {
    project: '$_id.project',
    service: '$_id.service',
    currency: '$_id.currency',
  };
  const rows = Costs.aggregate<MonthRow>([
    { $match: match },
    groupByDay(timeZone),
    {
      $group: {
        _id: { project, service, currency, month },
        days: { $push: { day: '$_id.day', amount: '$amount', absolute: '$absolute' } },
      },
    },
  ])
    .allowDiskUse(true)
    .cursor({ batchSize: BATCH });
  const all = new Map<string, Map<string, DayAmount>>();
  const projects = new ProjectTally();
  let batch: Omit<CostDaysDoc, '_id'>[] = [];
  const store = async () => {
    if (batch.length > 0) await CostDays.insertMany(batch, { lean: true });
    batch = [];
  };
  for await (const row of rows) {
    const amounts = await amountsOf(row, match, { load: _id, timeZone });
    addTo(all, amounts);
    for (const one of amounts) projects.add(one);
    batch.push({ accountId, sumsId, ...monthOf(amounts) });
    if (batch.length >= BATCH) await store();
  }
  for (const days of all.values()) batch.push({ accountId, sumsId, ...monthOf([...days.values()]) });
  await store();
  await projects.store(accountId, sumsId);
}

interface MonthRow {
  readonly _id: { readonly project: string; readonly service: string; readonly currency: string };
  readonly days: readonly { readonly day: string; readonly amount: Decimal128; readonly absolute: Decimal128 }[];
}

function groupByDay(timeZone: string): PipelineStage.Group {
  const day = { $dateToString: { date: '$begin', format: '%Y-%m-%d', timezone: timeZone } };
  return {
    $group: {
      _id: { load: '$loadId', project: '$projectId', service: '$serviceName', currency: '$currency', day },
      amount: { $sum: '$amount' },
      absolute: { $sum: { $abs: '$amount' } },
    },
  };
}

async function amountsOf(
  { _id: of, days }: MonthRow,
  match: Match,
  { load, timeZone }: { readonly load: Id; readonly timeZone: string },
): Promise<DayAmount[]> {
  const amounts: DayAmount[] = [];
  for (const { day, ...row } of days) {
    const amount = await exactAmount({ ...row, _id: { ...of, load, day } }, match, timeZone);
    amounts.push({ projectId: of.project, service: of.service, currency: of.currency, day, amount });
  }
  return amounts.sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Adds the amounts of a project to those of all projects, which are kept by month and then by day. */
function addTo(all: Map<string, Map<string, DayAmount>>, amounts: readonly DayAmount[]): void {
  for (const one of amounts) {
    const { service, currency, day } = one;
    const key = JSON.stringify([service, currency, day.slice(0, 7)]);
    const days = all.get(key) ?? new Map<string, DayAmount>();
    const amount = sum([days.get(day)?.amount ?? ZERO, one.amount]);
    all.set(key, days.set(day, { ...one, projectId: null, amount }));
  }
}

/** @param amounts of one service of a project in one month and currency */
function monthOf(amounts: readonly DayAmount[]): Omit<CostDaysDoc, '_id' | 'accountId' | 'sumsId'> {
  const [{ projectId, service: serviceName, currency, day: first }] = amounts as readonly [DayAmount];
  const inOrder = [...amounts].sort((a, b) => (a.day < b.day ? -1 : 1));
  return {
    ...{ projectId, month: first.slice(0, 7) as Period, serviceName, currency },
    ...storedAmount(sum(amounts.map(({ amount }) => amount))),
    days: inOrder.map(({ day, amount }) => ({ day: Number(day.slice(8)), ...storedAmount(amount) })),
  };
}

/** Deletes sums by day. */
export async function deleteDaySums(accountId: string, sumsIds: readonly Id[]): Promise<void> {
  if (sumsIds.length > 0) await CostDays.deleteMany({ accountId, sumsId: { $in: [...sumsIds] } });
}

/** Which of the stored sums to read: of some projects, or of all together. */
export interface StoredDays {
  readonly accountId: string;
  readonly sumsIds: readonly Id[];
  /** Each is a condition on `projectId` and `month`; no document meets two of them. */
  readonly either: readonly Match[];
  /** YYYY-MM-DD, both included. */
  readonly from: string;
  readonly until: string;
}

/** The stored sums of some days, and the ID under which each is stored. */
export async function storedDays(of: StoredDays): Promise<(DayAmount & { readonly sumsId: Id })[]> {
  const { accountId, sumsIds, either, from, until } = of;
  if (sumsIds.length === 0 || either.length === 0) return [];
  const docs = await CostDays.find({ accountId, sumsId: { $in: [...sumsIds] }, $or: [...either] })
    .batchSize(MANY)
    .lean<CostDaysDoc[]>();
  return docs.flatMap(({ sumsId, projectId, month, serviceName: service, currency, days }) =>
    days.flatMap(({ day: at, ...stored }) => {
      const day = `${month}-${String(at).padStart(2, '0')}`;
      if (day < from || day > until) return [];
      return [{ sumsId, projectId, service, currency, day, amount: amountIn(stored) }];
    }),
  );
}

/** The sums by day of the usage records that match, and the load of each. */
export async function daysOfRecords(match: Match, timeZone: string): Promise<(DayAmount & { readonly loadId: Id })[]> {
  const rows = await Costs.aggregate<DayRow>([{ $match: match }, groupByDay(timeZone)]);
  const exact: (DayAmount & { readonly loadId: Id })[] = [];
  for (const row of rows) {
    const { load: loadId, project: projectId, service, currency, day } = row._id;
    exact.push({ loadId, projectId, service, currency, day, amount: await exactAmount(row, match, timeZone) });
  }
  return exact;
}

interface DayRow {
  readonly _id: DayKey;
  readonly amount: Decimal128;
  readonly absolute: Decimal128;
}

async function exactAmount(row: DayRow, match: Match, timeZone: string): Promise<Decimal> {
  if (!mayBeRounded(row.absolute)) return fromDecimal128(row.amount);
  const { load: loadId, project: projectId, service: serviceName, currency, day } = row._id;
  const date = { $dateToString: { date: '$begin', format: '%Y-%m-%d', timezone: timeZone } };
  const own = { loadId, projectId, serviceName, currency, $expr: { $eq: [date, day] } };
  let total = exactly(ZERO);
  const records = Costs.find({ $and: [match, own] }, { amount: 1 })
    .lean<Pick<CostDoc, 'amount'>[]>()
    .cursor();
  for await (const { amount } of records as AsyncIterable<Pick<CostDoc, 'amount'>>)
    total = total.plus(fromDecimal128(amount));
  return total;
}

function storedAmount(exact: Decimal): StoredAmount {
  const amount = toDecimal128(exact);
  return { amount, ...(!fromDecimal128(amount).equals(exact) && { digits: exact.toFixed() }) };
}

function amountIn({ amount, digits }: StoredAmount): Decimal {
  return digits === undefined ? fromDecimal128(amount) : new Decimal(digits);
}
