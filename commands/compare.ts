import { isMonthName } from '../src/billing/period/typed-period.ts';
import { compareWithMonthBefore } from '../src/services/insight/month-comparison.ts';
import { findSubject, maybeSubject } from '../src/services/insight/subject.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { comparisonReply } from '../views/costs/comparison.ts';
import { currentPeriodOf, endingWithMonth } from './parse/typed-month.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function compare(deps: Deps): Subcommand {
  return {
    name: 'compare',
    summary: 'Show what changed from one month to the next, for a billing group, a project or the whole account.',
    usage: '[GROUP | PROJECT] [MONTH]',
    examples: ['compare', 'compare "Team Blue"', 'compare web-shop last month', 'compare "Team Blue" 2026-10'],
    topic: 'Costs',
    async run(context, words) {
      const caller = await callerOf(deps, context);
      const { ctx, account } = caller;
      const read = endingWithMonth(words, currentPeriodOf(caller));
      // a name can end with a month, such as "Team May"
      const isName = read && read.name !== '' && isMonthName(read.month);
      const whole = isName ? await maybeSubject(ctx, account._id, phrase(words)) : undefined;
      const name = read ? read.name : phrase(words);
      const subject = whole ?? (await findSubject(ctx, account._id, name));
      const comparison = await compareWithMonthBefore(ctx, account._id, subject, whole ? undefined : read?.period);
      await context.respond(comparisonReply(account._id, comparison));
    },
  };
}
