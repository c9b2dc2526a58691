import { formatMoney } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import type { RefundDoc } from '../../store/settlement/payments.ts';
import {
  eachOpenCardRefund,
  endRefund,
  openRefund,
  refundById,
  refundsOf,
} from '../../store/settlement/refund-queries.ts';
import { admitToInvoice } from '../access/invoice-admission.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { Hold } from '../background/held-lease.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { automaticChange, type Change, inTransaction } from '../kit/transaction.ts';
import { type CardProvider, type ChargeOutcome, ProviderRefusal } from './card-provider.ts';
import { issuedInvoice } from './invoice-balance.ts';

const BATCH = 100;
const MOST_LISTED = 100;
/** Renewed while it is processed. If the process is killed, a refund waits this long. */
const LEASE_MS = 10_000;
const REFUNDING: Loop<RefundDoc> = {
  kind: 'refund',
  whole: 'everywhere',
  name: ({ _id: id, accountId, invoiceId }) => ({ id, accountId, invoiceId }),
  what: 'reach the card provider to refund a payment',
  most: BATCH,
  atOnce: 4,
};

export interface RefundSummary extends Pick<RefundDoc, 'way' | 'state' | 'failure'> {
  readonly id: string;
  readonly amount: string;
}

/** Has the provider make the refunds of card payments; safe to repeat. @returns how many were completed */
export async function refundDue(ctx: Ctx, provider: CardProvider): Promise<number> {
  let ended = 0;
  await eachOfAll(ctx, REFUNDING, eachOpenCardRefund(), async (refund) => {
    ended += (await tryRefund(ctx, provider, refund)) ? 1 : 0;
  });
  return ended;
}

/**
 * Records that a refund was made by bank transfer, or in another way because the card couldn't be refunded.
 * Safe to repeat.
 *
 * @throws {Refusal} `refund_not_found`, `being_refunded` while the provider is processing it, `role_needed`
 */
export async function refundMade(ctx: Ctx, accountId: string, refundId: string): Promise<void> {
  await inChange(ctx, accountId, 'issue', async (tx) => {
    const refund = await refundById(accountId, refundId);
    if (!refund) throw new Refusal('refund_not_found');
    if (refund.state === 'made') return;
    if (refund.way === 'card' && refund.state === 'open') throw new Refusal('being_refunded');
    await finish(tx, refund, { state: 'succeeded' });
  });
}

/** The refunds of an invoice, oldest first. @throws {Refusal} `account_not_found` */
export async function listRefunds(ctx: Ctx, accountId: string, invoiceId: string): Promise<RefundSummary[]> {
  await admitToInvoice(ctx, accountId, invoiceId);
  const docs = await refundsOf(accountId, invoiceId, MOST_LISTED);
  return docs.map(({ _id: id, way, state, failure, amount, currency }) => ({
    ...{ id, way, state, failure },
    amount: formatMoney(fromDecimal128(amount), currency),
  }));
}

async function tryRefund(ctx: Ctx, provider: CardProvider, { _id, accountId }: RefundDoc): Promise<boolean> {
  const hold = await Hold.claim(`refund:${_id}`, LEASE_MS);
  if (!hold) return false;
  try {
    const refund = await openRefund(accountId, _id);
    if (!refund?.providerPaymentId) return false;
    const outcome = await outcomeOf(provider, refund, refund.providerPaymentId);
    if (outcome.state === 'open') return false;
    await inTransaction(ctx, async (tx) => {
      const now = await openRefund(accountId, _id);
      if (now) await finish(automaticChange(tx), now, outcome);
    });
    return true;
  } finally {
    await hold.free();
  }
}

async function outcomeOf(provider: CardProvider, refund: RefundDoc, providerPaymentId: string): Promise<ChargeOutcome> {
  const { _id: key, amount, currency } = refund;
  try {
    return await provider.refund({ key, providerPaymentId, amount: fromDecimal128(amount), currency });
  } catch (error) {
    if (error instanceof ProviderRefusal) return { state: 'failed', reason: error.message };
    throw error;
  }
}

async function finish(
  tx: Change,
  refund: RefundDoc,
  outcome: Exclude<ChargeOutcome, { state: 'open' }>,
): Promise<void> {
  const { _id, accountId, invoiceId, currency, way } = refund;
  const invoice = await issuedInvoice(accountId, invoiceId);
  const isMade = outcome.state === 'succeeded';
  const failure = isMade ? null : outcome.reason;
  const state = isMade ? ('made' as const) : ('failed' as const);
  await endRefund(tx, refund, { state, failure, endedAt: tx.clock.now() });
  const amount = formatMoney(fromDecimal128(refund.amount), currency);
  const how = way === 'card' && refund.state === 'open' ? ' to the card' : '';
  await tx.record({
    accountId,
    type: isMade ? 'payment_refunded' : 'payment_failed',
    description: isMade
      ? `Refunded ${amount} of invoice ${invoice.number}${how}`
      : `The refund of ${amount} for invoice ${invoice.number}${how} failed: ${failure}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId,
    before: { refundId: _id, state: refund.state },
    after: { refundId: _id, state },
  });
}
