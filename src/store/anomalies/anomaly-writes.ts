import { isDuplicateKey, type Tx } from '../kit/transaction.ts';
import { Anomalies, type AnomalyCheckDoc, AnomalyChecks, type AnomalyDoc } from './anomalies.ts';

/** Identifies an anomaly and its account. */
export type AnomalyName = Pick<AnomalyDoc, '_id' | 'accountId'>;

/** @throws a duplicate key error if it, or another open one of the same costs, was stored by another process */
export async function insertAnomaly(_tx: Tx, doc: AnomalyDoc): Promise<void> {
  await Anomalies.create([doc]);
}

/** Stores up to when an anomaly has lasted so far, its day furthest from what was expected, and the groups of its days. */
export async function extendAnomaly(
  _tx: Tx,
  { _id, accountId }: AnomalyName,
  to: Pick<AnomalyDoc, 'until' | 'amount' | 'peak'> & Partial<Pick<AnomalyDoc, 'billingGroupIds'>>,
): Promise<void> {
  await Anomalies.updateOne({ _id, accountId, state: { $ne: 'ended' } }, { $set: to });
}

/** Ends an anomaly. @returns false if it has ended already */
export async function endAnomaly(
  _tx: Tx,
  { _id, accountId }: AnomalyName,
  to: Pick<AnomalyDoc, 'until' | 'endedAt'> & Partial<Pick<AnomalyDoc, 'billingGroupIds'>>,
): Promise<boolean> {
  const { matchedCount } = await Anomalies.updateOne(
    { _id, accountId, state: { $ne: 'ended' } },
    { $set: { ...to, state: 'ended', toAsk: [] } },
  );
  return matchedCount > 0;
}

/** Stores why an anomaly is expected. One that has ended stays so. */
export async function acceptAnomaly(
  _tx: Tx,
  { _id, accountId }: AnomalyName,
  why: Pick<AnomalyDoc, 'state' | 'reason' | 'acceptedBy' | 'acceptedAt'>,
): Promise<void> {
  await Anomalies.updateOne({ _id, accountId }, { $set: { ...why, toAsk: [] } });
}

/** Stores who is investigating an anomaly. */
export async function assignAnomaly(_tx: Tx, { _id, accountId }: AnomalyName, assignee: string): Promise<void> {
  await Anomalies.updateOne({ _id, accountId }, { $set: { assignee } });
}

/** Stores who is to be asked about an anomaly. */
export async function askAbout(
  _tx: Tx,
  { _id, accountId }: AnomalyName,
  { users, askedBy }: { readonly users: readonly string[]; readonly askedBy: string },
): Promise<void> {
  await Anomalies.updateOne(
    { _id, accountId },
    { $addToSet: { asked: { $each: [...users] }, toAsk: { $each: [...users] } }, $set: { askedBy } },
  );
}

/** Stores that a person was asked, or can’t be. */
export async function noteAsked({ _id, accountId }: AnomalyName, user: string): Promise<void> {
  await Anomalies.updateOne({ _id, accountId }, { $pull: { toAsk: user } });
}

/** Stores the picture of an anomaly’s days. */
export async function keepAnomalyChart({ _id, accountId }: AnomalyName, chartFileId: string): Promise<void> {
  await Anomalies.updateOne({ _id, accountId }, { $set: { chartFileId } });
}

/** Stores up to where an account’s costs were checked. */
export async function putAnomalyCheck(check: AnomalyCheckDoc): Promise<void> {
  const { _id, accountId } = check;
  try {
    await AnomalyChecks.replaceOne({ _id, accountId }, check, { upsert: true });
  } catch (error) {
    // another process has just stored the first one
    if (!isDuplicateKey(error)) throw error;
  }
}
