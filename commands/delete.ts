import type { Deps } from '../src/slack/requests/caller.ts';
import { openDeleteGroup } from '../views/group/group-menu.ts';
import { groupTyped } from './parse/typed-group.ts';
import { mayEditGroups } from './parse/who-may.ts';
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
      const find = groupTyped(deps, context, words, '/billing delete GROUP');
      await openDeleteGroup(context, async () => {
        const { ctx, account, group } = await find();
        return { ctx, origin: { account: account._id, group: group._id, more: {}, channel: context.channelId } };
      });
    },
  };
}
