import { type Breakdown, breakdownOf, type LeftOut } from '../../billing/invoice/breakdown.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { linesByType } from '../../store/invoicing/line-sums.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';

/**
 * An estimate's costs so far, before tax. Commitment fees aren't included, because nobody owes them before the period
 * has ended.
 */
export function netSoFar({ net, beforeCommitments }: Pick<InvoiceDoc, 'net' | 'beforeCommitments'>): Decimal {
  return fromDecimal128(beforeCommitments?.net ?? net);
}

/** The gap to the commitments of an estimate's period if there are no more costs. */
export function missingToCommitments({ breakdown }: Pick<InvoiceDoc, 'breakdown'>): Decimal {
  return breakdown ? fromDecimal128(breakdown.commitments) : ZERO;
}

/** The breakdowns of invoices' nets, by ID; one more query for invoices of earlier versions, which need their lines. */
export async function breakdownsOf(
  accountId: string,
  docs: readonly Pick<InvoiceDoc, '_id' | 'breakdown' | 'net'>[],
): Promise<ReadonlyMap<string, Breakdown>> {
  const old = docs.filter(({ breakdown }) => !breakdown).map(({ _id }) => _id);
  const lines = old.length === 0 ? [] : await linesByType(accountId, old);
  return new Map(
    docs.map((doc) => {
      const { _id } = doc;
      if (doc.breakdown) return [_id, plainBreakdown(doc)];
      const own = lines.filter(({ invoiceId }) => invoiceId === _id);
      return [_id, breakdownOf(own)];
    }),
  );
}

/** The amounts that aren't included in any figure of an invoice, because there is no rate. */
export function leftOutOf({ leftOut = [] }: Pick<InvoiceDoc, 'leftOut'>): LeftOut[] {
  return leftOut.map(({ kind, currency, amount }) => ({ kind, currency, amount: fromDecimal128(amount) }));
}

/**
 * The stored breakdown of an invoice's net. For an invoice of an earlier version, everything counts as costs until its
 * lines are read.
 */
export function plainBreakdown({ breakdown: stored, net }: Pick<InvoiceDoc, 'breakdown' | 'net'>): Breakdown {
  if (!stored) return { costs: fromDecimal128(net), adjustments: ZERO, commitments: ZERO, credits: ZERO };
  return {
    costs: fromDecimal128(stored.costs),
    adjustments: fromDecimal128(stored.adjustments),
    commitments: fromDecimal128(stored.commitments),
    credits: fromDecimal128(stored.credits),
  };
}
