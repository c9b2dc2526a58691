import { shownFile } from '../api/files.ts';
import { shownPerson } from '../api/users.ts';
import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { makeFile } from '../files/files.ts';
import { makeId } from '../ids.ts';
import { APP_ID, BOT_USER_ID, SLACKBOT_ID } from '../state.ts';
import type { Channel, Fields, FileRecord, Message } from '../types.ts';
import { escapeText } from './command.ts';
import type { Ack } from './dispatch.ts';
import { LEGACY_TOKEN } from './payloads.ts';

/**
 * A person writes a message.
 * @param text as typed: `@name` and `#channel` become mentions, and `&`, `<`, `>` are escaped.
 */
export async function say(
  core: Core,
  userId: string,
  channelId: string,
  text: string,
  threadTs?: string,
): Promise<Message> {
  const channel = joinedChannel(core, userId, channelId);
  const message = core.state.putMessage({
    type: 'message',
    ts: core.state.nextTs(),
    channel: channelId,
    user: userId,
    text: withMentions(core, escapeText(text)),
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  });
  await tellOfMessage(core, channel, message);
  return message;
}

/** A person uploads a file into a form. It isn't shared in a channel. */
export async function uploadIntoForm(core: Core, userId: string, name: string, bytes: Buffer): Promise<FileRecord> {
  const file = makeFile(core, { name, size: bytes.length, user: userId });
  await core.bytes.put(file.id, bytes);
  core.state.files.set(file.id, file);
  return file;
}

/** A person uploads a file to a channel: events `file_shared` and `message` with subtype file_share. */
export async function upload(
  core: Core,
  userId: string,
  channelId: string,
  name: string,
  bytes: Buffer,
): Promise<FileRecord> {
  const [file] = await uploadTogether(core, userId, channelId, [{ name, bytes }]);
  if (!file) throw new Error('nothing was uploaded');
  return file;
}

/** The same with several files in one message: each has its own event `file_shared`. */
export async function uploadTogether(
  core: Core,
  userId: string,
  channelId: string,
  given: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<FileRecord[]> {
  const channel = joinedChannel(core, userId, channelId);
  const ts = core.state.nextTs();
  const files: FileRecord[] = [];
  for (const { name, bytes } of given) {
    const made = makeFile(core, { name, size: bytes.length, user: userId });
    const file = { ...made, channels: [channelId], shares: { public: { [channelId]: [{ ts }] } } };
    await core.bytes.put(file.id, bytes);
    core.state.files.set(file.id, file);
    files.push(file);
  }
  const message = core.state.putMessage({
    type: 'message',
    subtype: 'file_share',
    ts,
    channel: channelId,
    user: userId,
    text: '',
    files,
  });
  if (channel.members.includes(BOT_USER_ID)) {
    for (const { id } of files) {
      const ids = { file_id: id, file: { id }, user_id: userId, channel_id: channelId };
      await sendEvent(core, { type: 'file_shared', ...ids, event_ts: ts });
    }
  }
  await tellOfMessage(core, channel, message);
  return files;
}

export function openHome(core: Core, userId: string): Promise<Ack | null> {
  const view = core.state.homes.get(userId);
  return sendEvent(core, {
    type: 'app_home_opened',
    user: userId,
    channel: core.state.directMessage(userId).id,
    tab: 'home',
    event_ts: core.state.nextTs(),
    ...(view && { view }),
  });
}

/** A person adds the app to a channel. */
export async function inviteBot(core: Core, userId: string, channelId: string): Promise<void> {
  const channel = core.state.visibleTo(userId).find((it) => it.id === channelId);
  if (!channel) throw new SlackRefusal('channel_not_found');
  if (channel.members.includes(BOT_USER_ID)) return;
  core.state.putChannel({ ...channel, members: [...channel.members, BOT_USER_ID] });
  const type = channel.is_private ? 'G' : 'C';
  const event = {
    user: BOT_USER_ID,
    channel: channelId,
    channel_type: type,
    team: core.state.team.id,
    inviter: userId,
  };
  await sendEvent(core, { type: 'member_joined_channel', ...event, event_ts: core.state.nextTs() });
}

/**
 * A channel is archived or unarchived: an event `channel_archive` or `channel_unarchive`.
 * @param userId who does it; if absent, nobody the app can name
 * @throws SlackRefusal channel_not_found, and Slack's refusal when there is nothing to change
 */
export async function setArchived(
  core: Core,
  userId: string | undefined,
  channelId: string,
  is_archived: boolean,
): Promise<void> {
  const channel = core.state.channels.get(channelId);
  if (!channel || channel.is_im) throw new SlackRefusal('channel_not_found');
  if (channel.is_archived === is_archived) throw new SlackRefusal(is_archived ? 'already_archived' : 'not_archived');
  core.state.putChannel({ ...channel, is_archived });
  const type = `${channel.is_private ? 'group' : 'channel'}_${is_archived ? 'archive' : 'unarchive'}`;
  if (!channel.members.includes(BOT_USER_ID)) return;
  await sendEvent(core, { type, channel: channelId, user: userId ?? SLACKBOT_ID, event_ts: core.state.nextTs() });
}

/**
 * The members of a user group are replaced: an event `subteam_members_changed` with those who joined and left.
 * @returns null when the app didn't subscribe to it, or nothing changed
 * @throws SlackRefusal no_such_subteam, user_not_found
 */
export async function changeUserGroup(core: Core, groupId: string, users: readonly string[]): Promise<Ack | null> {
  const before = core.state.userGroups.get(groupId);
  if (!before) throw new SlackRefusal('no_such_subteam');
  if (users.some((id) => !core.state.people.has(id))) throw new SlackRefusal('user_not_found');
  const group = { ...before, users: [...new Set(users)], updated: core.state.seconds() };
  const added = group.users.filter((id) => !before.users.includes(id));
  const removed = before.users.filter((id) => !group.users.includes(id));
  if (added.length + removed.length === 0) return null;
  core.state.putUserGroup(group);
  return sendEvent(core, {
    type: 'subteam_members_changed',
    subteam_id: groupId,
    team_id: core.state.team.id,
    date_previous_update: before.updated,
    date_update: group.updated,
    added_users: added,
    added_users_count: added.length,
    removed_users: removed,
    removed_users_count: removed.length,
    event_ts: core.state.nextTs(),
  });
}

/**
 * A person's Slack account is deactivated or reactivated: an event `user_change`. As in Slack, deactivated people leave
 * their user groups, with a separate event for each group.
 * @returns null when the app didn't subscribe to it, or nothing changed
 * @throws SlackRefusal user_not_found
 */
export async function setDeactivated(core: Core, userId: string, deleted: boolean): Promise<Ack | null> {
  const before = core.state.people.get(userId);
  if (!before) throw new SlackRefusal('user_not_found');
  if ((before.deleted ?? false) === deleted) return null;
  const person = { ...before, deleted, updated: Math.max((before.updated ?? 0) + 1, core.state.seconds()) };
  core.state.people.set(userId, person);
  const ack = await sendEvent(core, {
    type: 'user_change',
    user: shownPerson(core, person),
    cache_ts: person.updated,
    event_ts: core.state.nextTs(),
  });
  if (!deleted) return ack;
  for (const { id, users } of core.state.userGroups.values()) {
    if (users.includes(userId))
      await changeUserGroup(
        core,
        id,
        users.filter((one) => one !== userId),
      );
  }
  return ack;
}

/**
 * Sends an event in its envelope, and again later if it wasn't acknowledged, as Slack does.
 * @returns null when the app didn't subscribe to it
 */
export async function sendEvent(core: Core, event: Fields, subscription = String(event.type)): Promise<Ack | null> {
  if (core.subscriptions && !core.subscriptions.has(subscription)) return null;
  const envelope = {
    token: LEGACY_TOKEN,
    team_id: core.state.team.id,
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: makeId('Ev'),
    event_time: core.state.seconds(),
    authorizations: [
      {
        enterprise_id: null,
        team_id: core.state.team.id,
        user_id: BOT_USER_ID,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: makeId('4-', 20),
  };
  const ack = await core.link.json('event', envelope);
  if (ack.error !== undefined) retryLater(core, envelope, ack, 1);
  return ack;
}

function retryLater(core: Core, envelope: Fields, failed: Ack, attempt: number): void {
  const wait = core.timing.eventRetriesMs[attempt - 1];
  if (wait === undefined) return;
  const reason = failed.error === 'operation_timeout' ? 'http_timeout' : 'http_error';
  const timer = setTimeout(async () => {
    core.retries.delete(timer);
    const headers = { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason };
    const ack = await core.link.json('event', envelope, headers);
    if (ack.error !== undefined) retryLater(core, envelope, ack, attempt + 1);
  }, wait);
  timer.unref();
  core.retries.add(timer);
}

async function tellOfMessage(core: Core, channel: Channel, message: Message): Promise<void> {
  if (!channel.members.includes(BOT_USER_ID)) return;
  const { files, ...rest } = message;
  const channelType = channel.is_im ? 'im' : channel.is_private ? 'group' : 'channel';
  const event: Fields = {
    ...rest,
    ...(files && { files: files.map((file) => shownFile(file)) }),
    team: core.state.team.id,
    channel_type: channelType,
    event_ts: message.ts,
  };
  await sendEvent(core, event, channel.is_im ? 'message.im' : `message.${channelType}s`);
  if (message.text.includes(`<@${BOT_USER_ID}>`) && !channel.is_im) {
    await sendEvent(core, { ...event, type: 'app_mention' });
  }
}

/** The channel a person writes to. Writing in a public channel makes them a member. */
function joinedChannel(core: Core, userId: string, channelId: string): Channel {
  const channel = core.state.visibleTo(userId).find((it) => it.id === channelId);
  if (!channel) throw new SlackRefusal('channel_not_found');
  if (channel.is_archived) throw new SlackRefusal('is_archived');
  if (channel.members.includes(userId)) return channel;
  const joined = { ...channel, members: [...channel.members, userId] };
  core.state.putChannel(joined);
  return joined;
}

function withMentions(core: Core, text: string): string {
  const [people, channels] = [[...core.state.people.values()], [...core.state.channels.values()]];
  return text
    .replace(/@([\w.-]+)/g, (found, name) => {
      const person = people.find((it) => it.name === name);
      const group = core.state.userGroupOf(name);
      return person ? `<@${person.id}>` : group ? `<!subteam^${group.id}>` : found;
    })
    .replace(/#([\w-]+)/g, (found, name) => {
      const channel = channels.find((it) => it.name === name);
      return channel ? `<#${channel.id}|${name}>` : found;
    });
}
