import type { Decimal } from '../money/money.ts';
import type { Period } from '../period/period.ts';

/** The months in which something applies, both ends included. Without an end, it applies until further notice. */
export interface Term {
  readonly from: Period;
  readonly until: Period | null;
}

export function holdsIn(term: Term, period: Period): boolean {
  return term.from <= period && (term.until === null || period <= term.until);
}

/** An amount with its currency: the invoice's, or one to be converted. */
export interface Amount {
  readonly amount: Decimal;
  readonly currency: string;
}

export const ADJUSTMENT_KINDS = ['discount', 'charge', 'commitment'] as const;
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number];

/** The maximum length of a description, which is printed as an invoice line. */
export const DESCRIPTION_LIMIT = 128;
