import { findGroup } from '../src/services/group-lists.ts';
import { createGroup } from '../src/services/groups.ts';
import { section } from '../src/slack/blocks.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { openCreateGroup } from '../views/group-create.ts';
import { groupButtons } from '../views/groups.ts';
import { cutAt } from './parts.ts';
import type { Subcommand } from './router.ts';
import { mayEditGroups } from './who.ts';

export function create(deps: Deps): Subcommand {
  return {
    name: 'create',
    summary: 'Make a billing group; without a name, by a form with all that can be said.',
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
