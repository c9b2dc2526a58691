import { setPrivacy } from '../src/services/groups/privacy.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../src/slack/requests/caller.ts';
import { groupTyped } from './parse/typed-group.ts';
import { mayEditGroups } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

const SEEN_BY = 'Only owners, billing admins, its approvers and the leads of its projects can see it now.';

export function makePrivate(deps: Deps): Subcommand {
  return privacy(deps, {
    name: 'private',
    summary: 'Make a billing group private to its approvers and the leads of its projects.',
    isPrivate: true,
    answer: (name) => `*${name}* is private. ${SEEN_BY}`,
  });
}

export function makePublic(deps: Deps): Subcommand {
  return privacy(deps, {
    name: 'public',
    summary: 'Make a private billing group visible to everybody in the account again.',
    isPrivate: false,
    answer: (name) => `Everybody in the account can see *${name}* now.`,
  });
}

function privacy(
  deps: Deps,
  of: Pick<Subcommand, 'name' | 'summary'> & { readonly isPrivate: boolean; answer(name: string): string },
): Subcommand {
  const { name, summary, isPrivate } = of;
  return {
    ...{ name, summary },
    usage: 'GROUP',
    examples: [`${name} "Team Blue"`],
    topic: 'Billing groups',
    allowed: mayEditGroups,
    async run(context, words) {
      const { ctx, account, group } = await groupTyped(deps, context, words, `/billing ${name} GROUP`)();
      const changed = await setPrivacy(ctx, { accountId: account._id, billingGroupId: group._id, isPrivate });
      await context.respond(of.answer(escapeMrkdwn(changed)));
    },
  };
}
