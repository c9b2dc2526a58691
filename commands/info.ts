import type { Deps } from '../src/slack/requests/caller.ts';
import { openGroup } from '../views/group/index.ts';
import { groupPlace } from '../views/group/place.ts';
import { groupTyped } from './parse/typed-group.ts';
import type { Subcommand } from './router.ts';

export function info(deps: Deps): Subcommand {
  return {
    name: 'info',
    summary: 'Show a group’s billing information: company, address, VAT ID, email addresses, payment method.',
    usage: 'GROUP',
    examples: ['info "Team Blue"'],
    topic: 'Billing groups',
    async run(context, words) {
      const find = groupTyped(deps, context, words, '/billing info GROUP');
      await openGroup(context, async () => {
        const { ctx, account, group } = await find();
        return { ctx, place: groupPlace(account._id, group._id, 'billing') };
      });
    },
  };
}
