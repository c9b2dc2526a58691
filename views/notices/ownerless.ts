import type { OwnerlessAccount } from '../../src/services/access/deactivation.ts';
import { section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';

const MOST_NAMED = 5;

/** Tells a workspace's owners and admins that nobody can administer an account. */
export function ownerlessMessage({ name, owners }: Pick<OwnerlessAccount, 'name' | 'owners'>): Message {
  const text = `The billing account “${escapeMrkdwn(name)}” has no active owner.`;
  const named = owners.slice(0, MOST_NAMED).map(mention).join(', ');
  const whom = named === '' ? 'one of its owners' : `one of its owners (${named})`;
  return {
    text,
    blocks: [
      section(
        `*${text}*\nThe Slack accounts of all owners are deactivated, so nobody can change settings, members or tokens. Invoices are still issued.`,
      ),
      section(`To fix this, reactivate ${whom} in Slack. They can then make someone else an owner.`),
    ],
  };
}
