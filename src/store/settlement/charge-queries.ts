import type { Tx } from '../kit/transaction.ts';
import { type ChargeDoc, Charges } from './payments.ts';

/** Across all accounts: open charges, oldest first. */
export function eachOpenCharge(): AsyncIterable<ChargeDoc> {
  return Charges.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}

/** Across all accounts: the open charge with this ID of the provider, which doesn't know accounts. */
export async function openChargeByProvider(providerId: string): Promise<ChargeDoc | null> {
  return Charges.findOne({ providerId, state: 'open' }).lean();
}

/** A charge, if it is still open. */
export async function openCharge(accountId: string, id: string): Promise<ChargeDoc | null> {
  return Charges.findOne({ _id: id, accountId, state: 'open' }).lean();
}

/** A charge that must exist. @throws {Error} if it doesn't */
export async function chargeOrFail(accountId: string, id: string): Promise<ChargeDoc> {
  return Charges.findOne({ _id: id, accountId }).orFail().lean();
}

/** How many charges were started for an invoice. */
export async function countCharges(accountId: string, invoiceId: string): Promise<number> {
  return Charges.countDocuments({ accountId, invoiceId });
}

/** Whether there is an open charge for an invoice, alone or together with others. */
export async function hasOpenCharge(accountId: string, invoiceId: string): Promise<boolean> {
  const ofInvoice = [{ invoiceId }, { 'parts.invoiceId': invoiceId }];
  return (await Charges.exists({ accountId, state: 'open', $or: ofInvoice })) !== null;
}

/** A new charge, which the provider doesn't know yet. */
export type NewCharge = Omit<ChargeDoc, 'providerId' | 'failure' | 'endedAt'>;

/** Stores a charge. @throws a duplicate key error if another charge of the invoice has its number */
export async function insertCharge(_tx: Tx, charge: NewCharge): Promise<void> {
  await Charges.create([charge]);
}

/** Records the provider's ID of a charge. The first one is kept. */
export async function setProviderId(accountId: string, id: string, providerId: string): Promise<void> {
  await Charges.updateOne({ _id: id, accountId, providerId: null }, { $set: { providerId } });
}

/** Ends a charge. */
export async function endCharge(
  _tx: Tx,
  accountId: string,
  id: string,
  ended: Pick<ChargeDoc, 'state' | 'endedAt'> & Partial<Pick<ChargeDoc, 'failure'>>,
): Promise<void> {
  await Charges.updateOne({ _id: id, accountId }, { $set: ended });
}
