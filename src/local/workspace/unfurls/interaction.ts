import type { Block, Fields, Message } from '../types.ts';

/** What an interaction payload says about a click in what the app shows of a link; nothing for one in the message. */
export function unfurlFields(message: Message, block: Block): Fields {
  const unfurl = message.attachments?.find(({ blocks }) => blocks?.some((one) => one.block_id === block.block_id));
  if (!unfurl) return {};
  const { id, app_unfurl_url } = unfurl;
  return {
    container: {
      ...{ type: 'message_attachment', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
      ...{ attachment_id: id, is_app_unfurl: true, app_unfurl_url },
    },
    app_unfurl: unfurl,
  };
}
