import type { Period, Span } from '../period/period.ts';
import { type Amount, holdsIn, type Term } from './adjustment.ts';
import { addedLine, compare, type DraftLine } from './line.ts';
import { type TrailEntry, trailEntry } from './trail-entry.ts';

/** An amount charged in addition to the costs: once, in its first month, or in every month of its term. */
export interface ExtraCharge extends Term, Amount {
  readonly id: string;
  readonly description: string;
  readonly isMonthly: boolean;
  /** Null for the whole group. */
  readonly project: { readonly id: string; readonly name: string } | null;
}

/** The lines for the charges of a period, each in its own currency. */
export function chargeLines(
  charges: readonly ExtraCharge[],
  of: { readonly period: Period; readonly span: Span },
): { readonly lines: readonly DraftLine[]; readonly trail: readonly TrailEntry[] } {
  const due = charges
    .filter((charge) => holdsIn(charge, of.period) && (charge.isMonthly || charge.from === of.period))
    .sort((a, b) => compare(a.id, b.id));
  return {
    lines: due.map(({ description, project, amount, currency }) =>
      addedLine({ lineType: 'extra_charge', description, project, amount, currency, ...of.span }),
    ),
    trail: due.map(({ description, project, amount, currency, isMonthly }) => {
      const what = project ? `${description}, project ${project.name}` : description;
      const why = isMonthly ? 'Charged every month.' : 'Charged once, in this month.';
      return trailEntry('charge', { what, after: amount, currency, why });
    }),
  };
}
