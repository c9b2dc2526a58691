import type { Change, Channel, Message, Person, Snapshot, View } from '../workspace/types.ts';

/** What this window's person sees. */
export interface World extends Snapshot {
  notices: { id: number; text: string }[];
  /** Unread messages from others in channels that aren't open, by channel. */
  unread: { [channelId: string]: number };
}

/** Who the window's person is, and in which workspace: their ID may occur in others, too. */
export interface Who {
  team: string;
  as: string;
}

/** What a person has read: the last message's timestamp, by channel. */
export type Seen = { [channelId: string]: string };

/** @param seen what the person had read before this window was opened; without it, nothing is unread at first */
export function worldOf(snapshot: Snapshot, before: World | undefined, seen?: Seen): World {
  return { ...snapshot, notices: [], unread: before?.unread ?? (seen ? unreadSince(snapshot, seen) : {}) };
}

/** The window's person, for requests. */
export function whoIn({ team, me }: Snapshot): Who {
  return { team: team.id, as: me.id };
}

/** The current time on the product's clock. */
export function nowIn(world: World): Date {
  return new Date(Date.now() + world.bench.ahead_ms);
}

/** The world after a change. `openChannel`: the one the person is reading. */
export function applyChange(world: World, change: Change, openChannel: string): World {
  switch (change.kind) {
    case 'message':
      return { ...world, messages: putMessage(world.messages, change.message), ...counted(world, change, openChannel) };
    case 'message_deleted':
      return {
        ...world,
        messages: world.messages.filter((it) => it.ts !== change.ts || it.channel !== change.channel),
      };
    case 'channel':
      return { ...world, channels: putChannel(world.channels, change.channel) };
    case 'views':
      return { ...world, views: change.views };
    case 'home':
      return { ...world, home: change.view };
    case 'notice':
      return withNotice(world, change.text);
    case 'person':
      return withPerson(world, change.person);
    case 'user_group':
      return { ...world, user_groups: world.user_groups.map((it) => (it.id === change.group.id ? change.group : it)) };
    case 'bench':
      return { ...world, bench: change.bench };
    // a new snapshot follows
    case 'reset':
    case 'delivery':
      return world;
  }
}

export function withNotice(world: World, text: string): World {
  const id = (world.notices.at(-1)?.id ?? 0) + 1;
  return { ...world, notices: [...world.notices, { id, text }] };
}

export function withoutNotice(world: World, id: number): World {
  return { ...world, notices: world.notices.filter((notice) => notice.id !== id) };
}

export function read(world: World, channelId: string): World {
  if (!world.unread[channelId]) return world;
  return { ...world, unread: { ...world.unread, [channelId]: 0 } };
}

/** The messages of a channel, without replies. */
export function messagesOf(world: World, channelId: string): Message[] {
  return world.messages.filter((it) => it.channel === channelId && !isReply(it));
}

/** The timestamp of the last message of a channel, replies included. */
export function lastOf(world: World, channelId: string): string | undefined {
  return world.messages.filter((it) => it.channel === channelId).at(-1)?.ts;
}

export function repliesTo(world: World, root: Message): Message[] {
  return world.messages.filter((it) => it.channel === root.channel && it.thread_ts === root.ts && it.ts !== root.ts);
}

export function personOf(world: World, id: string): Person {
  if (id === 'USLACKBOT') return { id, name: 'slackbot', real_name: 'Slackbot', is_bot: true };
  return world.people.find((person) => person.id === id) ?? { id, name: id, real_name: id };
}

export function topView(world: World): View | undefined {
  return world.views.at(-1);
}

function isReply(message: Message): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts && message.reply_broadcast !== true;
}

function putMessage(messages: Message[], message: Message): Message[] {
  const at = messages.findIndex((it) => it.ts === message.ts && it.channel === message.channel);
  return at < 0 ? [...messages, message] : messages.with(at, message);
}

function withPerson(world: World, person: Person): World {
  const at = world.people.findIndex((it) => it.id === person.id);
  const people = at < 0 ? [...world.people, person] : world.people.with(at, person);
  return { ...world, people, me: person.id === world.me.id ? person : world.me };
}

function putChannel(channels: Channel[], channel: Channel): Channel[] {
  const at = channels.findIndex((it) => it.id === channel.id);
  return at < 0 ? [...channels, channel] : channels.with(at, channel);
}

function counted(
  world: World,
  change: { channel: string; message: Message },
  openChannel: string,
): { unread?: World['unread'] } {
  const known = world.messages.some((it) => it.ts === change.message.ts && it.channel === change.channel);
  if (known || change.channel === openChannel || change.message.user === world.me.id) return {};
  return { unread: { ...world.unread, [change.channel]: (world.unread[change.channel] ?? 0) + 1 } };
}

function unreadSince({ messages, me }: Snapshot, seen: Seen): World['unread'] {
  const unread: World['unread'] = {};
  for (const { channel, ts, user } of messages) {
    if (user !== me.id && ts > (seen[channel] ?? '')) unread[channel] = (unread[channel] ?? 0) + 1;
  }
  return unread;
}
