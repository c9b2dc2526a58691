import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/group-lists.ts';
import { renameGroup } from '../src/services/groups.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { twoNames } from './parts.ts';
import type { Subcommand } from './router.ts';
import { mayEditGroups } from './who.ts';

export function rename(deps: Deps): Subcommand {
  return {
    name: 'rename',
    summary: 'Give a billing group another name.',
    usage: 'GROUP to NAME',
    examples: ['rename "Team Blue" to "Team Sky"'],
    topic: 'Billing groups',
    allowed: mayEditGroups,
    async run(context, words) {
      const names = twoNames(words, 'to');
      if (!names) {
        throw new Refusal('invalid_input', 'Which group, and what shall it be called?', {
          wayOut: 'Type `/billing rename "Team Blue" to "Team Sky"`.',
        });
      }
      const { ctx, account } = await callerOf(deps, context);
      const group = await findGroup(ctx, account._id, names[0]);
      const { before, after } = await renameGroup(ctx, {
        accountId: account._id,
        billingGroupId: group._id,
        name: names[1],
      });
      await context.respond(`Renamed billing group *${escapeMrkdwn(before)}* to *${escapeMrkdwn(after)}*.`);
    },
  };
}
