import type { PipelineStage } from 'mongoose';
import { addDays } from '../../billing/period/day.ts';
import { periodsBetween, shiftPeriod, toPeriod } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, mayBeRounded } from '../kit/decimal.ts';
import { MANY } from '../kit/read-together.ts';
import { CostDays, type DayAmount, type StoredDays, storedDays } from './day-sums.ts';
import { totalsOfProjects } from './totals/project-totals.ts';

/** Otherwise the sums of all months would be gone through, since the other index begins with the project. */
const OF_LOAD = { hint: 'days_of_load' } as const;
interface TotalRow {
  readonly _id: { readonly project: string | null; readonly currency: string };
  readonly amount: Decimal128;
  readonly absolute: Decimal128;
  /** How many amounts have more digits than the database adds up. */
  readonly long: number;
}

/**
 * The sums of some days by project and currency, on the first day and without a service or load; a project can occur
 * several times. Of a whole account, they are read from the sums by project, as far as a month has no other days with
 * costs. Four queries at most.
 *
 * @param totaled those of `sumsIds` that are also stored by project
 */
export async function storedTotals(of: StoredDays, totaled: StoredDays['sumsIds']): Promise<DayAmount[]> {
  if (!of.either.some(isOfAccount)) return addedUp(of);
  const { accountId, sumsIds, from, until } = of;
  const months = periodsBetween(toPeriod(from.slice(0, 7)), toPeriod(until.slice(0, 7)));
  const { totals, inParts } = await totalsOfProjects({ accountId, sumsIds: totaled, months, from, until });
  const untotaled = sumsIds.filter((id) => !totaled.includes(id));
  const rest = [...untotaled.map((sumsId) => ({ sumsId })), ...inParts];
  const found = totals.map((one) => ({ ...one, service: '', day: from }));
  if (rest.length === 0) return found;
  const ids = [...untotaled, ...inParts.map(({ sumsId }) => sumsId)];
  const either = of.either.flatMap((one) => rest.map((each) => ({ ...one, ...each })));
  return [...found, ...(await addedUp({ ...of, sumsIds: ids, either }))];
}

/**
 * The same, added up by the database, since an account's projects have far too many days to read. Where it might round,
 * they are read after all.
 */
async function addedUp(of: StoredDays): Promise<DayAmount[]> {
  const { accountId, sumsIds, either, from, until } = of;
  if (sumsIds.length === 0 || either.length === 0) return [];
  const { amount, absolute, long } = amountsWithin(from, until);
  const rows = await CostDays.aggregate<TotalRow>([
    { $match: { accountId, sumsId: { $in: [...sumsIds] }, $or: [...either] } },
    {
      $group: {
        // not by load: that would be a row for each month
        _id: { project: '$projectId', currency: '$currency' },
        ...{ amount: { $sum: amount }, absolute: { $sum: absolute }, long: { $sum: long } },
      },
    },
  ] as PipelineStage[])
    .option({ ...(either.some(isOfAccount) && OF_LOAD), batchSize: MANY })
    .allowDiskUse(true);
  if (rows.some(({ long, absolute }) => long > 0 || mayBeRounded(absolute))) return storedDays(of);
  return rows.map(({ _id: { project: projectId, currency }, amount }) => ({
    ...{ projectId, service: '', currency, day: from, amount: fromDecimal128(amount) },
  }));
}

/** Whether a condition meets all projects of the account. */
function isOfAccount({ projectId }: StoredDays['either'][number]): boolean {
  return typeof projectId === 'object' && projectId !== null && '$ne' in projectId;
}

/** What a document adds: the month's sum where all of it is wanted, and otherwise the sums of its days. */
function amountsWithin(from: string, until: string) {
  const months = [...new Set([from, until].map((day) => day.slice(0, 7)))];
  const parts = months.filter((month) => from > `${month}-01` || until < lastDayOf(month));
  const whole = { amount: '$amount', absolute: { $abs: '$amount' }, long: isLong('$digits') };
  // most ranges are whole months, whose days aren't looked at: that would take seven times as long
  if (parts.length === 0) return whole;
  const [first, last] = [from, until].map((day) => ({ month: day.slice(0, 7), day: Number(day.slice(8)) }));
  const isFrom = { $gte: ['$$this.day', { $cond: [{ $eq: ['$month', first?.month] }, first?.day, 1] }] };
  const isUntil = { $lte: ['$$this.day', { $cond: [{ $eq: ['$month', last?.month] }, last?.day, 31] }] };
  const days = { $filter: { input: '$days', cond: { $and: [isFrom, isUntil] } } };
  const sumOf = (each: unknown) => ({ $sum: { $map: { input: days, in: each } } });
  const ofParts = (some: unknown, all: unknown) => ({ $cond: [{ $in: ['$month', parts] }, some, all] });
  return {
    amount: ofParts(sumOf('$$this.amount'), whole.amount),
    absolute: ofParts(sumOf({ $abs: '$$this.amount' }), whole.absolute),
    long: ofParts(sumOf(isLong('$$this.digits')), whole.long),
  };
}

/** 1 for an amount that is stored with more digits than the database adds up. */
function isLong(digits: string) {
  return { $cond: [{ $ifNull: [digits, false] }, 1, 0] };
}

function lastDayOf(month: string): string {
  return addDays(`${shiftPeriod(toPeriod(month), 1)}-01`, -1);
}
