import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { InvoiceName } from './invoice-reads.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

// queries for background jobs across all accounts; each item names its account

const NAME = { accountId: 1, billingGroupId: 1 } as const;

/** Across all accounts: drafts, which are invoices that are frozen but not issued yet. */
export function eachDraft(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'draft' }, NAME).lean().cursor();
}

/** Across all accounts: estimates that are out of date, longest first. */
export function eachTouchedEstimate(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'estimate', touchedAt: { $ne: null } }, NAME)
    .sort({ touchedAt: 1 })
    .lean()
    .cursor();
}

/** Whether an invoice is an estimate that is out of date. */
export async function isTouched(accountId: string, invoiceId: string): Promise<boolean> {
  return (await Invoices.exists({ _id: invoiceId, accountId, state: 'estimate', touchedAt: { $ne: null } })) !== null;
}

/** Across all accounts: due invoices that can be charged to a card, except those waiting for a combined charge. */
export function eachToCharge(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'due', 'life.notCharged': { $exists: false } }, NAME)
    .lean()
    .cursor();
}

/** Across all accounts: invoices in some states that were due at an instant or before. */
export function eachDueBy(states: readonly InvoiceState[], instant: Date): AsyncIterable<InvoiceDoc> {
  return Invoices.find({ state: { $in: [...states] }, dueAt: { $lte: instant } })
    .lean()
    .cursor();
}
