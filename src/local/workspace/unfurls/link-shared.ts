import type { Core } from '../core.ts';
import { sendEvent } from '../events/send.ts';
import { makeId } from '../ids.ts';
import { BOT_USER_ID } from '../state.ts';
import type { Channel, Message } from '../types.ts';
import { linksIn } from './links.ts';

/**
 * A message has links of the app's domains: an event `link_shared`, wherever the app can see them. The bot doesn't have
 * to be in the channel, as in Slack.
 */
export async function tellOfLinks(core: Core, channel: Channel, message: Message): Promise<void> {
  const links = linksIn(message.text, core.unfurlDomains);
  if (links.length === 0) return;
  const unfurlId = `${message.ts}-${makeId('', 12)}`;
  core.unfurls.set(unfurlId, { channel: channel.id, ts: message.ts });
  await sendEvent(core, {
    type: 'link_shared',
    user: message.user,
    channel: channel.id,
    message_ts: message.ts,
    ...(message.thread_ts !== undefined && { thread_ts: message.thread_ts }),
    links: links.map(({ url, domain }) => ({ url, domain })),
    unfurl_id: unfurlId,
    source: 'conversations_history',
    is_bot_user_member: channel.members.includes(BOT_USER_ID),
    event_ts: core.state.nextTs(),
  });
}
