import { shiftPeriod } from '../src/billing/period/period.ts';
import { reviewStates } from '../src/services/notices/review-answers.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { reviewsReply } from '../views/notices/cost-review.ts';
import { currentPeriodOf, monthTyped } from './parse/typed-month.ts';
import { mayIssue } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function reviews(deps: Deps): Subcommand {
  return {
    name: 'reviews',
    summary: 'Show who has reviewed and explained the costs of a month.',
    usage: '[MONTH]',
    examples: ['reviews', 'reviews 2026-10'],
    topic: 'Costs',
    allowed: mayIssue,
    async run(context, words) {
      const caller = await callerOf(deps, context);
      const current = currentPeriodOf(caller);
      const period = words.length === 0 ? shiftPeriod(current, -1) : monthTyped(phrase(words), current);
      await context.respond(reviewsReply(period, await reviewStates(caller.ctx, caller.account._id, period)));
    },
  };
}
