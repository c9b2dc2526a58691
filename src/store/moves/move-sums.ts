import type { PipelineStage } from 'mongoose';
import type { Period } from '../../billing/period/period.ts';
import { type ExactRow, exactSum, GROUP, type SumRow } from '../costs/cost-rows-sum.ts';
import { Costs } from '../costs/costs.ts';
import { countingRecords } from '../costs/loads.ts';

type Match = PipelineStage.Match['$match'];

/** The total of a line's usage records between two of the given instants. */
export interface SlotRow extends ExactRow {
  /** How many of the instants are at or before the costs: `0` is before the first one. */
  readonly slot: number;
}

interface Row extends Omit<SumRow, '_id'> {
  readonly _id: SumRow['_id'] & { readonly slot: number };
}

/**
 * The costs of projects in a period, split at some instants. Late costs, which belong to the group they were booked to,
 * are left out. Two queries, whatever the number of projects and instants.
 *
 * @param cuts in ascending order
 */
export async function rowsBetween(of: {
  readonly accountId: string;
  readonly projectIds: readonly string[];
  readonly period: Period;
  readonly cuts: readonly Date[];
}): Promise<SlotRow[]> {
  const match: Match = {
    projectId: { $in: [...of.projectIds] },
    period: of.period,
    late: { $exists: false },
    ...(await countingRecords(of.accountId)),
  };
  const passed = of.cuts.map((cut) => ({ $cond: [{ $gte: ['$begin', cut] }, 1, 0] }));
  const key = { ...GROUP.$group._id, slot: { $add: [0, ...passed] } };
  const rows = await Costs.aggregate<Row>([{ $match: match }, { $group: { ...GROUP.$group, _id: key } }]);
  const exact: SlotRow[] = [];
  for (const { _id, leastTags: _least, greatestTags: _greatest, ...row } of rows) {
    const { slot, ...line } = _id;
    const [from, to] = [of.cuts[slot - 1], of.cuts[slot]];
    const begin = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
    const within = Object.keys(begin).length > 0 ? { ...match, begin } : match;
    // a preview shows no tags
    exact.push({ ...row, _id: line, slot, tags: [], amount: await exactSum(within, { ...row, _id: line }) });
  }
  return exact;
}
