import type { Tx } from '../kit/transaction.ts';
import { type ChargeDoc, Charges } from './payments.ts';

/** The open charges of all accounts, the oldest first. */
export function eachOpenCharge(): AsyncIterable<ChargeDoc> {
  return Charges.find({ state: 'open' }).sort({ askedAt: 1 }).lean().cursor();
}

/** The open charge that a provider knows by this ID, of whichever account: the provider names none. */
export async function openChargeByProvider(providerId: string): Promise<ChargeDoc | null> {
  return Charges.findOne({ providerId, state: 'open' }).lean();
}

/** A charge as long as nothing has come of it. */
export async function openCharge(accountId: string, id: string): Promise<ChargeDoc | null> {
  return Charges.findOne({ _id: id, accountId, state: 'open' }).lean();
}

/** A charge that has to be there. @throws {Error} when it isn't */
export async function chargeOrFail(accountId: string, id: string): Promise<ChargeDoc> {
  return Charges.findOne({ _id: id, accountId }).orFail().lean();
}

/** How many charges an invoice has had that were begun for it. */
export async function countCharges(accountId: string, invoiceId: string): Promise<number> {
  return Charges.countDocuments({ accountId, invoiceId });
}

/** Whether a charge is open that pays an invoice, alone or together with others. */
export async function hasOpenCharge(accountId: string, invoiceId: string): Promise<boolean> {
  const ofInvoice = [{ invoiceId }, { 'parts.invoiceId': invoiceId }];
  return (await Charges.exists({ accountId, state: 'open', $or: ofInvoice })) !== null;
}

/** A charge as it is begun: the provider doesn't know it yet. */
export type NewCharge = Omit<ChargeDoc, 'providerId' | 'failure' | 'endedAt'>;

/** Stores a charge. @throws a duplicate key when another of the invoice has its number */
export async function insertCharge(_tx: Tx, charge: NewCharge): Promise<void> {
  await Charges.create([charge]);
}

/** Notes by which ID the provider knows a charge; the first one stays. */
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
