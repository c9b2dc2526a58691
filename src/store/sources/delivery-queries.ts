import type { Tx } from '../kit/transaction.ts';
import { type DeliveredLoad, Deliveries, type DeliveryDoc } from './sources.ts';

/** The latest deliveries of a source, the latest month first. */
export async function deliveriesOf(accountId: string, sourceId: string): Promise<DeliveryDoc[]> {
  return Deliveries.find({ accountId, sourceId }).sort({ name: -1 }).lean();
}

/** The deliveries of all of an account's sources, without the names of their files, which may be many. */
export async function deliveriesOfAccount(accountId: string): Promise<DeliveryDoc[]> {
  return Deliveries.find({ accountId }, { files: 0, 'imported.files': 0 }).lean();
}

/** A delivery of another name, or of another source, to which a load belongs; null if there is none. */
export async function otherOwnerOf(
  { accountId, sourceId, name }: Pick<DeliveryDoc, 'accountId' | 'sourceId' | 'name'>,
  load: DeliveredLoad,
): Promise<DeliveryDoc | null> {
  const { source, billingMonth } = load;
  return Deliveries.findOne({
    accountId,
    loads: { $elemMatch: { source, billingMonth } },
    $or: [{ sourceId: { $ne: sourceId } }, { name: { $ne: name } }],
  }).lean();
}

/** Stores the state of a delivery, whether it is new or not. */
export async function putDelivery(_tx: Tx, { accountId, sourceId, name, _id, ...state }: DeliveryDoc): Promise<void> {
  await Deliveries.updateOne({ accountId, sourceId, name }, { $set: state, $setOnInsert: { _id } }, { upsert: true });
}

/** Has the files of refused and declined deliveries looked at again. */
export async function retryDeliveries(_tx: Tx, accountId: string, sourceId: string): Promise<void> {
  await Deliveries.updateMany(
    { accountId, sourceId, state: { $in: ['refused', 'declined'] } },
    { $set: { state: 'waiting' } },
  );
}

export async function deleteDeliveriesOf(_tx: Tx, accountId: string, sourceId: string): Promise<void> {
  await Deliveries.deleteMany({ accountId, sourceId });
}
