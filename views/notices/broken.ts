import type { SubscriptionSummary } from '../../src/services/notices/subscriptions.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { target } from '../kit/action-target.ts';

/** Opens the form that moves a subscription to another channel. Its value is a target with account and subscription. */
export const NOTIFY_MOVE_OPEN = 'notify.move.open';

/** Tries the same channel again. The same value. */
export const NOTIFY_RESUME = 'notify.resume';

const NO_TOKEN = 'Slack doesn’t accept the app’s token';
const READ_ONLY = 'the app isn’t allowed to post there';

/** The problem, by Slack's error code. */
const WHY: Readonly<Record<string, string>> = {
  account_inactive: NO_TOKEN,
  as_user_not_supported: READ_ONLY,
  cannot_dm_bot: 'apps can’t receive direct messages',
  channel_not_found: 'it was deleted, or it is private and the app isn’t in it',
  ekm_access_denied: 'an administrator has suspended posting in this workspace',
  invalid_auth: NO_TOKEN,
  is_archived: 'it is archived',
  message_failed: 'a message could not be created. The app’s log says why',
  message_limit_exceeded: 'the workspace has reached its message limit',
  missing_scope: 'the app needs a permission. Reinstall it to grant this permission',
  no_permission: READ_ONLY,
  not_authed: NO_TOKEN,
  not_in_channel: 'the app is no longer in it',
  posting_to_general_channel_denied: READ_ONLY,
  restricted_action: READ_ONLY,
  restricted_action_read_only_channel: READ_ONLY,
  restricted_action_thread_only_channel: 'it only accepts replies in threads',
  team_access_not_granted: 'the app is no longer installed in this workspace',
  token_expired: NO_TOKEN,
  token_revoked: NO_TOKEN,
  user_disabled: 'the person’s Slack account is deactivated',
  user_not_found: 'the person’s Slack account no longer exists',
};

/** Why a subscription is suspended, for people. */
export function brokenReason(brokenBy: string | null): string {
  return WHY[brokenBy ?? ''] ?? `Slack answered “${brokenBy}”`;
}

/** The message to people who can fix a channel that no longer accepts messages. */
export function brokenChannelMessage(
  subscription: Pick<SubscriptionSummary, '_id' | 'accountId' | 'channelId' | 'brokenBy'>,
): Message {
  const { _id, accountId, channelId, brokenBy } = subscription;
  const text = `Notifications in ${channelMention(channelId)} are suspended: ${escapeMrkdwn(brokenReason(brokenBy))}.`;
  const value = target({ account: accountId, subscription: _id });
  return {
    text,
    blocks: [
      section(
        `${text}\nNothing is lost. Missed notifications will be sent when you choose another channel or fix this one.`,
      ),
      actions([
        button('Choose another channel', NOTIFY_MOVE_OPEN, { value, style: 'primary' }),
        button('Resume here', NOTIFY_RESUME, { value }),
      ]),
    ],
  };
}
