import { shownFile } from '../api/files.ts';
import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { makeFile } from '../files/files.ts';
import { BOT_USER_ID, SLACKBOT_ID } from '../state.ts';
import type { Channel, Fields, FileRecord, Message } from '../types.ts';
import { tellOfLinks } from '../unfurls/link-shared.ts';
import { withLinks } from '../unfurls/links.ts';
import { escapeText } from './command.ts';
import type { Ack } from './dispatch.ts';
import { sendEvent } from './send.ts';

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
    text: withMentions(core, withLinks(escapeText(text))),
    ...(threadTs !== undefined && { thread_ts: threadTs }),
  });
  await tellOfMessage(core, channel, message);
  await tellOfLinks(core, channel, message);
  return message;
}

/** A person uploads a file into a form. It isn't shared in a channel. */
export async function uploadIntoForm(core: Core, userId: string, name: string, bytes: Buffer): Promise<FileRecord> {
  const file = makeFile(core, { name, size: bytes.length, user: userId });
  await core.bytes.put(file.id, bytes);
  core.state.files.set(file.id, file);
  return file;
}

/** A file that a person uploads. */
export interface GivenFile extends Pick<FileRecord, 'name' | 'shown'> {
  readonly bytes: Buffer;
}

/** A person uploads a file to a channel: events `file_shared` and `message` with subtype file_share. */
export async function upload(core: Core, userId: string, channelId: string, given: GivenFile): Promise<FileRecord> {
  const [file] = await uploadTogether(core, userId, channelId, [given]);
  if (!file) throw new Error('nothing was uploaded');
  return file;
}

/** The same with several files in one message: each has its own event `file_shared`. */
export async function uploadTogether(
  core: Core,
  userId: string,
  channelId: string,
  given: readonly GivenFile[],
): Promise<FileRecord[]> {
  const channel = joinedChannel(core, userId, channelId);
  const ts = core.state.nextTs();
  const files: FileRecord[] = [];
  for (const { name, bytes, shown } of given) {
    const made = makeFile(core, { name, size: bytes.length, user: userId });
    const file: FileRecord = {
      ...{ ...made, channels: [channelId], shares: { public: { [channelId]: [{ ts }] } } },
      ...(shown && { shown }),
    };
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

async function tellOfMessage(core: Core, channel: Channel, message: Message): Promise<void> {
  if (!channel.members.includes(BOT_USER_ID)) return;
  const { files, ...rest } = message;
  const channelType = channel.is_im ? 'im' : channel.is_private ? 'group' : 'channel';
  const event: Fields = {
    ...rest,
    ...(files && { files: files.map((file) => shownFile(file)) }),
    ...authorOf(core, message.user),
    channel_type: channelType,
    event_ts: message.ts,
  };
  await sendEvent(core, event, channel.is_im ? 'message.im' : `message.${channelType}s`);
  if (message.text.includes(`<@${BOT_USER_ID}>`) && !channel.is_im) {
    await sendEvent(core, { ...event, type: 'app_mention' });
  }
}

/** Whose workspace a message comes from. Slack adds two fields for people from another one. */
function authorOf(core: Core, userId: string): Fields {
  const home = core.state.people.get(userId)?.team_id;
  return home === undefined ? { team: core.state.team.id } : { team: home, user_team: home, source_team: home };
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
