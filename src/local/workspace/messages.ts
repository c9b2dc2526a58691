import { checkBlocks } from '../../slack/limits/check-view.ts';
import { LIMITS } from '../../slack/limits/limits.ts';
import type { Core } from './core.ts';
import { SlackRefusal } from './errors.ts';
import { unusablePictures } from './files/pictures.ts';
import { isFields, objectOf, parseJson, textOf } from './json.ts';

import { APP_ID, BOT_ID, BOT_USER_ID } from './state.ts';
import type { Block, Channel, Fields, Message, Metadata } from './types.ts';
import { withIds } from './with-ids.ts';

/** The parts of a message that an app sends, checked. */
export interface Content {
  text: string;
  blocks?: Block[];
  metadata?: Metadata;
  thread_ts?: string;
}

/**
 * Reads and checks a message's content.
 * @throws SlackRefusal invalid_blocks, invalid_blocks_format, msg_too_long, no_text, invalid_metadata_format
 */
export function contentOf(core: Core, args: Fields): Content {
  const blocks = blocksOf(core, args);
  const text = typeof args.text === 'string' ? args.text : '';
  if (text.length > LIMITS.message.text) throw new SlackRefusal('msg_too_long');
  if (text === '' && (blocks === undefined || blocks.length === 0)) throw new SlackRefusal('no_text');
  const metadata = metadataOf(args);
  const thread = textOf(args, 'thread_ts');
  return {
    text,
    ...(blocks !== undefined && { blocks }),
    ...(metadata !== undefined && { metadata }),
    ...(thread !== undefined && { thread_ts: thread }),
  };
}

/**
 * The blocks that were sent, with IDs; undefined if there were none. @throws SlackRefusal invalid_blocks,
 * invalid_blocks_format
 */
export function blocksOf(core: Core, args: Fields): Block[] | undefined {
  if (args.blocks === undefined || args.blocks === '') return undefined;
  const blocks = typeof args.blocks === 'string' ? parseJson(args.blocks) : args.blocks;
  if (!Array.isArray(blocks)) throw new SlackRefusal('invalid_blocks_format');
  const messages = [...checkBlocks('message', blocks), ...unusablePictures(core.state.files, blocks, '/blocks')];
  if (messages.length > 0) throw new SlackRefusal('invalid_blocks', messages);
  return withIds(blocks);
}

/** @throws SlackRefusal invalid_metadata_format */
export function metadataOf(args: Fields): Metadata | undefined {
  if (args.metadata === undefined || args.metadata === '') return undefined;
  const metadata = objectOf(args, 'metadata');
  const type = textOf(metadata, 'event_type');
  const payload = metadata?.event_payload;
  if (type === undefined || !isFields(payload)) throw new SlackRefusal('invalid_metadata_format');
  return { event_type: type, event_payload: payload };
}

/** Posts a message as the app. */
export function postAsBot(core: Core, channelId: string, content: Content, more: Partial<Message> = {}): Message {
  return core.state.putMessage({
    type: 'message',
    ts: core.state.nextTs(),
    channel: channelId,
    user: BOT_USER_ID,
    bot_id: BOT_ID,
    app_id: APP_ID,
    ...content,
    ...more,
  });
}

/**
 * A channel the app may post to. A person's ID stands for their direct message.
 * @throws SlackRefusal channel_not_found, is_archived, not_in_channel
 */
export function postableChannel(core: Core, id: string | undefined): Channel {
  const channel = readableChannel(core, id);
  if (channel.is_archived) throw new SlackRefusal('is_archived');
  if (!channel.members.includes(BOT_USER_ID)) throw new SlackRefusal('not_in_channel');
  return channel;
}

/** A channel the app may see: public ones, and those it is in. @throws SlackRefusal channel_not_found */
export function readableChannel(core: Core, id: string | undefined): Channel {
  const { state } = core;
  if (id !== undefined && id !== BOT_USER_ID && state.people.has(id)) return state.directMessage(id);
  const channel =
    id === undefined
      ? undefined
      : (state.channels.get(id) ?? [...state.channels.values()].find((it) => `#${it.name}` === id));
  const hidden = channel?.is_private === true && !channel.members.includes(BOT_USER_ID);
  if (!channel || hidden) throw new SlackRefusal('channel_not_found');
  return channel;
}

/** A message as an app reads it. */
export function shownMessage(core: Core, message: Message, withMetadata: boolean): Fields {
  const { channel, ephemeral_to: _, metadata, ...rest } = message;
  const replies = core.state.history(channel).filter((it) => it.thread_ts === message.ts && it.ts !== message.ts);
  return {
    ...rest,
    team: core.state.people.get(message.user)?.team_id ?? core.state.team.id,
    ...(withMetadata && metadata && { metadata }),
    ...(replies.length > 0 && {
      thread_ts: message.ts,
      reply_count: replies.length,
      reply_users: [...new Set(replies.map((reply) => reply.user))],
      latest_reply: replies.at(-1)?.ts,
    }),
  };
}
