import { type Period, periodName } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import {
  accountsWithUntoldReviews,
  type CostReviewDoc,
  eachUntoldReview,
  noteAllTold,
  noteTold,
  type ReviewerDoc,
  reviewById,
  reviewsOfPeriod,
  storeAnswer,
  type UntoldReview,
} from '../../store/notices/cost-reviews.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';

export type { CostReviewDoc, ReviewerDoc, UntoldReview };
export { accountsWithUntoldReviews, eachUntoldReview, noteAllTold, noteTold, reviewById };

/** The most characters of an explanation. */
export const MOST_REASON = 500;

/** A person's own review, and what it is called. */
export interface OwnReview {
  readonly review: CostReviewDoc;
  readonly own: ReviewerDoc;
  readonly groupName: string;
}

/** Identifies a review in a button. */
export interface ReviewId {
  readonly accountId: string;
  readonly reviewId: string;
}

/**
 * The caller's own review. @throws {Refusal} `cost_review_not_found` if they weren't asked, or don't see the group any longer
 */
export async function ownReview(ctx: Ctx, { accountId, reviewId }: ReviewId): Promise<OwnReview> {
  const { sight } = await admit(ctx, accountId, 'see');
  const review = await reviewById(accountId, reviewId);
  const { actor } = ctx;
  const own = actor.kind === 'person' ? review?.people.find(({ userId }) => userId === actor.userId) : undefined;
  if (!review || !own || !sight.sees(review.billingGroupId)) throw new Refusal('cost_review_not_found');
  const names = await groupNames(accountId, [review.billingGroupId]);
  return { review, own, groupName: names.get(review.billingGroupId) ?? '' };
}

/**
 * Notes that the caller has seen the costs, with an explanation or without. Safe to repeat. An explanation can be
 * replaced, and each is in the log and announced.
 *
 * @returns the review as it is now
 * @throws {Refusal} `cost_review_not_found`
 */
export async function answerReview(ctx: Ctx, id: ReviewId, reason: string | null): Promise<OwnReview> {
  return inChange(ctx, id.accountId, 'see', async (tx) => {
    const { review, own, groupName } = await ownReview(tx, id);
    const { _id: reviewId, accountId, billingGroupId, invoiceId, period } = review;
    const name = { accountId, reviewId, userId: own.userId };
    const seenAt = own.seenAt ?? tx.clock.now();
    if (!(await storeAnswer(tx, name, { seenAt, reason }))) return { review, own, groupName };
    const of = { accountId, billingGroupId, invoiceId, after: { reason } };
    const month = periodName(period);
    if (reason === null) {
      const description = `Reviewed the costs of billing group "${groupName}" for ${month}`;
      await tx.record({ ...of, type: 'cost_review_seen', description });
    } else {
      const description = `Explained the costs of billing group "${groupName}" for ${month}: "${reason}"`;
      await tx.record({ ...of, type: 'cost_review_explained', description, before: { reason: own.reason } });
    }
    return { review, own: { ...own, seenAt, reason: reason ?? own.reason }, groupName };
  });
}

/** The state of a person's review. */
export interface ReviewState {
  readonly groupName: string;
  readonly userId: string;
  /** How many projects they were asked about; 0 for the whole group. */
  readonly projects: number;
  readonly state: 'waiting' | 'explanation_missing' | 'seen' | 'explained';
}

/**
 * Who was asked about a month, and who has answered: those who haven't first, then by group. Two queries besides that
 * of the admission. @throws {Refusal} `role_needed`
 */
export async function reviewStates(ctx: Ctx, accountId: string, period: Period): Promise<ReviewState[]> {
  const { sight } = await admit(ctx, accountId, 'issue');
  const reviews = sight.among(await reviewsOfPeriod(accountId, period));
  const names = await groupNames(accountId, [...new Set(reviews.map(({ billingGroupId }) => billingGroupId))]);
  return reviews
    .flatMap(({ billingGroupId, people }) =>
      people.map((one) => ({
        ...{ groupName: names.get(billingGroupId) ?? '', userId: one.userId, projects: one.projectIds.length },
        state: stateOf(one),
      })),
    )
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        a.groupName.localeCompare(b.groupName, 'en', { numeric: true }) ||
        (a.userId < b.userId ? -1 : 1),
    );
}

const ORDER: readonly ReviewState['state'][] = ['waiting', 'explanation_missing', 'seen', 'explained'];

export function stateOf({ seenAt, reason, needsReason }: ReviewerDoc): ReviewState['state'] {
  if (reason !== null) return 'explained';
  if (seenAt === null) return 'waiting';
  return needsReason ? 'explanation_missing' : 'seen';
}
