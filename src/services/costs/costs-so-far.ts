import { type Breakdown, breakdownOf, type LeftOut } from '../../billing/invoice/breakdown.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { linesByType } from '../../store/invoicing/invoice-lines.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';

/**
 * What an estimate's period has come to so far, before tax: what is missing to a commitment is nobody's cost before the
 * period has ended.
 */
export function netSoFar({ net, beforeCommitments }: Pick<InvoiceDoc, 'net' | 'beforeCommitments'>): Decimal {
  return fromDecimal128(beforeCommitments?.net ?? net);
}

/** What is missing to the commitments of an estimate's period if no more costs come. */
export function missingToCommitments({ breakdown }: Pick<InvoiceDoc, 'breakdown'>): Decimal {
  return breakdown ? fromDecimal128(breakdown.commitments) : ZERO;
}

/** What the nets of invoices are made of, by their ids; one query for those of old, whose lines say it. */
export async function breakdownsOf(
  docs: readonly Pick<InvoiceDoc, '_id' | 'breakdown' | 'net'>[],
): Promise<ReadonlyMap<string, Breakdown>> {
  const old = docs.filter(({ breakdown }) => !breakdown).map(({ _id }) => _id);
  const lines = old.length === 0 ? [] : await linesByType(old);
  return new Map(
    docs.map((doc) => {
      const { _id } = doc;
      if (doc.breakdown) return [_id, plainBreakdown(doc)];
      const own = lines.filter(({ invoiceId }) => invoiceId === _id);
      return [_id, breakdownOf(own)];
    }),
  );
}

/** What is in no figure of an invoice, since there is no rate. */
export function leftOutOf({ leftOut = [] }: Pick<InvoiceDoc, 'leftOut'>): LeftOut[] {
  return leftOut.map(({ kind, currency, amount }) => ({ kind, currency, amount: fromDecimal128(amount) }));
}

/** What an invoice's net is made of, as far as it is stored: of one of old, all of it are costs until its lines are read. */
export function plainBreakdown({ breakdown: stored, net }: Pick<InvoiceDoc, 'breakdown' | 'net'>): Breakdown {
  if (!stored) return { costs: fromDecimal128(net), adjustments: ZERO, commitments: ZERO, credits: ZERO };
  return {
    costs: fromDecimal128(stored.costs),
    adjustments: fromDecimal128(stored.adjustments),
    commitments: fromDecimal128(stored.commitments),
    credits: fromDecimal128(stored.credits),
  };
}
