import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { groupsReply } from '../views/group/group-list.ts';
import { openGroup } from '../views/group/index.ts';
import { groupPlace } from '../views/group/place.ts';
import { groupTyped } from './parse/typed-group.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function groups(deps: Deps): Subcommand {
  return {
    name: 'groups',
    summary: 'List billing groups with their costs so far: all, or those whose names contain a text.',
    usage: '[TEXT]',
    examples: ['groups', 'groups blue'],
    topic: 'Billing groups',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      await context.respond(await groupsReply(ctx, account, { page: 1, containing: phrase(words) }));
    },
  };
}

export function group(deps: Deps): Subcommand {
  return {
    name: 'group',
    summary: 'Show a billing group: costs so far, projects, invoices, credits, events, billing information.',
    usage: 'NAME',
    examples: ['group "Team Blue"'],
    topic: 'Billing groups',
    async run(context, words) {
      const find = groupTyped(deps, context, words, '/billing group NAME');
      await openGroup(context, async () => {
        const { ctx, account, group } = await find();
        return { ctx, place: groupPlace(account._id, group._id) };
      });
    },
  };
}
