import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import type { Period } from '../../billing/period/period.ts';
import type { InvoiceName } from './invoice-reads.ts';
import { type InvoiceDoc, Invoices } from './invoices.ts';

// queries for background jobs; what they find across all accounts names its account

const NAME = { accountId: 1, billingGroupId: 1 } as const;

/** Identifies an estimate and its period. */
export type TouchedEstimate = InvoiceName & Pick<InvoiceDoc, 'period'>;

/** Across all accounts: drafts, which are invoices that are frozen but not issued yet. */
export function eachDraft(): AsyncIterable<InvoiceName> {
  return Invoices.find({ state: 'draft' }, NAME).lean().cursor();
}

/** Across all accounts: estimates that are out of date, longest first. */
export function eachTouchedEstimate(): AsyncIterable<TouchedEstimate & Pick<InvoiceDoc, 'lineCount'>> {
  return Invoices.find({ state: 'estimate', touchedAt: { $ne: null } }, { ...NAME, period: 1, lineCount: 1 })
    .sort({ touchedAt: 1 })
    .lean()
    .cursor();
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

/** The drafts of groups for periods before the given one, the oldest first. */
export async function draftsBefore(
  accountId: string,
  billingGroupIds: readonly string[],
  period: Period,
): Promise<InvoiceName[]> {
  const groups = { billingGroupId: { $in: [...billingGroupIds] } };
  return Invoices.find({ accountId, ...groups, state: 'draft', period: { $lt: period } }, NAME)
    .sort({ period: 1 })
    .lean();
}

/** How many lines the estimates of groups for a period have, by group. */
export async function lineCounts(
  accountId: string,
  billingGroupIds: readonly string[],
  period: Period,
): Promise<ReadonlyMap<string, number>> {
  const groups = { billingGroupId: { $in: [...billingGroupIds] } };
  const invoices = await Invoices.find({ accountId, ...groups, period }, { billingGroupId: 1, lineCount: 1 }).lean();
  return new Map(invoices.map(({ billingGroupId, lineCount }) => [billingGroupId, lineCount]));
}
