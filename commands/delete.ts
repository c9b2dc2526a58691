import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openDeleteGroup } from '../views/group/group-menu.ts';
import { needed } from './parse/needed.ts';
import { mayEditGroups } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function deleteCommand(deps: Deps): Subcommand {
  return {
    name: 'delete',
    summary: 'Delete a billing group that has no projects, after a confirmation.',
    usage: 'GROUP',
    examples: ['delete "Team Blue"'],
    topic: 'Billing groups',
    allowed: mayEditGroups,
    async run(context, words) {
      const name = needed(phrase(words), 'Enter a billing group.', '/billing delete GROUP');
      await openDeleteGroup(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        const group = await findGroup(ctx, account._id, name);
        return { ctx, origin: { account: account._id, group: group._id, more: {}, channel: context.channelId } };
      });
    },
  };
}
