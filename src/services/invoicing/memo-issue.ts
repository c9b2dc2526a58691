import { isUnpaid, openAmount, settleMemo } from '../../billing/invoice/invoice-life.ts';
import { Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { issueMemoDraft, memoOrFail } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { insertRefund } from '../../store/settlement/refund-queries.ts';
import { refundablePayments } from '../credits/balance-credits.ts';
import { returnPromotional, returnPurchased } from '../credits/credit-return.ts';
import type { Change } from '../kit/transaction.ts';
import { queueMail } from '../notices/mails.ts';
import { balanceOf, type IssuedInvoice, issuedInvoice, step } from '../settlement/invoice-balance.ts';

/** Issues a memo that has its number, and settles it. Does nothing if it is already issued. */
export async function issueMemo(
  tx: Change,
  { _id: memoId, accountId }: Pick<CreditMemoDoc, '_id' | 'accountId'>,
): Promise<CreditMemoDoc> {
  tx.nudge('charges');
  const draft = await memoOrFail(accountId, memoId);
  if (draft.state !== 'draft') return draft;
  const { number, currency, billingGroupId, invoiceId } = draft;
  if (number === undefined) throw new Error(`Credit memo ${memoId} has no number`);
  const invoice = await issuedInvoice(accountId, invoiceId);
  const settled = await settle(tx, invoice, draft);
  const { offset, refund, returned } = settled;
  const issued = {
    state: 'ready' as const,
    issuedAt: tx.clock.now(),
    ...{ offset: toDecimal128(offset), refund: toDecimal128(refund), returned: toDecimal128(returned) },
  };
  await issueMemoDraft(tx, accountId, memoId, issued);
  if (refund.gt(0)) await orderRefunds(tx, draft, refund);
  if (returned.gt(0)) await returnPurchased(tx, draft, returned);
  await returnPromotional(tx, draft);
  const parts = [
    ...(refund.gt(0) ? [`${formatMoney(refund, currency)} will be refunded`] : []),
    ...(returned.gt(0) ? [`${formatMoney(returned, currency)} returned to credits`] : []),
    ...(settled.state === 'paid' && invoice.state !== 'paid' ? ['nothing left to pay'] : []),
  ];
  const total = formatMoney(fromDecimal128(draft.total), currency);
  await tx.record({
    accountId,
    type: 'credit_memo_issued',
    description: `Issued credit memo ${number} for invoice ${invoice.number}: ${[total, ...parts].join(', ')} (${draft.reason})`,
    billingGroupId,
    invoiceId,
    before: { state: invoice.state },
    after: { state: settled.state, memoId, number, total, refund: refund.toFixed(), returned: returned.toFixed() },
  });
  await queueMail(tx, invoice, { kind: 'credit_memo', memoId });
  return { ...draft, ...issued };
}

async function settle(tx: Tx, invoice: IssuedInvoice, memo: CreditMemoDoc) {
  const balance = balanceOf(invoice);
  const total = fromDecimal128(memo.total);
  const settlement = settleMemo(total, balance);
  const { offset, refund, returned } = settlement;
  const after = {
    paid: balance.paid.minus(refund),
    offset: balance.offset.plus(offset).plus(refund),
    returned: balance.returned.plus(returned),
  };
  const credited = invoice.life?.credited ? fromDecimal128(invoice.life.credited) : ZERO;
  const isSettled = isUnpaid(invoice.state) && openAmount({ ...balance, ...after }).isZero();
  const state = isSettled ? ('paid' as const) : invoice.state;
  await step(tx, invoice, {
    ...after,
    state,
    credited: credited.plus(total),
    ...(isSettled && { failure: null, notCharged: null }),
  });
  return { ...settlement, state };
}

/** Refunds of card payments, made by the provider, latest first; the rest is a bank transfer made by a person. */
async function orderRefunds(tx: Change, memo: CreditMemoDoc, amount: Decimal): Promise<void> {
  const { _id: memoId, accountId, invoiceId, currency } = memo;
  const order = async (part: Decimal, way: 'card' | 'transfer', providerPaymentId: string | null) => {
    await insertRefund(tx, {
      _id: `${memoId}:${providerPaymentId ?? 'transfer'}`,
      ...{ accountId, invoiceId, memoId, way, currency, providerPaymentId },
      ...{ amount: toDecimal128(part), state: 'open', askedAt: tx.clock.now() },
    });
  };
  let left = amount;
  for (const { reference, rest } of await refundablePayments(accountId, [invoiceId])) {
    const part = Decimal.min(left, rest);
    if (!part.gt(0)) continue;
    await order(part, 'card', reference);
    left = left.minus(part);
  }
  if (left.gt(0)) await order(left, 'transfer', null);
}
