import { forecastMonth } from '../src/services/insight/month-forecast.ts';
import { findSubject } from '../src/services/insight/subject.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { forecastReply } from '../views/costs/forecast.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function forecast(deps: Deps): Subcommand {
  return {
    name: 'forecast',
    summary: 'Show where this month’s costs will end, for a billing group, a project or the whole account.',
    usage: '[GROUP | PROJECT]',
    examples: ['forecast', 'forecast "Team Blue"', 'forecast web-shop'],
    topic: 'Costs',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const subject = await findSubject(ctx, account._id, phrase(words));
      await context.respond(forecastReply(await forecastMonth(ctx, account._id, subject)));
    },
  };
}
