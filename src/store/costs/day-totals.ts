import type { PipelineStage } from 'mongoose';
import { addDays } from '../../billing/period/day.ts';
import { shiftPeriod, toPeriod } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, mayBeRounded } from '../kit/decimal.ts';
import { CostDays, type CostDaysDoc, type DayAmount, type StoredDays, storedDays } from './day-sums.ts';

/** Otherwise the sums of all months would be gone through, since the other index begins with the project. */
const OF_LOAD = { hint: 'days_of_load' } as const;
/** How many of a document's amounts are stored with more digits. */
const LONG = {
  $add: [{ $cond: [{ $ifNull: ['$digits', false] }, 1, 0] }, { $size: { $ifNull: ['$days.digits', []] } }],
};

type SumsId = CostDaysDoc['sumsId'];

interface TotalRow {
  readonly _id: { readonly sumsId: SumsId; readonly project: string | null; readonly currency: string };
  readonly amount: Decimal128;
  readonly absolute: Decimal128;
  /** How many amounts have more digits than the database adds up. */
  readonly long: number;
}

/**
 * The sums of some days by project, currency and load, on the first day and without a service. The database adds them
 * up, since an account's projects have far too many days to read. Where it might round, they are read after all.
 */
export async function storedTotals(of: StoredDays): Promise<(DayAmount & { readonly sumsId: SumsId })[]> {
  const { accountId, sumsIds, either, from, until } = of;
  if (sumsIds.length === 0 || either.length === 0) return [];
  const rows = await CostDays.aggregate<TotalRow>([
    { $match: { accountId, sumsId: { $in: [...sumsIds] }, $or: [...either] } },
    { $project: { sumsId: 1, projectId: 1, currency: 1, long: LONG, amounts: amountsWithin(from, until) } },
    {
      $group: {
        _id: { sumsId: '$sumsId', project: '$projectId', currency: '$currency' },
        amount: { $sum: { $sum: '$amounts' } },
        absolute: { $sum: { $sum: { $map: { input: '$amounts', in: { $abs: '$$this' } } } } },
        long: { $sum: '$long' },
      },
    },
  ] as PipelineStage[])
    .option(either.some(isOfAccount) ? OF_LOAD : {})
    .allowDiskUse(true);
  if (rows.some(({ long, absolute }) => long > 0 || mayBeRounded(absolute))) return storedDays(of);
  return rows.map(({ _id: { sumsId, project: projectId, currency }, amount }) => ({
    ...{ sumsId, projectId, service: '', currency, day: from, amount: fromDecimal128(amount) },
  }));
}

/** Whether a condition meets all projects of the account. */
function isOfAccount({ projectId }: StoredDays['either'][number]): boolean {
  return typeof projectId === 'object' && projectId !== null && '$ne' in projectId;
}

/** The month's sum where all of it is wanted, and otherwise those of its days. */
function amountsWithin(from: string, until: string) {
  const months = [...new Set([from, until].map((day) => day.slice(0, 7)))];
  const parts = months.filter((month) => from > `${month}-01` || until < lastDayOf(month));
  // most ranges are whole months, whose days aren't looked at
  if (parts.length === 0) return ['$amount'];
  const isWhole = { $not: [{ $in: ['$month', parts] }] };
  const day = { $concat: ['$month', '-', { $substrBytes: [{ $toString: { $add: ['$$this.day', 100] } }, 1, 2] }] };
  const isIn = { $and: [{ $gte: [day, from] }, { $lte: [day, until] }] };
  const some = { $map: { input: { $filter: { input: '$days', cond: isIn } }, in: '$$this.amount' } };
  return { $cond: [isWhole, ['$amount'], some] };
}

function lastDayOf(month: string): string {
  return addDays(`${shiftPeriod(toPeriod(month), 1)}-01`, -1);
}
