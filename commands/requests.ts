import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openMoveRequests } from '../views/moves/move-requests.ts';
import type { Subcommand } from './router.ts';

export function requests(deps: Deps): Subcommand {
  return {
    name: 'requests',
    summary: 'Show your move requests, and approve or reject those waiting for you.',
    usage: '',
    examples: ['requests'],
    topic: 'Projects',
    async run(context) {
      await openMoveRequests(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        return { ctx, account: account._id };
      });
    },
  };
}
