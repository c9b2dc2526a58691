import { eachOfAll, eachStep, type Loop } from '../src/services/background/each-of-all.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import { startReviews } from '../src/services/notices/cost-reviews.ts';
import { TOKEN_WORDS } from '../src/services/notices/courier.ts';
import {
  accountsWithUntoldReviews,
  type CostReviewDoc,
  eachUntoldReview,
  noteAllTold,
  noteTold,
  type ReviewerDoc,
  reviewById,
  type UntoldReview,
} from '../src/services/notices/review-answers.ts';
import { reviewSummary } from '../src/services/notices/review-summary.ts';
import { permanentErrorOf } from '../src/slack/web-api/api-errors.ts';
import type { Messenger } from '../src/slack/web-api/messenger.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { costReviewMessage } from '../views/notices/cost-review.ts';
import { accountsInReach, messengerFor } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';
import { namedMessage } from './kit/named-message.ts';
import { postOnce } from './kit/post-once.ts';

const BATCH = 50;
const TELLING: Loop<UntoldReview> = {
  kind: 'cost-review-messages',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId, invoiceId }) => ({ id, accountId, billingGroupId, invoiceId }),
  what: 'send a cost review',
  most: BATCH,
  inTurn: true,
};

/** Asks approvers and leads to review the costs of issued invoices. */
export function reviewsJob(messengers: Messengers): Job {
  return {
    name: 'reviews',
    does: 'asks approvers and project leads to review the costs of issued invoices',
    everyMs: 60_000,
    zone: 'months are in the account’s time zone',
    concurrency: 'each process',
    missed: 'the invoices of the latest month are sent for review, once to each person',
    run: (ctx) =>
      eachStep(ctx, {
        start: () => startReviews(ctx),
        send: async () => {
          const accountIds = await accountsInReach(messengers, await accountsWithUntoldReviews());
          await eachOfAll(ctx, TELLING, eachUntoldReview([...accountIds]), async ({ _id, accountId }) => {
            const review = await reviewById(accountId, _id);
            if (review) await tellAll(ctx, messengers, review);
          });
        },
      }),
  };
}

async function tellAll(ctx: Ctx, messengers: Messengers, review: CostReviewDoc): Promise<void> {
  const messenger = await messengerFor(messengers, review.accountId);
  const loop: Loop<ReviewerDoc> = {
    kind: 'cost-review-message',
    name: ({ userId }) => ({ id: `${review._id}:${userId}`, accountId: review.accountId }),
  };
  const untold = review.people.filter(({ toldAt }) => toldAt === null);
  await eachOfAll(ctx, loop, untold, (one) => tell(ctx, messenger, review, one.userId));
  await noteAllTold(review.accountId, review._id);
}

/** People who have left meanwhile, or don’t accept direct messages, are skipped. */
async function tell(ctx: Ctx, messenger: Messenger, review: CostReviewDoc, userId: string): Promise<void> {
  const { _id: reviewId, accountId } = review;
  const summary = await reviewSummary(ctx, review, userId);
  try {
    if (summary) {
      const channelId = await messenger.directMessages(userId);
      const message = await namedMessage(accountId, costReviewMessage(summary));
      await postOnce(ctx, messenger, { channelId }, message, `${reviewId}:${userId}`);
    }
  } catch (error) {
    const reason = permanentErrorOf(error);
    if (reason === undefined || TOKEN_WORDS.includes(reason)) throw error;
    ctx.log.warn({ review: reviewId, reason }, 'a person does not accept direct messages');
  }
  await noteTold({ accountId, reviewId, userId }, ctx.clock.now());
}
