import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { InvoiceName } from './invoice-reads.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

// what background jobs go through, of all accounts; each item names its account

const NAME = { accountId: 1, billingGroupId: 1 } as const;

/** The drafts of all accounts: invoices that are frozen, but not issued yet. */
export function eachDraft(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'draft' }, NAME).lean().cursor();
}

/** The estimates of all accounts that rest on something that has changed, the one that waits longest first. */
export function eachTouchedEstimate(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'estimate', touchedAt: { $ne: null } }, NAME)
    .sort({ touchedAt: 1 })
    .lean()
    .cursor();
}

/** Whether an invoice is an estimate that rests on something that has changed. */
export async function isTouched(accountId: string, invoiceId: string): Promise<boolean> {
  return (await Invoices.exists({ _id: invoiceId, accountId, state: 'estimate', touchedAt: { $ne: null } })) !== null;
}

/** The due invoices of all accounts that can be charged to a card: what waits for another charge is left out. */
export function eachToCharge(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'due', 'life.notCharged': { $exists: false } }, NAME)
    .lean()
    .cursor();
}

/** The invoices of all accounts in some states that were due at an instant or before. */
export function eachDueBy(states: readonly InvoiceState[], instant: Date): AsyncIterable<InvoiceDoc> {
  return Invoices.find({ state: { $in: [...states] }, dueAt: { $lte: instant } })
    .lean()
    .cursor();
}
