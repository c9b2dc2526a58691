import type { Decimal } from '../money/money.ts';

/** The steps of an invoice's calculation, in order. */
export const TRAIL_STEPS = [
  'costs',
  'charge',
  'conversion',
  'discount',
  'commitment',
  'rounding',
  'credit',
  'tax',
  'total',
  'prepaid',
  'due',
] as const;
export type TrailStep = (typeof TRAIL_STEPS)[number];

/** One calculation step as stored with the invoice: plain values, amounts as decimal digits. */
export interface TrailEntry {
  readonly step: TrailStep;
  /** The inputs of the step, in a few words. */
  readonly what: string;
  /** In `currency`; null if there was no amount before. */
  readonly before: string | null;
  readonly after: string;
  readonly currency: string;
  /** The rule, as a sentence. */
  readonly why: string;
}

export function trailEntry(
  step: TrailStep,
  of: {
    readonly what: string;
    readonly before?: Decimal | undefined;
    readonly after: Decimal;
    readonly currency: string;
    readonly why: string;
  },
): TrailEntry {
  const { what, before, after, currency, why } = of;
  return {
    step,
    what,
    before: before ? before.toFixed() : null,
    after: after.toFixed(),
    currency,
    why,
  };
}
