import type { Sight } from '../../billing/account/sight.ts';
import { Anomalies, type AnomalyCheckDoc, AnomalyChecks, type AnomalyDoc, type AnomalyState } from './anomalies.ts';

/** An anomaly of an account; null if there is none. */
export async function anomalyById(accountId: string, id: string): Promise<AnomalyDoc | null> {
  return Anomalies.findOne({ _id: id, accountId }).lean();
}

/** Since when anomalies that have ended matter. */
export interface CountingSince {
  /** Those with unusual days from this day on. */
  readonly untilFrom: string;
  /** Those whose level a person has called expected from this instant on. */
  readonly acceptedFrom: Date;
}

/** The anomalies that matter for new costs, also those that haven’t ended; of one project or of all. The oldest first. */
export async function anomaliesThatCount(
  accountId: string,
  { untilFrom, acceptedFrom, projectId }: CountingSince & { readonly projectId?: string },
): Promise<AnomalyDoc[]> {
  const counts = [
    { state: { $ne: 'ended' as const } },
    { until: { $gte: untilFrom } },
    { acceptedAt: { $gte: acceptedFrom } },
  ];
  const only = projectId === undefined ? {} : { projectId };
  return Anomalies.find({ accountId, ...only, $or: counts })
    .sort({ since: 1, _id: 1 })
    .lean();
}

/** Up to where an account’s costs were checked; null if they never were. */
export async function anomalyCheckOf(accountId: string): Promise<AnomalyCheckDoc | null> {
  return AnomalyChecks.findOne({ _id: accountId, accountId }).lean();
}

/** Across all accounts: the anomalies about which leads are still to be asked, the oldest first. */
export async function anomaliesToAsk(): Promise<Pick<AnomalyDoc, '_id' | 'accountId' | 'toAsk'>[]> {
  return Anomalies.find({ 'toAsk.0': { $exists: true } }, { accountId: 1, toAsk: 1 })
    .sort({ foundAt: 1, _id: 1 })
    .lean();
}

/** Which anomalies of an account: those that a reader sees. */
export interface AnomaliesOf {
  readonly accountId: string;
  readonly sight: Sight;
  readonly hiddenProjectIds: readonly string[];
  /** Undefined for all. */
  readonly states?: readonly AnomalyState[] | undefined;
}

/** A part of the anomalies that a reader sees, those found last first. */
export async function anomalyPage(
  of: AnomaliesOf,
  { skip, size }: { readonly skip: number; readonly size: number },
): Promise<AnomalyDoc[]> {
  return Anomalies.find(filterOf(of)).sort({ foundAt: -1, _id: -1 }).skip(skip).limit(size).lean();
}

/** The same after one of them, or from the beginning. */
export async function anomaliesAfter(
  of: AnomaliesOf,
  { after, size }: { readonly after: AnomalyDoc | null; readonly size: number },
): Promise<AnomalyDoc[]> {
  const later = after && {
    $or: [{ foundAt: { $lt: after.foundAt } }, { foundAt: after.foundAt, _id: { $lt: after._id } }],
  };
  return Anomalies.find({ ...filterOf(of), ...later })
    .sort({ foundAt: -1, _id: -1 })
    .limit(size)
    .lean();
}

export async function countAnomalies(of: AnomaliesOf): Promise<number> {
  return Anomalies.countDocuments(filterOf(of));
}

function filterOf({ accountId, sight, hiddenProjectIds, states }: AnomaliesOf) {
  return {
    accountId,
    ...(states && { state: { $in: [...states] } }),
    ...(!sight.isWhole && {
      kind: 'costs' as const,
      billingGroupIds: { $nin: [...sight.hidden] },
      projectId: { $nin: [...hiddenProjectIds] },
    }),
  };
}

/** All missing exports of an account that were found, the oldest first. */
export async function missingExportsOf(accountId: string): Promise<AnomalyDoc[]> {
  return Anomalies.find({ accountId, kind: 'missing_export' }).sort({ since: 1, _id: 1 }).lean();
}
