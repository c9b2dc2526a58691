import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { costsReply } from '../views/costs/costs.ts';
import { currentPeriodOf, monthTyped } from './parse/typed-month.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function costs(deps: Deps): Subcommand {
  return {
    name: 'costs',
    summary: 'Show a month’s costs by billing group, project and service.',
    usage: '[MONTH]',
    examples: ['costs', 'costs last month', 'costs 2026-10'],
    topic: 'Costs',
    async run(context, words) {
      const caller = await callerOf(deps, context);
      const { ctx, account } = caller;
      const typed = phrase(words);
      const period = typed === '' ? undefined : monthTyped(typed, currentPeriodOf(caller));
      await context.respond(await costsReply(ctx, account._id, period));
    },
  };
}
