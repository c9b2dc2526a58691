import { type Decimal, sum } from '../money/money.ts';
import { type InvoiceLine, isCost } from './line.ts';

/** What an invoice's net is made of; the four add up to it. Sums of rounded lines, so that parts of them add up, too. */
export interface Breakdown {
  /** What usage records came to, before discounts. */
  readonly costs: Decimal;
  /** Discounts, below zero, and extra charges. */
  readonly adjustments: Decimal;
  /** What was missing to the minimum of the month. */
  readonly commitments: Decimal;
  /** What promotional credits paid: never above zero. */
  readonly credits: Decimal;
}

/** What can't be converted, since there is no rate, and is therefore in none of an invoice's figures. */
export interface LeftOut {
  readonly kind: 'costs' | 'extra charges' | 'discount' | 'commitment';
  readonly currency: string;
  readonly amount: Decimal;
}

type Line = Pick<InvoiceLine, 'lineType' | 'records' | 'preDiscount' | 'total'>;

/** The same for the lines of one project, which add up to those of the invoice with those that belong to none. */
export function breakdownOf(lines: readonly Line[]): Breakdown {
  const costs = lines.filter(isCost);
  const added = lines.filter((line) => !isCost(line));
  const totalOf = (some: readonly Line[]) => sum(some.map(({ total }) => total));
  const before = sum(costs.map(({ preDiscount }) => preDiscount));
  const fees = added.filter(({ lineType }) => lineType === 'commitment_fee');
  const credits = added.filter(({ lineType }) => lineType === 'credit_consumption');
  const others = added.filter((line) => !fees.includes(line) && !credits.includes(line));
  return {
    costs: before,
    adjustments: sum([totalOf(costs), before.neg(), totalOf(others)]),
    commitments: totalOf(fees),
    credits: totalOf(credits),
  };
}

/** What the four come to. */
export function netOf({ costs, adjustments, commitments, credits }: Breakdown): Decimal {
  return sum([costs, adjustments, commitments, credits]);
}

/** Several in one currency, added up. */
export function addUp(all: readonly Breakdown[]): Breakdown {
  const each = (part: keyof Breakdown) => sum(all.map((one) => one[part]));
  return {
    costs: each('costs'),
    adjustments: each('adjustments'),
    commitments: each('commitments'),
    credits: each('credits'),
  };
}
