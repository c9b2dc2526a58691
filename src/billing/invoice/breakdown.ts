import { type Decimal, sum } from '../money/money.ts';
import { type InvoiceLine, isCost } from './line.ts';

/**
 * What an invoice's net consists of; the four parts add up to it. They are sums of rounded lines, so breakdowns by
 * project add up, too.
 */
export interface Breakdown {
  /** The total of usage records, before discounts. */
  readonly costs: Decimal;
  /** Discounts (negative) and extra charges. */
  readonly adjustments: Decimal;
  /** The gap to the month's minimum. */
  readonly commitments: Decimal;
  /** What promotional credits paid: zero or negative. */
  readonly credits: Decimal;
}

/** An amount that can't be converted because there is no rate. It isn't included in any of the invoice's figures. */
export interface LeftOut {
  readonly kind: 'costs' | 'extra charges' | 'discount' | 'commitment';
  readonly currency: string;
  readonly amount: Decimal;
}

type Line = Pick<InvoiceLine, 'lineType' | 'records' | 'preDiscount' | 'total'>;

/** The breakdown of one project's lines. All projects, and the lines without a project, add up to the invoice. */
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

/** The sum of the four parts. */
export function netOf({ costs, adjustments, commitments, credits }: Breakdown): Decimal {
  return sum([costs, adjustments, commitments, credits]);
}

/** The sum of several breakdowns in the same currency. */
export function addUp(all: readonly Breakdown[]): Breakdown {
  const each = (part: keyof Breakdown) => sum(all.map((one) => one[part]));
  return {
    costs: each('costs'),
    adjustments: each('adjustments'),
    commitments: each('commitments'),
    credits: each('credits'),
  };
}
