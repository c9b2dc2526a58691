import { cleanName, nameKey, nameLength } from '../../billing/group/names.ts';
import { canTransition, openAmount } from '../../billing/invoice/invoice-life.ts';
import { Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { dayIn, dayName, isDay } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { countPayments, insertPayment, isPaymentThere, paymentsOf } from '../../store/settlement/payment-queries.ts';
import type { PaymentDoc } from '../../store/settlement/payments.ts';
import { insertRefund } from '../../store/settlement/refund-queries.ts';
import { admitToInvoice } from '../access/invoice-admission.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import {
  assertNotCharging,
  assertTransition,
  balanceOf,
  type IssuedInvoice,
  issuedInvoice,
  step,
} from './invoice-balance.ts';

export const REFERENCE_LIMIT = 140;
const MOST_LISTED = 100;

/** A payment as recorded by a person. */
export interface NewPayment {
  readonly accountId: string;
  readonly invoiceId: string;
  /** In the invoice's currency, as typed. */
  readonly amount: string;
  /** YYYY-MM-DD: the day it was received. */
  readonly date: string;
  readonly reference: string;
}

/** A received amount, checked. */
export interface Receipt {
  readonly way: PaymentDoc['way'];
  readonly amount: Decimal;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly reference: string;
  /** What distinguishes it from other payments of the invoice, if not its day, amount and reference. */
  readonly source?: string;
}

/** The result of a payment. */
export interface PaymentOutcome {
  readonly paymentId: string;
  readonly number: string;
  readonly currency: string;
  readonly amount: Decimal;
  readonly open: Decimal;
}

export interface PaymentSummary extends Pick<PaymentDoc, 'way' | 'currency' | 'date' | 'reference' | 'recordedBy'> {
  readonly id: string;
  readonly amount: Decimal;
}

/**
 * Records money received for an invoice, which is paid once nothing is open. The same payment (day, amount and
 * reference) can't be recorded twice, however often it is sent.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `payment_recorded`, `wrong_state`, `being_charged`,
 * `invoice_not_found`, `role_needed`
 */
export async function recordPayment(ctx: Ctx, input: NewPayment): Promise<PaymentOutcome> {
  return inChange(ctx, input.accountId, 'issue', async (tx, { account }) => {
    const invoice = await issuedInvoice(input.accountId, input.invoiceId);
    assertTransition(invoice, 'paid', 'mark_paid');
    await assertNotCharging(invoice);
    const receipt = checked(input, invoice, dayIn(tx.clock.now(), account.timeZone));
    return receive(tx, invoice, receipt);
  });
}

/**
 * Applies money to an invoice, with its event. An overpayment is refunded. The invoice must have been read in the same
 * transaction.
 */
export async function receive(tx: Change, invoice: IssuedInvoice, receipt: Receipt): Promise<PaymentOutcome> {
  const { amount, date, reference, way, source } = receipt;
  const { accountId, currency, number, _id: invoiceId } = invoice;
  const identity = [invoiceId, ...(source ? [source] : [date, amount.toFixed(), nameKey(reference)])].join('|');
  if (await isPaymentThere(accountId, identity)) throw recordedAlready();
  const paymentId = newId('pay');
  await insertPayment(tx, {
    _id: paymentId,
    ...{ accountId, invoiceId, way, currency, date, reference, identity },
    amount: toDecimal128(amount),
    recordedBy: actorName(tx.actor),
    recordedAt: tx.clock.now(),
    // a concurrent payment conflicts with this transaction, because both write the invoice
    place: (await countPayments(accountId, invoiceId)) + 1,
  });
  const balance = balanceOf(invoice);
  const tooMuch = Decimal.max(amount.minus(openAmount(balance)), ZERO);
  if (tooMuch.gt(0)) await orderRefundOf(tx, { invoice, paymentId, receipt, amount: tooMuch });
  const paid = balance.paid.plus(amount).minus(tooMuch);
  const open = openAmount({ ...balance, paid });
  const isPaid = open.isZero();
  await step(tx, invoice, { paid, ...(isPaid && { state: 'paid', failure: null, notCharged: null }) });
  const by = way === 'card' ? 'by card' : `received ${dayName(date)}`;
  const named = reference === '' || way === 'card' ? '' : ` (${reference})`;
  const back = tooMuch.gt(0) ? `, and the overpaid ${formatMoney(tooMuch, currency)} will be refunded` : '';
  const rest = isPaid ? `it is paid${back}` : `${formatMoney(open, currency)} left to pay`;
  await tx.record({
    accountId,
    type: isPaid ? 'invoice_paid' : 'payment_recorded',
    description: `Recorded ${formatMoney(amount, currency)} for invoice ${number}, ${by}${named}: ${rest}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId,
    before: { state: invoice.state, paid: balance.paid.toFixed() },
    after: { state: isPaid ? 'paid' : invoice.state, paid: paid.toFixed(), paymentId, date, reference },
  });
  return { paymentId, number, currency, amount, open };
}

/** The ID of the refund of an overpayment. */
export function overpaidId(paymentId: string): string {
  return `overpaid:${paymentId}`;
}

/** Refunds an overpayment: to the card that paid it, or by a bank transfer made by a person. */
async function orderRefundOf(
  tx: Change,
  of: {
    readonly invoice: IssuedInvoice;
    readonly paymentId: string;
    readonly receipt: Receipt;
    readonly amount: Decimal;
  },
): Promise<void> {
  const { way, reference } = of.receipt;
  const { _id: invoiceId, accountId, currency } = of.invoice;
  await insertRefund(tx, {
    _id: overpaidId(of.paymentId),
    ...{ accountId, invoiceId, memoId: null, way, currency, state: 'open', askedAt: tx.clock.now() },
    amount: toDecimal128(of.amount),
    providerPaymentId: way === 'card' ? reference : null,
  });
  tx.nudge('charges');
}

/** The payments of an invoice that haven't been reversed, oldest first. @throws {Refusal} `account_not_found` */
export async function listPayments(ctx: Ctx, accountId: string, invoiceId: string): Promise<PaymentSummary[]> {
  await admitToInvoice(ctx, accountId, invoiceId);
  const docs = await paymentsOf(accountId, invoiceId, MOST_LISTED);
  return docs.map(({ _id: id, way, amount, currency, date, reference, recordedBy }) => ({
    ...{ id, way, currency, date, reference, recordedBy },
    amount: fromDecimal128(amount),
  }));
}

/**
 * For a form: the open amount of an invoice, the account's current day, and why it can't be paid (undefined if it can).
 *
 * @throws {Refusal} `invoice_not_found`, `role_needed`
 */
export async function paymentToCome(ctx: Ctx, accountId: string, invoiceId: string) {
  await admit(ctx, accountId, 'issue');
  const { timeZone } = await accountOrFail(accountId);
  const invoice = await issuedInvoice(accountId, invoiceId);
  const { number, currency, state } = invoice;
  const isPayable = canTransition(state, 'paid');
  return {
    number,
    currency,
    isPayable,
    state,
    open: openAmount(balanceOf(invoice)),
    today: dayIn(ctx.clock.now(), timeZone),
  };
}

function checked(input: NewPayment, invoice: IssuedInvoice, today: string): Receipt {
  const fields: Record<string, string> = {};
  const { currency } = invoice;
  const open = openAmount(balanceOf(invoice));
  const read = readAmount(input.amount, currency);
  const amount = 'value' in read ? read.value : ZERO;
  if ('fault' in read) fields.amount = read.fault;
  else if (amount.gt(open)) {
    fields.amount = `Only ${formatMoney(open, currency)} is left to pay on this invoice.`;
  }
  if (!isDay(input.date)) fields.date = 'Enter a valid date, such as 2026-10-31.';
  else if (input.date > today) fields.date = 'The date can’t be in the future.';
  const reference = cleanName(input.reference);
  if (nameLength(reference) > REFERENCE_LIMIT) fields.reference = `Use at most ${REFERENCE_LIMIT} characters.`;
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  return { way: 'transfer', amount, date: input.date, reference };
}

function recordedAlready(): Refusal {
  return new Refusal('payment_recorded');
}
