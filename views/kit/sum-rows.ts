import type { LeftOut } from '../../src/billing/invoice/breakdown.ts';
import { type Decimal, formatMoney, sum } from '../../src/billing/money/money.ts';
import type { InvoiceSummary } from '../../src/services/invoicing/invoice-reading.ts';

/** Figures that each build on those above, in the same words as on every screen. */
export interface Sums {
  readonly currency: string;
  readonly costs: Decimal;
  readonly adjustments: Decimal;
  readonly commitments: Decimal;
  readonly credits: Decimal;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  readonly prepaid: Decimal;
  readonly inFavour: Decimal;
  readonly amountDue: Decimal;
}

/** An invoice's figures, with the customer's balance from a negative total. */
export function sumsOf({ breakdown, prepaid: credits, ...invoice }: InvoiceSummary): Sums {
  const { currency, net, tax, total, amountDue } = invoice;
  const prepaid = sum(credits.map(({ amount }) => amount));
  const inFavour = sum([amountDue, prepaid, total.neg()]);
  return { ...breakdown, currency, net, tax, total, prepaid, inFavour, amountDue };
}

/** The figures as text, one per line: `EUR 12.00 · Costs`. */
export function sumsText(sums: Sums, isOpen: boolean): string {
  return sumRows(sums, isOpen)
    .map(({ name, amount }) => `${formatMoney(amount, sums.currency)} · ${name}`)
    .join('\n');
}

/** The figures with their names, in order. Zeros are left out, except for the first and the last. */
export function sumRows(sums: Sums, isOpen: boolean): { readonly name: string; readonly amount: Decimal }[] {
  const rows = [
    { name: 'Costs', amount: sums.costs },
    { name: 'Adjustments', amount: sums.adjustments },
    { name: isOpen ? 'Commitments, if there are no more costs' : 'Commitments', amount: sums.commitments },
    { name: 'Credits', amount: sums.credits },
    { name: 'Total before tax', amount: sums.net },
    { name: 'Tax', amount: sums.tax },
    { name: 'Total', amount: sums.total },
    { name: 'Purchased credits', amount: sums.prepaid.neg() },
    { name: 'Credit balance', amount: sums.inFavour },
    { name: 'Amount due', amount: sums.amountDue },
  ];
  return rows.filter(({ name, amount }) => name === 'Costs' || name === 'Amount due' || !amount.isZero());
}

/** `USD 12.00 of costs without an exchange rate`; undefined if nothing is left out. */
export function leftOutText(leftOut: readonly LeftOut[]): string | undefined {
  if (leftOut.length === 0) return undefined;
  const parts = leftOut.map(({ kind, currency, amount }) => `${formatMoney(amount, currency)} (${kind})`);
  return `*Not included, because the exchange rate is missing:* ${parts.join(', ')}`;
}

/** A month's costs: `USD 10.00 so far in November 2026`, and what is missing to its commitments. */
export function costsSoFarText(
  group: { readonly accumulated: Decimal; readonly missingToCommitments: Decimal; readonly currency: string },
  month: string,
  mark = '',
): string {
  const missing = group.missingToCommitments;
  const fee = missing.isZero()
    ? ''
    : ` · ${formatMoney(missing, group.currency)} to the minimum commitment, charged only if there are no more costs`;
  return `${mark}${formatMoney(group.accumulated, group.currency)}${mark} so far in ${month}${fee}`;
}
