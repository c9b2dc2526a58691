import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { isUnpaid, openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { dayName } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { latestPaid } from '../../store/events/event-reads.ts';
import { hasMemoSince } from '../../store/invoicing/credit-memo-queries.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { reopenBankLine } from '../../store/settlement/bank-lines.ts';
import { markReversed, paymentById } from '../../store/settlement/payment-queries.ts';
import type { PaymentDoc } from '../../store/settlement/payments.ts';
import { refundById } from '../../store/settlement/refund-queries.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import {
  assertNotCharging,
  assertNotCredited,
  balanceOf,
  type IssuedInvoice,
  issuedInvoice,
  step,
} from './invoice-balance.ts';
import { overpaidId } from './payments.ts';

/** The result of a reversal. */
export interface ReversalOutcome {
  readonly number: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly open: Decimal;
}

/**
 * Reverses a payment that a person recorded by mistake, while nothing depends on it: the invoice returns to its
 * previous state, its amount is open again, and reminders resume. The payment can be recorded again. Safe to repeat: a
 * second reversal changes nothing.
 *
 * @throws {Refusal} `payment_not_found`, `payment_by_card`, `payment_used` by a credit memo or a refund, `wrong_state`,
 * `being_charged`, `being_credited`, `role_needed`
 */
export async function reversePayment(ctx: Ctx, accountId: string, paymentId: string): Promise<ReversalOutcome> {
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const payment = await paymentById(accountId, paymentId);
    if (!payment) throw new Refusal('payment_not_found');
    const invoice = await issuedInvoice(accountId, payment.invoiceId);
    const { number, currency } = invoice;
    const amount = fromDecimal128(payment.amount);
    const done = (open: Decimal) => ({ number, currency, amount, open });
    if (payment.reversedAt) return done(openAmount(balanceOf(invoice)));
    await assertReversible(payment, invoice);
    const balance = balanceOf(invoice);
    const paid = balance.paid.minus(amount);
    const open = openAmount({ ...balance, paid });
    const before = invoice.state === 'paid' ? await beforePaid(invoice) : undefined;
    await markReversed(tx, accountId, paymentId, {
      // the same payment can be recorded again
      identity: `${payment.identity}|reversed|${paymentId}`,
      ...{ reversedAt: tx.clock.now(), reversedBy: actorName(tx.actor) },
    });
    await reopenBankLine(tx, accountId, paymentId);
    await step(tx, invoice, { paid, notCharged: null, ...before });
    await tx.record({
      accountId,
      type: 'payment_reversed',
      description: `Reversed payment of ${formatMoney(amount, currency)} for invoice ${number}, received ${dayName(payment.date)}: ${formatMoney(open, currency)} left to pay`,
      billingGroupId: invoice.billingGroupId,
      invoiceId: invoice._id,
      before: { state: invoice.state, paid: balance.paid.toFixed(), paymentId },
      after: { state: before?.state ?? invoice.state, paid: paid.toFixed(), paymentId },
    });
    return done(open);
  });
}

async function assertReversible(payment: PaymentDoc, invoice: IssuedInvoice): Promise<void> {
  if (payment.way === 'card') throw new Refusal('payment_by_card');
  if (invoice.state !== 'paid' && !isUnpaid(invoice.state)) {
    throw new Refusal('wrong_state', { number: invoice.number, state: invoice.state, action: 'reverse_payment' });
  }
  await assertNotCharging(invoice);
  await assertNotCredited(invoice);
  const isCredited = await hasMemoSince(invoice.accountId, invoice._id, payment.recordedAt);
  const isRefunded = (await refundById(invoice.accountId, overpaidId(payment._id))) !== null;
  if (!isCredited && !isRefunded) return;
  throw new Refusal('payment_used', { number: invoice.number, by: isCredited ? 'credit memo' : 'refund' });
}

/** A paid invoice's previous state. For an invoice of an earlier version, it is only in the log. */
async function beforePaid(invoice: IssuedInvoice): Promise<{ state: InvoiceState; failure: string | null }> {
  if (invoice.life?.beforePaid) return invoice.life.beforePaid;
  const event = await latestPaid(invoice.accountId, invoice._id);
  const before = event?.before;
  const state = typeof before === 'object' && before !== null && 'state' in before ? before.state : null;
  const known = (['due', 'failed_credit_card_charge', 'failed_no_credit_card', 'uncollectible'] as const).find(
    (one) => one === state,
  );
  return { state: known ?? 'mailed', failure: null };
}
