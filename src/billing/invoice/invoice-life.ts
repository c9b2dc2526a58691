import { Decimal, ZERO } from '../money/money.ts';
import type { InvoiceState } from './invoice.ts';

/**
 * The next states of each invoice state (domain.md, Invoice states). Two transitions are handled elsewhere: an amount
 * that can't be charged to a card goes from `due` to `mailed` (Money 9), and a reversed payment restores the previous
 * state.
 */
const LEADS_TO: Readonly<Record<InvoiceState, readonly InvoiceState[]>> = {
  estimate: ['draft'],
  draft: ['due', 'mailed', 'no_payment_expected', 'failed_no_credit_card'],
  due: ['paid', 'failed_credit_card_charge', 'failed_no_credit_card', 'waived'],
  mailed: ['paid', 'uncollectible', 'waived'],
  failed_credit_card_charge: ['paid', 'mailed', 'uncollectible', 'waived'],
  failed_no_credit_card: ['paid', 'mailed', 'uncollectible', 'waived'],
  no_payment_expected: [],
  paid: [],
  waived: [],
  uncollectible: ['paid'],
};

/** Issued and unpaid. */
export const UNPAID_STATES = ['due', 'mailed', 'failed_credit_card_charge', 'failed_no_credit_card'] as const;

/** The states in which a card can be charged. */
export const CHARGEABLE_STATES = ['due', 'failed_credit_card_charge', 'failed_no_credit_card'] as const;

/**
 * When unpaid invoices get a reminder, in days after the due date; negative means before it (domain.md, Invoice
 * states).
 */
export const DEFAULT_REMINDER_DAYS: readonly number[] = [-3, 0, 7, 14];
export const MOST_REMINDERS = 10;
export const FURTHEST_REMINDER_DAYS = 365;

export function canTransition(from: InvoiceState, to: InvoiceState): boolean {
  return LEADS_TO[from].includes(to);
}

export function isUnpaid(state: InvoiceState): boolean {
  return UNPAID_STATES.some((one) => one === state);
}

/** The amounts that an invoice's balance is calculated from, in its currency. */
export interface Balance {
  /** The amount due when it was issued: the total less what purchased credits paid. */
  readonly amountDue: Decimal;
  /** What purchased credits paid. */
  readonly prepaid: Decimal;
  /** Payments received, less refunds. */
  readonly paid: Decimal;
  /** The amount by which credit memos lowered the amount due. */
  readonly offset: Decimal;
  /** The amount that credit memos returned to purchased credits. */
  readonly returned: Decimal;
}

/** The amount left to pay; never negative. */
export function openAmount({ amountDue, paid, offset }: Pick<Balance, 'amountDue' | 'paid' | 'offset'>): Decimal {
  return Decimal.max(amountDue.minus(paid).minus(offset), ZERO);
}

/**
 * How a credit memo's total is settled. The three add up to it, except for amounts that were neither paid nor payable.
 */
export interface MemoSettlement {
  /** Deducted from the amount left to pay. */
  readonly offset: Decimal;
  /** To be refunded from the payments received. */
  readonly refund: Decimal;
  /** To be returned to the purchased credits that paid. */
  readonly returned: Decimal;
}

/**
 * Settles a credit memo (our rule): it first lowers the unpaid amount, then refunds payments, and finally returns money
 * to purchased credits, which can only be used within this account.
 *
 * @param total of the memo, positive; for a memo of an invoice with a negative total, all parts are zero
 */
export function settleMemo(total: Decimal, balance: Balance): MemoSettlement {
  const offset = Decimal.max(Decimal.min(total, openAmount(balance)), ZERO);
  const refund = Decimal.max(Decimal.min(total.minus(offset), balance.paid), ZERO);
  const left = total.minus(offset).minus(refund);
  const returned = Decimal.max(Decimal.min(left, balance.prepaid.minus(balance.returned)), ZERO);
  return { offset, refund, returned };
}

/**
 * The reminder to send on a day, by the days since the due date; undefined if there is none, or if it or a later one
 * was already sent. After an outage, only the latest is sent instead of several at once.
 */
export function reminderDue(
  schedule: readonly number[],
  daysSinceDue: number,
  sent: readonly number[],
): number | undefined {
  const passed = schedule.filter((day) => day <= daysSinceDue).sort((a, b) => b - a)[0];
  if (passed === undefined || sent.some((day) => day >= passed)) return undefined;
  return passed;
}
