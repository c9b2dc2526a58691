import type { Period } from '../../billing/period/period.ts';
import { type EventDoc, Events } from './events.ts';

/** Whether the log says that a group's invoice was held back for this very reason. */
export async function wasHeldBack(
  accountId: string,
  billingGroupId: string,
  after: { readonly period: Period; readonly reason: string | null },
): Promise<boolean> {
  return (await Events.exists({ accountId, billingGroupId, type: 'invoice_held_back', after })) !== null;
}

/** The latest event that says that an invoice is paid; null where there is none. */
export async function latestPaid(accountId: string, invoiceId: string): Promise<EventDoc | null> {
  return Events.findOne({ accountId, invoiceId, type: 'invoice_paid' }).sort({ _id: -1 }).lean();
}

/** The events that say what an invoice gave back to a credit. */
export async function returnsTo(accountId: string, invoiceId: string, creditId: string): Promise<EventDoc[]> {
  return Events.find({ accountId, invoiceId, type: 'credit_returned', 'after.creditId': creditId }).lean();
}
