import type { Deps } from '../src/slack/requests/caller.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
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
      await openMoveRequests(context, accountOfCaller(deps, context));
    },
  };
}
