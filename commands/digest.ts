import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openDigest } from '../views/notices/digest-form.ts';
import { isMine } from './parse/keywords.ts';
import { mayEditGroups, unless } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function digest(deps: Deps): Subcommand {
  return {
    name: 'digest',
    summary:
      'Send a weekly or monthly cost digest to this channel or to yourself: the total, the largest changes and the budgets.',
    usage: '[mine]',
    examples: ['digest', 'digest mine'],
    topic: 'Notifications',
    partFor: unless(mayEditGroups, {
      summary: 'Send yourself a weekly or monthly cost digest: the total, the largest changes and the budgets.',
      usage: '[mine]',
      examples: ['digest', 'digest mine'],
    }),
    async run(context, words) {
      await openDigest(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        const origin = { account: account._id, group: '', more: {}, channel: context.channelId };
        // a direct message can't be chosen as a channel
        const channelId = context.channelId.startsWith('D') ? undefined : context.channelId;
        return { ctx, origin, channelId, isMine: isMine(words) };
      });
    },
  };
}
