import type { Core } from './core.ts';
import { SlackRefusal } from './errors.ts';
import { flagOf } from './json.ts';
import { contentOf, postAsBot } from './messages.ts';
import type { Fields, Message } from './types.ts';

/**
 * Handles a post to a response_url: a new message for the person (or, with `response_type: in_channel`, for everyone),
 * or a change to the message whose button was clicked. Every post counts, even a refused one.
 * @throws SlackRefusal used_url, expired_url, message_not_found, and what contentOf throws
 */
export function respond(core: Core, key: string, body: Fields): void {
  const ticket = core.tickets.useResponse(key);
  const source = ticket.source && current(core, ticket.source);
  if (flagOf(body, 'delete_original')) {
    if (source) core.state.removeMessage(source);
    return;
  }
  if (flagOf(body, 'replace_original') && ticket.source) {
    if (!source) throw new SlackRefusal('message_not_found');
    const { blocks: _, ...kept } = source;
    core.state.putMessage({ ...kept, ...contentOf(core, body), ...(kept.thread_ts && { thread_ts: kept.thread_ts }) });
    return;
  }
  const to = body.response_type === 'in_channel' ? {} : { ephemeral_to: ticket.userId };
  postAsBot(core, ticket.channelId, contentOf(core, body), to);
}

function current(core: Core, source: Message): Message | undefined {
  return source.ephemeral_to === undefined
    ? core.state.message(source.channel, source.ts)
    : core.state.ephemeral(source.channel, source.ts);
}
