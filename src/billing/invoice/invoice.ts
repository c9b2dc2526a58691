import type { PaymentMethod } from '../group/payment-method.ts';
import type { Decimal } from '../money/money.ts';
import { plusDays } from '../period/day.ts';

export { type Calculation, calculate, type Terms } from './calculate.ts';
export { impossibility } from './impossibility.ts';
export { type CostSum, type InvoiceLine, LINE_TYPES, type LineType } from './line.ts';

/** domain.md, Invoice states. `draft` is internal: frozen and about to get its number. It is never shown. */
export const INVOICE_STATES = [
  'estimate',
  'draft',
  'due',
  'mailed',
  'failed_credit_card_charge',
  'failed_no_credit_card',
  'no_payment_expected',
  'paid',
  'waived',
  'uncollectible',
] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];

/** The state in which an invoice is issued (domain.md, Periods and invoices). */
export function issuedState(amountDue: Decimal, method: PaymentMethod): InvoiceState {
  if (amountDue.lte(0) || method.kind === 'no_payment_expected') return 'no_payment_expected';
  // a group with payment disabled has nothing to charge: someone has to take care of it
  if (method.kind === 'disabled') return 'failed_no_credit_card';
  return method.kind === 'credit_card' ? 'due' : 'mailed';
}

/**
 * The instant by which to pay: a number of calendar days after the issue, in the account's time zone. A card is charged
 * immediately.
 */
export function dueDate(issuedAt: Date, method: PaymentMethod, zone: string): Date {
  return plusDays(issuedAt, method.kind === 'bank_transfer' ? method.termsDays : 0, zone);
}

/** A state as shown to people: `no payment expected`. */
export function stateName(state: InvoiceState): string {
  return state === 'draft' ? 'being issued' : state.replaceAll('_', ' ');
}
