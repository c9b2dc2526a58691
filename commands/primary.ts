import { findGroup } from '../src/services/group-lists.ts';
import { setPrimaryGroup } from '../src/services/groups.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { needed } from './needed.ts';
import type { Subcommand } from './router.ts';
import { mayAdminister } from './who.ts';
import { phrase } from './words.ts';

export function primary(deps: Deps): Subcommand {
  return {
    name: 'primary',
    summary: 'Make a billing group the one that new projects join.',
    usage: 'GROUP',
    examples: ['primary "Team Blue"'],
    topic: 'Billing groups',
    allowed: mayAdminister,
    async run(context, words) {
      const name = needed(phrase(words), 'Which group?', '/billing primary GROUP');
      const { ctx, account } = await callerOf(deps, context);
      const found = await findGroup(ctx, account._id, name);
      const group = await setPrimaryGroup(ctx, { accountId: account._id, billingGroupId: found._id });
      await context.respond(`New projects now join *${escapeMrkdwn(group.name)}*.`);
    },
  };
}
