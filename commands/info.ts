import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openGroup } from '../views/group/index.ts';
import { groupPlace } from '../views/group/place.ts';
import { needed } from './parse/needed.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function info(deps: Deps): Subcommand {
  return {
    name: 'info',
    summary: 'Show a group’s billing information: company, address, VAT ID, email addresses, payment method.',
    usage: 'GROUP',
    examples: ['info "Team Blue"'],
    topic: 'Billing groups',
    async run(context, words) {
      const name = needed(phrase(words), 'Enter a billing group.', '/billing info GROUP');
      await openGroup(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        return { ctx, place: groupPlace(account._id, (await findGroup(ctx, account._id, name))._id, 'billing') };
      });
    },
  };
}
