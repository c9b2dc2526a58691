import { setPrimaryGroup } from '../src/services/groups/groups.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../src/slack/requests/caller.ts';
import { groupTyped } from './parse/typed-group.ts';
import { mayAdminister } from './parse/who-may.ts';
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
      const { ctx, account, group } = await groupTyped(deps, context, words, '/billing primary GROUP')();
      const { name } = await setPrimaryGroup(ctx, { accountId: account._id, billingGroupId: group._id });
      await context.respond(`New projects now join *${escapeMrkdwn(name)}*.`);
    },
  };
}
