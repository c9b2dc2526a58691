import type { Decimal } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { type CurrencyComparison, compareWithMonthBefore } from '../insight/month-comparison.ts';
import type { Subject } from '../insight/subject.ts';
import type { Ctx } from '../kit/context.ts';

/** The costs that a review is about: those of a group’s invoice, or of some of its projects on it. */
export interface ReviewedCosts {
  readonly accountId: string;
  readonly group: Pick<GroupDoc, '_id' | 'name'>;
  readonly period: Period;
  readonly currency: string;
  /** Empty for the whole group. */
  readonly projectIds: readonly string[];
}

/** The month compared with the one before, in the invoice's currency; undefined without any costs. */
export async function reviewedChange(
  ctx: Ctx,
  { accountId, group, period, currency, projectIds }: ReviewedCosts,
): Promise<CurrencyComparison | undefined> {
  const subject: Subject = { kind: 'group', group, ...(projectIds.length > 0 && { only: projectIds }) };
  const { currencies } = await compareWithMonthBefore(ctx, accountId, subject, period);
  return currencies.find((one) => one.currency === currency);
}

/** Whether the change is above a limit in percent of the month before. Any new cost is. */
export async function isLargeChange(ctx: Ctx, of: ReviewedCosts, limit: number): Promise<boolean> {
  const change = await reviewedChange(ctx, of);
  return change !== undefined && isAbove(change, limit);
}

function isAbove({ change, before }: { readonly change: Decimal; readonly before: Decimal }, limit: number): boolean {
  return change.abs().times(100).gt(before.abs().times(limit));
}
