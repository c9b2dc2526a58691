import { BALANCE_PREFIX } from '../../billing/credit/credit.ts';
import { Decimal, formatMoney, sum, ZERO } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  balancesByIds,
  creditById,
  creditOrFail,
  insertCredit,
  lowerCredit,
  setPaidOut,
} from '../../store/credits/credit-queries.ts';
import type { CreditDoc } from '../../store/credits/credits.ts';
import { invoiceIdsOf } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc, InvoicePrepayment } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { cardPaymentsFor } from '../../store/settlement/payment-queries.ts';
import { countRefunds, insertRefund, refundsOfPayments } from '../../store/settlement/refund-queries.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { type IssuedInvoice, issuedInvoice } from '../settlement/invoice-balance.ts';

/** The ID of the credit that holds an invoice's negative total. There is one for each such invoice. */
export function balanceId(invoiceId: string): string {
  return `balance_${invoiceId}`;
}

/**
 * Keeps a negative total as a credit of the group (domain.md, Money 6). It pays the next invoices, starting with the
 * following period, and never expires. Part of issuing the invoice.
 *
 * @returns what the invoice stores about it; undefined if the total isn't negative
 */
export async function keepBalance(
  tx: Change,
  draft: InvoiceDoc,
  number: string,
): Promise<InvoicePrepayment | undefined> {
  const { _id: invoiceId, accountId, billingGroupId, currency } = draft;
  const amount = fromDecimal128(draft.total).neg();
  if (!amount.gt(0)) return undefined;
  const value = toDecimal128(amount);
  const code = `${BALANCE_PREFIX}${number}`;
  const _id = balanceId(invoiceId);
  const credit: CreditDoc = {
    ...{ _id, accountId, campaignId: _id, codeId: _id, code, type: 'purchase', currency },
    ...{ value, remaining: value, billingGroupId, projectId: null, balanceOf: invoiceId },
    ...{ claimedBy: 'automation', claimedAt: tx.clock.now(), startTime: draft.periodEnd, expireTime: null },
    state: 'claimed',
  };
  await insertCredit(tx, credit);
  await touchOpenEstimates(tx, { accountId, billingGroupId });
  await tx.record({
    accountId,
    type: 'balance_kept',
    description: `Kept ${formatMoney(amount, currency)} of invoice ${number} as credit ${code} for billing group "${draft.snapshot?.billingGroupName ?? ''}"`,
    billingGroupId,
    invoiceId,
    after: { creditId: _id, code, remaining: amount.toFixed() },
  });
  return { code, amount: value };
}

/**
 * The amount left on the credit of an invoice with a negative total; the whole total if there is no credit, as on
 * invoices of earlier versions.
 */
export async function heldBalance({ _id, accountId, balance, total }: InvoiceDoc): Promise<Decimal> {
  if (!balance) return Decimal.max(fromDecimal128(total).neg(), ZERO);
  return fromDecimal128((await creditOrFail(accountId, balanceId(_id))).remaining);
}

/**
 * The amounts left on the credits that hold negative totals, by invoice. One query, or none if there are no such
 * credits.
 */
export async function remainingBalances(
  accountId: string,
  invoices: readonly InvoiceDoc[],
): Promise<ReadonlyMap<string, Decimal>> {
  const kept = invoices.filter(({ balance }) => balance).map(({ _id }) => balanceId(_id));
  if (kept.length === 0) return new Map();
  const credits = await balancesByIds(accountId, kept);
  return new Map(credits.map(({ balanceOf = '', remaining }) => [balanceOf, fromDecimal128(remaining)]));
}

/** Takes the amount of a credit memo off the balance. Part of freezing the memo. */
export async function reclaimBalance(tx: Change, invoice: IssuedInvoice, amount: Decimal): Promise<void> {
  if (!invoice.balance) return;
  const credit = await creditOrFail(invoice.accountId, balanceId(invoice._id));
  const taken = `Deducted ${formatMoney(amount, invoice.currency)} from credit ${credit.code} with a credit memo for invoice ${invoice.number}`;
  await lower(tx, credit, amount, { type: 'balance_taken_back', description: taken, invoiceId: invoice._id });
}

/**
 * Pays out the rest of a balance when a person asks for it: to cards that paid earlier invoices of the group, as far as
 * these haven't been refunded, and otherwise by a bank transfer that a person makes. Money paid out can't pay an
 * invoice. The group may be deleted.
 *
 * @returns the amount paid out, and the credit's code
 * @throws {Refusal} `no_balance` if nothing is left, `invoice_not_found`, `role_needed`
 */
export async function payOutBalance(
  ctx: Ctx,
  of: { readonly accountId: string; readonly invoiceId: string },
): Promise<{ readonly amount: Decimal; readonly currency: string; readonly code: string }> {
  return inChange(ctx, of.accountId, 'issue', async (tx) => {
    const invoice = await issuedInvoice(of.accountId, of.invoiceId);
    const credit = await creditById(of.accountId, balanceId(invoice._id));
    const amount = credit ? fromDecimal128(credit.remaining) : ZERO;
    if (!credit || !amount.gt(0)) throw new Refusal('no_balance', { number: invoice.number });
    const { code, currency } = credit;
    const paidOut = (credit.paidOut ? fromDecimal128(credit.paidOut) : ZERO).plus(amount);
    await setPaidOut(tx, of.accountId, credit._id, toDecimal128(paidOut));
    await orderPayout(tx, invoice, credit, amount);
    const description = `Requested a payout of ${formatMoney(amount, currency)} from credit ${code}`;
    await lower(tx, credit, amount, { type: 'balance_paid_out', description, invoiceId: invoice._id });
    tx.nudge('charges');
    tx.nudge('estimates');
    return { amount, currency, code };
  });
}

async function lower(
  tx: Change,
  credit: CreditDoc,
  amount: Decimal,
  event: {
    readonly type: 'balance_taken_back' | 'balance_paid_out';
    readonly description: string;
    readonly invoiceId: string;
  },
): Promise<void> {
  const { _id: creditId, accountId, billingGroupId } = credit;
  const before = fromDecimal128(credit.remaining);
  const after = before.minus(amount);
  const left = { before: credit.remaining, after: toDecimal128(after) };
  if (!(await lowerCredit(tx, accountId, creditId, left)))
    throw new Error(`Credit ${creditId} changed after it was read`);
  await touchOpenEstimates(tx, { accountId, billingGroupId });
  await tx.record({
    ...{ accountId, billingGroupId, ...event },
    before: { creditId, remaining: before.toFixed() },
    after: { creditId, remaining: after.toFixed() },
  });
}

/**
 * A refund for each card payment of the group that can take a part of it, latest first, and a bank transfer for the
 * rest.
 */
async function orderPayout(tx: Change, invoice: IssuedInvoice, credit: CreditDoc, amount: Decimal): Promise<void> {
  const { accountId, billingGroupId, currency } = credit;
  const payout = (await countRefunds(accountId, invoice._id)) + 1;
  const order = (part: Decimal, providerPaymentId: string | null) =>
    insertRefund(tx, {
      _id: `${credit._id}:${payout}:${providerPaymentId ?? 'transfer'}`,
      ...{ accountId, invoiceId: invoice._id, memoId: null, currency, providerPaymentId },
      ...{ way: providerPaymentId === null ? 'transfer' : 'card', amount: toDecimal128(part), state: 'open' },
      askedAt: tx.clock.now(),
    });
  let left = amount;
  const invoices = await invoiceIdsOf(accountId, billingGroupId, currency);
  for (const { reference, rest } of await refundablePayments(accountId, invoices)) {
    const part = Decimal.min(left, rest);
    if (!part.gt(0)) continue;
    await order(part, reference);
    left = left.minus(part);
  }
  if (left.gt(0)) await order(left, null);
}

/** Card payments for invoices, latest first, with the amount of each that hasn't been refunded. */
export async function refundablePayments(
  accountId: string,
  invoiceIds: readonly string[],
): Promise<{ readonly reference: string; readonly rest: Decimal }[]> {
  const payments = await cardPaymentsFor(accountId, invoiceIds);
  const references = payments.map(({ reference }) => reference);
  const given = await refundsOfPayments(accountId, references);
  return payments.map(({ reference, amount }) => {
    const own = given.filter(({ providerPaymentId }) => providerPaymentId === reference);
    return { reference, rest: fromDecimal128(amount).minus(sum(own.map((one) => fromDecimal128(one.amount)))) };
  });
}
