import { RESTRICTED_HISTORY } from '../../../slack/limits/limits.ts';
import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { flagOf, textOf } from '../json.ts';
import { readableChannel, shownMessage } from '../messages.ts';
import { BOT_USER_ID } from '../state.ts';
import type { Channel, Fields } from '../types.ts';
import { type Methods, page } from './method.ts';

export const conversations: Methods = {
  'conversations.list': (core, args) => {
    const { items, response_metadata } = page(listed(core, args), args, 100);
    return { channels: items.map((channel) => shownChannel(core, channel)), response_metadata };
  },

  'conversations.info': (core, args) => {
    const channel = readableChannel(core, textOf(args, 'channel'));
    const count = flagOf(args, 'include_num_members') ? { num_members: channel.members.length } : {};
    return { channel: { ...shownChannel(core, channel), ...count } };
  },

  'conversations.members': (core, args) => {
    const channel = readableChannel(core, textOf(args, 'channel'));
    const { items, response_metadata } = page(channel.members, args, 100);
    return { members: items, response_metadata };
  },

  'conversations.open': (core, args) => {
    const users = (textOf(args, 'users') ?? '').split(',').filter(Boolean);
    const id = textOf(args, 'channel') ?? users[0];
    if (id === undefined) throw new SlackRefusal('users_list_not_supplied');
    if (users.length > 1) throw new SlackRefusal('not_enough_users');
    if (users.length === 1 && (!core.state.people.has(id) || id === BOT_USER_ID))
      throw new SlackRefusal('user_not_found');
    return { channel: shownChannel(core, readableChannel(core, id)) };
  },

  'conversations.join': (core, args) => {
    const channel = readableChannel(core, textOf(args, 'channel'));
    if (channel.is_im) throw new SlackRefusal('method_not_supported_for_channel_type');
    if (channel.is_archived) throw new SlackRefusal('is_archived');
    const members = [...new Set([...channel.members, BOT_USER_ID])];
    core.state.putChannel({ ...channel, members });
    return { channel: shownChannel(core, { ...channel, members }) };
  },

  'conversations.history': (core, args) => {
    const channel = memberChannel(core, args);
    const top = core.state
      .history(channel.id)
      .filter((it) => it.thread_ts === undefined || it.thread_ts === it.ts || it.reply_broadcast === true);
    const newestFirst = top.filter((it) => within(it.ts, args)).reverse();
    const { items, response_metadata } = page(newestFirst, limited(core, args), usualCount(core, 100));
    const metadata = flagOf(args, 'include_all_metadata');
    return {
      messages: items.map((message) => shownMessage(core, message, metadata)),
      has_more: response_metadata.next_cursor !== '',
      response_metadata,
    };
  },

  'conversations.replies': (core, args) => {
    const channel = memberChannel(core, args);
    const ts = textOf(args, 'ts') ?? '';
    const thread = core.state.history(channel.id).filter((it) => it.ts === ts || it.thread_ts === ts);
    if (!thread.some((it) => it.ts === ts)) throw new SlackRefusal('thread_not_found');
    const { items, response_metadata } = page(
      thread.filter((it) => it.ts === ts || within(it.ts, args)),
      limited(core, args),
      usualCount(core, 1000),
    );
    const metadata = flagOf(args, 'include_all_metadata');
    return {
      messages: items.map((message) => shownMessage(core, message, metadata)),
      has_more: response_metadata.next_cursor !== '',
      response_metadata,
    };
  },
};

/** How many messages a call returns without a limit. */
function usualCount({ rates }: Core, usual: number): number {
  return rates.isHistoryRestricted ? RESTRICTED_HISTORY.messages : usual;
}

function limited({ rates }: Core, args: Fields): Fields {
  if (!rates.isHistoryRestricted || args.limit === undefined) return args;
  return { ...args, limit: Math.min(Number(args.limit), RESTRICTED_HISTORY.messages) };
}

/** The channels a list asks for by `types` and `exclude_archived`; public ones if it names no type. */
export function listed(core: Core, args: Fields, memberId?: string): Channel[] {
  const types = (textOf(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  return [...core.state.channels.values()].filter((channel) => {
    const type = channel.is_im ? 'im' : channel.is_private ? 'private_channel' : 'public_channel';
    const hidden = channel.is_private && !channel.members.includes(BOT_USER_ID);
    const wanted = memberId === undefined || channel.members.includes(memberId);
    return types.includes(type) && !hidden && wanted && !(flagOf(args, 'exclude_archived') && channel.is_archived);
  });
}

/** A channel as Slack's conversation object shows it to the app. */
export function shownChannel(core: Core, channel: Channel): Fields {
  const { members, is_private, is_im, user, name, ...rest } = channel;
  const team = core.state.team.id;
  if (is_im) return { ...rest, is_im, is_private: true, user };
  return {
    ...rest,
    name,
    name_normalized: name,
    is_channel: !is_private,
    is_group: is_private,
    is_im,
    is_mpim: false,
    is_private,
    is_general: false,
    is_member: members.includes(BOT_USER_ID),
    ...sharing(channel, team),
    context_team_id: team,
  };
}

/** With whom a channel is shared (Slack Connect, or another workspace of the organization). */
function sharing(channel: Channel, team: string): Fields {
  const { is_ext_shared = false, is_org_shared = false, connected_team_ids = [] } = channel;
  const isShared = is_ext_shared || is_org_shared;
  return {
    is_shared: isShared,
    is_ext_shared,
    is_org_shared,
    is_pending_ext_shared: false,
    pending_shared: [],
    shared_team_ids: isShared ? [team, ...connected_team_ids] : [team],
    ...(is_ext_shared && { conversation_host_id: team, connected_team_ids }),
  };
}

function memberChannel(core: Core, args: Fields): Channel {
  const channel = readableChannel(core, textOf(args, 'channel'));
  if (!channel.members.includes(BOT_USER_ID)) throw new SlackRefusal('not_in_channel');
  return channel;
}

/** Whether a timestamp lies between `oldest` and `latest`. The ends count only with `inclusive`. */
function within(ts: string, args: Fields): boolean {
  const [oldest, latest] = [String(args.oldest ?? ''), String(args.latest ?? '')].map(sortable);
  const at = sortable(ts);
  const inclusive = flagOf(args, 'inclusive');
  if (oldest && (inclusive ? at < oldest : at <= oldest)) return false;
  return !(latest && (inclusive ? at > latest : at >= latest));
}

/** A timestamp whose text order is its order in time. */
function sortable(ts: string): string {
  if (ts === '' || ts === '0' || ts === 'now') return '';
  const [seconds = '', micros = ''] = ts.split('.');
  return `${seconds.padStart(12, '0')}.${micros.padEnd(6, '0')}`;
}
