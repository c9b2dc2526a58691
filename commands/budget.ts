import { readBudgetWords } from '../src/billing/group/typed-budget.ts';
import { removeBudget, setBudget } from '../src/services/budgets/budgets.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { budgetText, openBudgets } from '../views/costs/budgets.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import { mayEditGroups, unless } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

const NONE = ['none', 'off', 'remove'];

export function budget(deps: Deps): Subcommand {
  return {
    name: 'budget',
    summary: 'Show monthly budgets and what’s been used, or set a billing group’s budget.',
    usage: '[GROUP AMOUNT [PERCENT, …] | GROUP none]',
    examples: ['budget', 'budget "Team Blue" 500', 'budget "Team Blue" 500 80,100', 'budget "Team Blue" none'],
    topic: 'Costs',
    partFor: unless(mayEditGroups, {
      summary: 'Show monthly budgets and what’s been used.',
      usage: '',
      examples: ['budget'],
    }),
    async run(context, words) {
      const [name, amount, ...rest] = words;
      if (!name || !amount) {
        await openBudgets(context, accountOfCaller(deps, context));
        return;
      }
      const { ctx, account } = await callerOf(deps, context);
      const group = await findGroup(ctx, account._id, name.text);
      if (NONE.includes(amount.text.toLowerCase())) {
        await removeBudget(ctx, account._id, group._id);
        await context.respond({ text: `Removed the budget of *${escapeMrkdwn(group.name)}*.` });
        return;
      }
      const typed = readBudgetWords(
        [amount, ...rest].map(({ text }) => text),
        group.currency,
      );
      const set = await setBudget(ctx, { accountId: account._id, billingGroupId: group._id, ...typed });
      await context.respond({
        text: `Set the budget of *${escapeMrkdwn(group.name)}*. Used so far: ${budgetText(set)}.`,
      });
    },
  };
}
