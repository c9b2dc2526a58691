import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { groupsReply } from '../views/group/group-list.ts';
import { openGroup } from '../views/group/index.ts';
import { groupPlace } from '../views/group/place.ts';
import { needed } from './parse/needed.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function groups(deps: Deps): Subcommand {
  return {
    name: 'groups',
    summary: 'List all billing groups with their costs so far.',
    usage: '',
    examples: ['groups'],
    topic: 'Billing groups',
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      await context.respond(await groupsReply(ctx, account, 1));
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
      const name = needed(phrase(words), 'Enter a billing group.', '/billing group NAME');
      await openGroup(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        return { ctx, place: groupPlace(account._id, (await findGroup(ctx, account._id, name))._id) };
      });
    },
  };
}
