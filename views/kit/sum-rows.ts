import type { LeftOut } from '../../src/billing/invoice/breakdown.ts';
import { type Decimal, formatMoney, sum, ZERO } from '../../src/billing/money/money.ts';
import type { CurrencyTotals } from '../../src/services/costs/cost-overview.ts';
import type { InvoiceSummary } from '../../src/services/invoicing/invoice-reading.ts';

const DUE = 'Amount due';
const WAIVED = 'Left to pay';
/** Rows that are shown even if they are zero. */
const ALWAYS: readonly string[] = ['Costs', DUE, WAIVED];

/** Figures that each build on those above, in the same words as on every screen. */
export interface Sums extends CurrencyTotals {
  /** Whether nothing is left to pay because the invoice was waived. */
  readonly isWaived?: boolean;
  /** Whether nobody is asked to pay it, as within a company. */
  readonly isNotCharged?: boolean;
}

/** An invoice's figures, with the customer's balance from a negative total. */
export function sumsOf({ breakdown, prepaid: credits, ...invoice }: InvoiceSummary): Sums {
  const { currency, net, tax, total, amountDue } = invoice;
  const prepaid = sum(credits.map(({ amount }) => amount));
  const inFavor = sum([amountDue, prepaid, total.neg()]);
  return {
    ...{ ...breakdown, currency, net, tax, total, prepaid, inFavor, amountDue },
    isWaived: invoice.state === 'waived',
    isNotCharged: invoice.state === 'no_payment_expected' && amountDue.gt(0),
  };
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
    { name: 'Credit balance', amount: sums.inFavor },
    ...dueRows(sums),
  ];
  return rows.filter(({ name, amount }) => ALWAYS.includes(name) || !amount.isZero());
}

/** What is to be paid. A waived invoice keeps its figures, and nothing of them is open. */
function dueRows({ amountDue, isWaived, isNotCharged }: Sums): { readonly name: string; readonly amount: Decimal }[] {
  if (isNotCharged) return [{ name: 'No payment expected', amount: amountDue }];
  if (!isWaived) return [{ name: DUE, amount: amountDue }];
  return [
    { name: 'Amount due before it was waived', amount: amountDue },
    { name: WAIVED, amount: ZERO },
  ];
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
    : ` · ${formatMoney(missing, group.currency)} short of the minimum commitment, charged only if costs stay below it`;
  return `${mark}${formatMoney(group.accumulated, group.currency)}${mark} so far in ${month}${fee}`;
}
