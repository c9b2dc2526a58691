import { type Breakdown, breakdownOf, type LeftOut } from '../../billing/invoice/breakdown.ts';
import type { LineType } from '../../billing/invoice/line.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { COST, type InvoiceDoc, Lines } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../store/kit/decimal.ts';

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
  const lines = old.length === 0 ? [] : await partsOfOld(old);
  return new Map(
    docs.map((doc) => {
      const { _id } = doc;
      if (doc.breakdown) return [_id, plainBreakdown(doc)];
      const own = lines.filter(({ invoiceId }) => invoiceId === _id);
      return [_id, breakdownOf(own)];
    }),
  );
}

/** The lines of invoices, those of a kind added up. */
async function partsOfOld(invoiceIds: readonly string[]) {
  const key = { invoiceId: '$invoiceId', lineType: '$lineType', isCost: { $gt: ['$records', 0] } };
  const rows = await Lines.aggregate<{
    _id: { invoiceId: string; lineType: LineType; isCost: boolean };
    before: Decimal128;
    total: Decimal128;
  }>([
    { $match: { invoiceId: { $in: [...invoiceIds] } } },
    { $group: { _id: key, before: { $sum: COST }, total: { $sum: '$total' } } },
  ]);
  return rows.map(({ _id: { invoiceId, lineType, isCost }, before, total }) => ({
    ...{ invoiceId, lineType, records: Number(isCost) },
    ...{ preDiscount: fromDecimal128(before), total: fromDecimal128(total) },
  }));
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
