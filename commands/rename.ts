import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { renameGroup } from '../src/services/groups/groups.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { twoNames } from './parse/keywords.ts';
import { mayEditGroups } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function rename(deps: Deps): Subcommand {
  return {
    name: 'rename',
    summary: 'Rename a billing group.',
    usage: 'GROUP to NAME',
    examples: ['rename "Team Blue" to "Team Sky"'],
    topic: 'Billing groups',
    allowed: mayEditGroups,
    async run(context, words) {
      const names = twoNames(words, 'to');
      if (!names) {
        throw new Refusal('invalid_command', {
          problem: 'Enter a billing group and its new name.',
          usage: 'Type `/billing rename "Team Blue" to "Team Sky"`.',
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
