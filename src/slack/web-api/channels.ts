import type { WebClient } from '@slack/web-api';
import { Refusal } from '../../billing/refusal.ts';
import { channelMention } from '../blocks/mrkdwn.ts';
import { refusalOf } from './api-errors.ts';

/**
 * Whether a channel includes or invites people from other organizations (Slack Connect). False if Slack doesn't say:
 * the app isn't in a private channel yet, or lacks the scope.
 */
export async function isSharedOutside(client: WebClient, channelId: string): Promise<boolean> {
  try {
    const { channel } = await client.conversations.info({ channel: channelId });
    return Boolean(channel?.is_ext_shared || channel?.is_pending_ext_shared);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return false;
  }
}

/**
 * Whether a channel is only of this workspace: not a direct message, and not shared with another workspace, be it of
 * another organization or of the same one. False if Slack doesn't say.
 */
export async function isOnlyOfThisWorkspace(client: WebClient, channelId: string): Promise<boolean> {
  try {
    const { channel } = await client.conversations.info({ channel: channelId });
    if (!channel || channel.is_im || channel.is_mpim) return false;
    return !(channel.is_shared || channel.is_ext_shared || channel.is_pending_ext_shared || channel.is_org_shared);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return false;
  }
}

/** The warning for a person who chooses such a channel; mrkdwn. */
export function sharedOutsideWarning(channelId: string): string {
  return `${channelMention(channelId)} is shared with another organization, whose members could read your invoices.`;
}

/** @throws {Refusal} `channel_shared_outside` for a channel shared with other organizations */
export async function assertNotSharedOutside(
  client: WebClient,
  channelId: string,
  { field, remedy }: { readonly field: string; readonly remedy: string },
): Promise<void> {
  if (!(await isSharedOutside(client, channelId))) return;
  throw new Refusal('channel_shared_outside', { remedy }, { fields: [field] });
}

/** What to do when the app couldn't join a channel, such as a private one; mrkdwn. */
export function inviteFirst(channelId: string): string {
  const channel = channelMention(channelId);
  return `Invite this app to ${channel} so that it can post there: type \`/invite\` and the app’s name in that channel. Apps can’t join private channels on their own.`;
}
