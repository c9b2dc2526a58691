import type { SubscriptionSummary } from '../../src/services/subscriptions.ts';
import { actions, button, section } from '../../src/slack/blocks.ts';
import type { Message } from '../../src/slack/messenger.ts';
import { channelMention } from '../../src/slack/mrkdwn.ts';
import { target } from '../target.ts';

/** Opens the form that takes a subscription to another channel; its value is a target with account and subscription. */
export const NOTIFY_MOVE_OPEN = 'notify.move.open';

/** Tries the same channel once more; the same value. */
export const NOTIFY_RESUME = 'notify.resume';

/** What is the matter, by Slack's word. */
const WHY: Readonly<Record<string, string>> = {
  is_archived: 'it is archived',
  channel_not_found: 'it is gone, or private and I am not in it',
  not_in_channel: 'I am not in it any more',
  account_inactive: 'Slack did not accept my token',
  invalid_auth: 'Slack did not accept my token',
  not_authed: 'Slack did not accept my token',
  token_expired: 'Slack did not accept my token',
  token_revoked: 'Slack did not accept my token',
  missing_scope: 'a permission is missing; whoever installed me has to install me again',
  no_permission: 'it does not let me write',
  posting_to_general_channel_denied: 'it does not let me write',
  user_disabled: 'that person’s Slack account was switched off',
  restricted_action: 'it does not let me write',
  restricted_action_read_only_channel: 'it does not let me write',
};

/** What those read who can mend a channel that takes nothing any more. */
export function brokenChannelMessage(
  subscription: Pick<SubscriptionSummary, '_id' | 'accountId' | 'channelId' | 'brokenBy'>,
): Message {
  const { _id, accountId, channelId, brokenBy } = subscription;
  const why = WHY[brokenBy ?? ''] ?? `Slack says ${brokenBy}`;
  const text = `I can’t tell ${channelMention(channelId)} the news any more: ${why}.`;
  const value = target({ account: accountId, subscription: _id });
  return {
    text,
    blocks: [
      section(`${text}\nNothing is lost: what was missed comes when you choose another channel, or mend this one.`),
      actions([
        button('Choose another channel', NOTIFY_MOVE_OPEN, { value, style: 'primary' }),
        button('Try again here', NOTIFY_RESUME, { value }),
      ]),
    ],
  };
}
