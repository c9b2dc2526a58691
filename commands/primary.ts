import { findGroup } from '../src/services/groups/group-lists.ts';
import { setPrimaryGroup } from '../src/services/groups/groups.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { needed } from './parse/needed.ts';
import { mayAdminister } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function primary(deps: Deps): Subcommand {
  return {
    name: 'primary',
    summary: 'Set the primary group, which new projects join.',
    usage: 'GROUP',
    examples: ['primary "Team Blue"'],
    topic: 'Billing groups',
    allowed: mayAdminister,
    async run(context, words) {
      const name = needed(phrase(words), 'Enter a billing group.', '/billing primary GROUP');
      const { ctx, account } = await callerOf(deps, context);
      const found = await findGroup(ctx, account._id, name);
      const group = await setPrimaryGroup(ctx, { accountId: account._id, billingGroupId: found._id });
      await context.respond(`New projects now join *${escapeMrkdwn(group.name)}*.`);
    },
  };
}
