import type { PipelineStage } from 'mongoose';
import { type Decimal, exactly, ZERO } from '../billing/money.ts';
import type { Period } from '../billing/period.ts';
import { Costs } from './costs.ts';
import { type Decimal128, fromDecimal128, mayBeRounded } from './decimal.ts';
import { countingRecords } from './loads.ts';

type Match = PipelineStage.Match['$match'];

/** What a project's costs between two of the given instants come to, exactly, in one currency. */
export interface SlotSum {
  readonly projectId: string;
  readonly currency: string;
  /** How many of the instants lie at or before the costs: `0` is before the first of them. */
  readonly slot: number;
  readonly amount: Decimal;
}

interface Row {
  readonly _id: { readonly project: string; readonly currency: string; readonly slot: number };
  readonly amount: Decimal128;
  readonly absolute: Decimal128;
}

/**
 * The costs of projects in a period, cut at some instants; those that came late, and belong to the group that they were
 * booked to, are left out. Two queries, whatever the number of projects and instants.
 *
 * @param cuts in ascending order
 */
export async function sumsBetween(of: {
  readonly accountId: string;
  readonly projectIds: readonly string[];
  readonly period: Period;
  readonly cuts: readonly Date[];
}): Promise<SlotSum[]> {
  const match: Match = {
    projectId: { $in: [...of.projectIds] },
    period: of.period,
    late: { $exists: false },
    ...(await countingRecords(of.accountId)),
  };
  const passed = of.cuts.map((cut) => ({ $cond: [{ $gte: ['$begin', cut] }, 1, 0] }));
  const key = { project: '$projectId', currency: '$currency', slot: { $add: [0, ...passed] } };
  const rows = await Costs.aggregate<Row>([
    { $match: match },
    { $group: { _id: key, amount: { $sum: '$amount' }, absolute: { $sum: { $abs: '$amount' } } } },
  ]);
  const sums: SlotSum[] = [];
  for (const { _id, amount, absolute } of rows) {
    const exact = mayBeRounded(absolute) ? await addUp(match, _id, of.cuts) : fromDecimal128(amount);
    sums.push({ projectId: _id.project, currency: _id.currency, slot: _id.slot, amount: exact });
  }
  return sums;
}

/** The slow way, for sums that Decimal128 can't hold: record by record, with all the digits there are. */
async function addUp(match: Match, { project, currency, slot }: Row['_id'], cuts: readonly Date[]): Promise<Decimal> {
  const [from, to] = [cuts[slot - 1], cuts[slot]];
  const begin = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
  const within = Object.keys(begin).length > 0 ? { begin } : {};
  let total = exactly(ZERO);
  const records = Costs.find({ ...match, ...within, projectId: project, currency }, { amount: 1 })
    .lean()
    .cursor();
  for await (const { amount } of records) total = total.plus(fromDecimal128(amount));
  return total;
}
