import type { Period } from '../../billing/period/period.ts';
import type { Tx } from '../kit/transaction.ts';
import { type InvoiceOf, recordsOf } from './cost-sums.ts';
import { type CostDoc, Costs, type LoadDoc } from './costs.ts';
import { countedLoads, countingRecords } from './loads.ts';
import { CostSums } from './stored-sums.ts';

type LoadId = LoadDoc['_id'];

/** A usage record to be stored. */
export type NewCost = Omit<CostDoc, '_id'>;

/** A tag of a cost. */
export type Tag = CostDoc['tags'][number];

/** Stores usage records with one call. @throws a duplicate key error if one of them already exists */
export async function insertCosts(_tx: Tx, records: readonly NewCost[]): Promise<void> {
  await Costs.insertMany(records, { lean: true });
}

/** Marks records as seen by an import. The token only increases, so an import that lost its lease can't reset it. */
export async function markSeen(
  _tx: Tx,
  accountId: string,
  ids: readonly CostDoc['_id'][],
  token: number,
): Promise<void> {
  await Costs.updateMany({ accountId, _id: { $in: [...ids] }, seenBy: { $lt: token } }, { $set: { seenBy: token } });
}

/** Streams the records of a load that are booked in some periods. */
export function eachBookedIn(accountId: string, loadId: LoadId, periods: readonly Period[]): AsyncIterable<CostDoc> {
  return Costs.find({ accountId, loadId, period: { $in: [...periods] } })
    .lean()
    .cursor();
}

/** Whether a record of a load is on a group's invoice for a period. */
export async function isOnInvoice(of: InvoiceOf, loadId: LoadId): Promise<boolean> {
  for (const match of await recordsOf(of)) {
    if (await Costs.exists({ $and: [match, { loadId }] })) return true;
  }
  return false;
}

/** Whether projects have costs in a currency other than this one that count in a period or later. */
export async function hasCostsInOther(
  accountId: string,
  of: { readonly projectIds: readonly string[]; readonly from: Period; readonly currency: string },
): Promise<boolean> {
  const costs = { projectId: { $in: [...of.projectIds] }, period: { $gte: of.from }, currency: { $ne: of.currency } };
  const { sumsIds, unsummed } = await countedLoads(accountId);
  if (await CostSums.exists({ accountId, sumsId: { $in: [...sumsIds] }, ...costs })) return true;
  if (unsummed.length === 0) return false;
  return (await Costs.exists({ accountId, loadId: { $in: [...unsummed] }, ...costs })) !== null;
}

/** Whether a project has any usage records, including staged and replaced ones, which can become active later. */
export async function hasCosts(accountId: string, projectId: string): Promise<boolean> {
  return (await Costs.exists({ accountId, projectId })) !== null;
}

/** The distinct tags of a project's costs in the given periods, sorted by key and value, up to a limit. */
export async function tagsOfProject(
  accountId: string,
  of: { readonly projectId: string; readonly periods: readonly Period[]; readonly limit: number },
): Promise<Tag[]> {
  const costs = { ...(await countingRecords(accountId)), projectId: of.projectId, period: { $in: [...of.periods] } };
  const rows = await Costs.aggregate<{ _id: Tag }>([
    { $match: costs },
    { $unwind: '$tags' },
    { $group: { _id: { key: '$tags.key', value: '$tags.value' } } },
    { $sort: { '_id.key': 1, '_id.value': 1 } },
    { $limit: of.limit },
  ]);
  return rows.map(({ _id }) => _id);
}
