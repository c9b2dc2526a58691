import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { invoiceOrFail } from '../../store/invoicing/invoice-reads.ts';
import type { CostReviewDoc } from '../../store/notices/cost-reviews.ts';
import type { BudgetSummary } from '../budgets/budget-spending.ts';
import { budgetOf } from '../budgets/budgets.ts';
import type { CurrencyComparison } from '../insight/month-comparison.ts';
import type { Ctx } from '../kit/context.ts';
import { movesOf } from '../moves/move-read.ts';
import { type OwnReview, ownReview } from './review-answers.ts';
import { reviewedChange } from './review-figures.ts';

/** What a person is sent about the costs that they review. */
export interface ReviewSummary extends OwnReview {
  /** The titles of the projects that they are asked about; empty for the whole group. */
  readonly projects: readonly string[];
  /** Undefined without any costs in both months. */
  readonly change: CurrencyComparison | undefined;
  /** The group's budget, for its approvers. */
  readonly budget: BudgetSummary | undefined;
  /** How many requests to move projects wait for their decision. */
  readonly pendingMoves: number;
}

/**
 * A review as the person who is asked sees it, by their rights now; undefined if they no longer have access.
 *
 * @param userId of the person
 */
export async function reviewSummary(
  ctx: Ctx,
  { _id: reviewId, accountId, invoiceId }: CostReviewDoc,
  userId: string,
): Promise<ReviewSummary | undefined> {
  const { teamId } = await accountOrFail(accountId);
  const own: Ctx = { ...ctx, actor: { kind: 'person', teamId, userId } };
  try {
    const review = await ownReview(own, { accountId, reviewId });
    const { billingGroupId, period } = review.review;
    const { projectIds } = review.own;
    const { currency } = await invoiceOrFail(accountId, invoiceId);
    const group = { _id: billingGroupId, name: review.groupName };
    const titles = await titlesOfProjects(accountId, projectIds);
    return {
      ...review,
      projects: projectIds
        .map((id) => titles.get(id) ?? id)
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
      change: await reviewedChange(own, { accountId, group, period, currency, projectIds }),
      budget: projectIds.length === 0 ? await budgetOf(own, accountId, billingGroupId) : undefined,
      pendingMoves: (await movesOf(own, accountId)).waiting.length,
    };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
