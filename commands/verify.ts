import { verifyLog } from '../src/services/events/event-log.ts';
import { section, context as smallPrint } from '../src/slack/blocks/blocks.ts';
import { code } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { count } from '../views/kit/figures.ts';
import type { Subcommand } from './router.ts';

export function verify(deps: Deps): Subcommand {
  return {
    name: 'verify',
    summary: 'Verify the event log: each entry carries the hash of the one before it.',
    usage: '',
    examples: ['verify'],
    topic: 'Log',
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      const { entries, hash, brokenAt } = await verifyLog(ctx, account._id);
      const sound = entries === 0 ? 'There are no valid entries before it.' : `Entries 1 to ${entries} are valid.`;
      const text =
        brokenAt === undefined
          ? `The event log is intact: ${count(entries, 'entry', 'entries')}, up to number ${entries}.`
          : `*The event log is broken at entry ${brokenAt}:* it was changed, removed or moved after it was written. ${sound}`;
      const last = entries === 0 ? [] : [smallPrint(`Hash of entry ${entries}: ${code(hash)}`)];
      await context.respond({ text, blocks: [section(text), ...last] });
    },
  };
}
