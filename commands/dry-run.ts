import { Refusal } from '../src/billing/refusal.ts';
import type { Deps } from '../src/slack/requests/caller.ts';
import { openDryRun } from '../views/invoices/dry-run.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import type { Subcommand } from './router.ts';

export function dryRun(deps: Deps): Subcommand {
  return {
    name: 'dry-run',
    summary: 'Show what the next close would issue in this account, and what it would hold back.',
    usage: '',
    examples: ['dry-run'],
    topic: 'Invoices',
    async run(context, words) {
      if (words.length > 0) {
        throw new Refusal('invalid_command', {
          problem: 'A dry run always covers the next close of the whole account.',
          usage: 'Type `/billing dry-run`, or `/billing preview GROUP` for one group.',
        });
      }
      await openDryRun(context, accountOfCaller(deps, context));
    },
  };
}
