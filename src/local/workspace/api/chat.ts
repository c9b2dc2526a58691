import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { textOf } from '../json.ts';
import {
  blocksOf,
  contentOf,
  metadataOf,
  postAsBot,
  postableChannel,
  readableChannel,
  shownMessage,
} from '../messages.ts';
import { BOT_USER_ID } from '../state.ts';
import type { Fields, Message } from '../types.ts';
import type { Methods } from './method.ts';

export const chat: Methods = {
  'chat.postMessage': (core, args) => {
    const channel = postableChannel(core, textOf(args, 'channel'));
    const broadcast = args.reply_broadcast === true || args.reply_broadcast === 'true';
    const message = postAsBot(core, channel.id, contentOf(core, args), broadcast ? { reply_broadcast: true } : {});
    return { channel: channel.id, ts: message.ts, message: shownMessage(core, message, true) };
  },

  'chat.postEphemeral': (core, args) => {
    const channel = postableChannel(core, textOf(args, 'channel'));
    const userId = textOf(args, 'user');
    if (userId === undefined || !channel.members.includes(userId)) throw new SlackRefusal('user_not_in_channel');
    const message = postAsBot(core, channel.id, contentOf(core, args), { ephemeral_to: userId });
    return { message_ts: message.ts };
  },

  'chat.update': (core, args) => {
    const known = ownMessage(core, args, 'cant_update_message');
    const blocks = blocksOf(core, args);
    const metadata = metadataOf(args);
    const text = typeof args.text === 'string' ? args.text : undefined;
    if (text === undefined && blocks === undefined && metadata === undefined) throw new SlackRefusal('no_text');
    const message = core.state.putMessage({
      ...known,
      ...(text !== undefined && { text }),
      ...(blocks !== undefined && { blocks }),
      ...(metadata !== undefined && { metadata }),
      edited: { user: BOT_USER_ID, ts: core.state.nextTs() },
    });
    return { channel: message.channel, ts: message.ts, text: message.text, message: shownMessage(core, message, true) };
  },

  'chat.delete': (core, args) => {
    const known = ownMessage(core, args, 'cant_delete_message');
    core.state.removeMessage(known);
    return { channel: known.channel, ts: known.ts };
  },

  'chat.getPermalink': (core, args) => {
    const channel = readableChannel(core, textOf(args, 'channel'));
    const ts = textOf(args, 'message_ts');
    if (ts === undefined || !core.state.message(channel.id, ts)) throw new SlackRefusal('message_not_found');
    return { channel: channel.id, permalink: `${core.address}/archives/${channel.id}/p${ts.replace('.', '')}` };
  },
};

/** The message named by `channel` and `ts`, if the app posted it. */
function ownMessage(core: Core, args: Fields, refusal: string): Message {
  const channel = readableChannel(core, textOf(args, 'channel'));
  const message = core.state.message(channel.id, textOf(args, 'ts') ?? '');
  if (!message) throw new SlackRefusal('message_not_found');
  if (message.user !== BOT_USER_ID) throw new SlackRefusal(refusal);
  return message;
}
