import { Decimal, ZERO } from '../money/money.ts';
import type { InvoiceState } from './invoice.ts';

/**
 * The next states of each invoice state (domain.md, Invoice states). Two changes of state are handled elsewhere: an amount
 * that no card can be charged goes from `due` to `mailed` (Money 9), and a reversed payment restores the state before it.
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

/** Issued, and waiting for money. */
export const UNPAID_STATES = ['due', 'mailed', 'failed_credit_card_charge', 'failed_no_credit_card'] as const;

/** In which a card can be charged. */
export const CHARGEABLE_STATES = ['due', 'failed_credit_card_charge', 'failed_no_credit_card'] as const;

/** On which days after the due date reminders of an unpaid invoice go out; negative: before it (domain.md, Invoice states). */
export const DEFAULT_REMINDER_DAYS: readonly number[] = [-3, 0, 7, 14];
export const MOST_REMINDERS = 10;
export const FURTHEST_REMINDER_DAYS = 365;

export function canTransition(from: InvoiceState, to: InvoiceState): boolean {
  return LEADS_TO[from].includes(to);
}

export function isUnpaid(state: InvoiceState): boolean {
  return UNPAID_STATES.some((one) => one === state);
}

/** What an invoice's money is made of, in its currency. */
export interface Balance {
  /** What was to be paid when it was issued: the total less what purchased credits paid. */
  readonly amountDue: Decimal;
  /** What purchased credits paid. */
  readonly prepaid: Decimal;
  /** Payments received, less what was given back. */
  readonly paid: Decimal;
  /** By what credit memos have lowered what is to be paid. */
  readonly offset: Decimal;
  /** What credit memos have given back to purchased credits. */
  readonly returned: Decimal;
}

/** What is still to be paid; never below zero. */
export function openAmount({ amountDue, paid, offset }: Pick<Balance, 'amountDue' | 'paid' | 'offset'>): Decimal {
  return Decimal.max(amountDue.minus(paid).minus(offset), ZERO);
}

/** How a credit memo's total is settled; the three add up to it, but for what nobody had paid or was to pay. */
export interface MemoSettlement {
  /** Taken off what is still to be paid. */
  readonly offset: Decimal;
  /** To be given back of the payments received. */
  readonly refund: Decimal;
  /** To go back to the purchased credits that paid. */
  readonly returned: Decimal;
}

/**
 * Settles a credit memo (ours): what nobody has paid yet need not be paid; what was paid beyond that is given back; what
 * purchased credits had paid goes back to them last, since it is money only within this account.
 *
 * @param total of the memo, above zero; for a memo of an invoice below zero all parts are zero
 */
export function settleMemo(total: Decimal, balance: Balance): MemoSettlement {
  const offset = Decimal.max(Decimal.min(total, openAmount(balance)), ZERO);
  const refund = Decimal.max(Decimal.min(total.minus(offset), balance.paid), ZERO);
  const left = total.minus(offset).minus(refund);
  const returned = Decimal.max(Decimal.min(left, balance.prepaid.minus(balance.returned)), ZERO);
  return { offset, refund, returned };
}

/**
 * The reminder that is due on a day, by the days since the due date; undefined for none, or when it, or a later one, was
 * sent already. After a standstill only the latest is: nobody wants three reminders at once.
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
