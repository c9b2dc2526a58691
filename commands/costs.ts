import { parsePeriod } from '../src/billing/period/period.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { costsReply } from '../views/costs/costs.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function costs(deps: Deps): Subcommand {
  return {
    name: 'costs',
    summary: 'Show a month’s costs by billing group, project and service.',
    usage: '[MONTH]',
    examples: ['costs', 'costs 2026-10'],
    topic: 'Costs',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const typed = phrase(words);
      const period = typed === '' ? undefined : parsePeriod(typed);
      if (typed !== '' && !period)
        throw new Refusal('invalid_command', {
          problem: `“${typed}” isn’t a valid month.`,
          usage: 'Use a month such as `2026-10` or `October 2026`.',
        });
      await context.respond(await costsReply(ctx, account._id, period));
    },
  };
}
