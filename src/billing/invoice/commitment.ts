import { type Decimal, formatMoney, sum } from '../money/money.ts';
import type { Period, Span } from '../period/period.ts';
import { type Amount, holdsIn, type Term } from './adjustment.ts';
import { addedLine, compare, type DraftLine } from './line.ts';
import { type TrailEntry, trailEntry } from './trail-entry.ts';

/** The minimum that a group pays for each month of a term, before credits and tax. */
export interface Commitment extends Term, Amount {
  readonly id: string;
  readonly description: string;
}

/**
 * A commitment_fee line for the gap to each minimum of a period, lowest first, so that the total reaches the highest
 * minimum. Everything before credits counts: costs after discounts, and extra charges.
 *
 * @param commitments in the invoice's currency
 */
export function commitmentFees(
  commitments: readonly Commitment[],
  reached: Decimal,
  of: { readonly period: Period; readonly span: Span; readonly currency: string },
): { readonly lines: readonly DraftLine[]; readonly trail: readonly TrailEntry[] } {
  const { currency, span } = of;
  const lines: DraftLine[] = [];
  const trail: TrailEntry[] = [];
  let before = reached;
  const due = commitments.filter((one) => holdsIn(one, of.period));
  for (const { amount, description } of due.sort((a, b) => a.amount.comparedTo(b.amount) || compare(a.id, b.id))) {
    const gap = sum([amount, before.neg()]);
    if (!gap.gt(0)) continue;
    const text = `${description}: up to the minimum of ${formatMoney(amount, currency)}`;
    lines.push(addedLine({ lineType: 'commitment_fee', description: text, amount: gap, currency, ...span }));
    const why = 'The difference to the month’s minimum. Costs after discounts and extra charges count towards it.';
    trail.push(trailEntry('commitment', { what: text, before, after: amount, currency, why }));
    before = amount;
  }
  return { lines, trail };
}
