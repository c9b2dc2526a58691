import { findGroup } from '../src/services/groups/group-lists.ts';
import { createGroup } from '../src/services/groups/groups.ts';
import { section } from '../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openCreateGroup } from '../views/group/group-create.ts';
import { groupButtons } from '../views/group/group-list.ts';
import { cutAt } from './parse/keywords.ts';
import { mayEditGroups } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function create(deps: Deps): Subcommand {
  return {
    name: 'create',
    summary: 'Create a billing group. Without a name, a form opens.',
    usage: '[NAME] [in CURRENCY] [for ENVIRONMENT] [like GROUP]',
    examples: ['create', 'create "Team Blue"', 'create "Team Blue" in EUR for prod'],
    topic: 'Billing groups',
    allowed: mayEditGroups,
    async run(context, words) {
      if (words.length === 0) {
        await openCreateGroup(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          return { ctx, origin: { account: account._id, group: '', more: {}, channel: context.channelId } };
        });
        return;
      }
      const { ctx, account } = await callerOf(deps, context);
      const { first: name, parts } = cutAt(words, ['in', 'for', 'like']);
      const model = parts.like === undefined ? undefined : await findGroup(ctx, account._id, parts.like);
      const group = await createGroup(ctx, {
        accountId: account._id,
        name,
        ...(parts.in !== undefined && { currency: parts.in.toUpperCase() }),
        ...(parts.for !== undefined && { environment: parts.for }),
        ...(model && { copyFrom: model._id }),
      });
      const text = `Created billing group *${escapeMrkdwn(group.name)}*, invoiced in ${group.currency}.`;
      await context.respond({ text, blocks: [section(text), groupButtons(account._id, group._id)] });
    },
  };
}
