import { setTimeout } from 'node:timers/promises';
import type { HomeView, KnownBlock } from '@slack/types';
import type { ConversationsHistoryResponse, WebClient } from '@slack/web-api';
import { type EarlierTry, LookupUnfinished } from '../../services/notices/send-once.ts';
import { isRateLimited } from './api-errors.ts';
import { downloadSlackFile, fileInfo } from './files.ts';
import { homePublisherOf } from './home-publisher.ts';
import { LookupPace } from './lookup-pace.ts';
import { nameOfUser, usersInGroup, workspaceAdmins } from './people.ts';

/** A message in a channel. The text is for notifications and screen readers. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

export interface Place {
  readonly channelId: string;
  /** The message that this one replies to, if any. */
  readonly threadTs?: string;
}

/** The metadata type that identifies our own messages. */
const EVENT_TYPE = 'billing_news';
/** The most messages that Slack returns to some apps at a time. */
const PAGE_SIZE = 15;
/** How far Slack's clock and ours may differ. */
const CLOCKS_APART_MS = 120_000;
/** Slack's limit for a file. */
const MAX_FILE_BYTES = 1024 ** 3;
/** The pauses while waiting for Slack to process an image, about three seconds in total. */
const LOOK_PAUSES_MS = [50, 100, 200, 400, 700, 700, 850];

/**
 * Sends messages to Slack exactly once. Slack has no idempotency key, so each message has a key in its metadata, and
 * one with an unknown outcome is looked for before it is sent again.
 */
export class Messenger {
  /** For anything that isn't a message, such as an ephemeral answer. */
  readonly client: WebClient;
  private readonly lookups: LookupPace;

  constructor(client: WebClient, lookups = new LookupPace()) {
    this.client = client;
    this.lookups = lookups;
  }

  /** Posts a message with its key in the metadata, so that `find` recognizes it. @returns its ts */
  async post(place: Place, message: Message, key: string): Promise<string> {
    const { ts } = await this.client.chat.postMessage({
      channel: place.channelId,
      ...(place.threadTs !== undefined && { thread_ts: place.threadTs }),
      text: message.text,
      blocks: message.blocks,
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: EVENT_TYPE, event_payload: { key } },
    });
    if (!ts) throw new Error('Slack accepted a message but returned no ts');
    return ts;
  }

  /** Replaces a message's content. Safe to repeat. */
  async update(at: { channelId: string; ts: string }, message: Message): Promise<void> {
    await this.client.chat.update({ channel: at.channelId, ts: at.ts, text: message.text, blocks: message.blocks });
  }

  /**
   * Uploads a file to a channel or a thread. @param maybeSent whether it may already be there, so that it is looked for
   * first
   */
  async upload(place: Place, file: { name: string; content: string }, maybeSent: boolean): Promise<void> {
    if (maybeSent && (await this.hasFile(place, file.name))) return;
    const options = { channel_id: place.channelId, filename: file.name, title: file.name, content: file.content };
    const { threadTs: thread_ts } = place;
    await this.client.filesUploadV2(thread_ts === undefined ? options : { ...options, thread_ts });
  }

  /**
   * Uploads an image that messages and views can then show by its ID (`slackImage`), without sharing it anywhere. Slack
   * processes uploads in its own time, and until then rejects blocks that name them with "invalid slack file". It is
   * done when the file has a mimetype (https://github.com/slackapi/node-slack-sdk/issues/1865).
   *
   * @returns the file's ID
   * @throws {Error} when Slack hasn't processed the image within about three seconds
   */
  async uploadImage(image: { name: string; content: Buffer; altText: string }): Promise<string> {
    const { name, content, altText } = image;
    const { files } = await this.client.filesUploadV2({
      file_uploads: [{ file: content, filename: name, title: name, alt_text: altText }],
    });
    const id = files[0]?.files?.[0]?.id;
    if (id === undefined) throw new Error('Slack accepted a picture but returned no ID');
    for (const pause of LOOK_PAUSES_MS) {
      const { file } = await this.client.files.info({ file: id });
      if (file?.mimetype) return id;
      await setTimeout(pause);
    }
    throw new Error('Slack accepted a picture but didn’t process it in time');
  }

  /** A person's direct messages with the app. */
  async directMessages(userId: string): Promise<string> {
    const { channel } = await this.client.conversations.open({ users: userId });
    if (!channel?.id) throw new Error('Slack didn’t open a conversation');
    return channel.id;
  }

  /** Updates a person's App Home, at most once a second. Of several updates meanwhile, the last one counts. */
  publishHome(userId: string, make: () => Promise<HomeView>): Promise<void> {
    return homePublisherOf(this.client).publish(userId, make);
  }

  /** The users in a user group; none if it was deleted or disabled. */
  async usersInGroup(userGroupId: string): Promise<readonly string[]> {
    return (await usersInGroup(this.client, userGroupId)) ?? [];
  }

  /** A person's name; undefined if Slack doesn't know them. */
  nameOf(userId: string): Promise<string | undefined> {
    return nameOfUser(this.client, userId);
  }

  /** The workspace's active owners and admins, owners first. */
  workspaceAdmins(): Promise<readonly string[]> {
    return workspaceAdmins(this.client);
  }

  /** A file that a person shared in Slack, as a stream. @throws {Refusal} as `downloadSlackFile` */
  async download(fileId: string): Promise<AsyncIterable<Uint8Array>> {
    return downloadSlackFile(this.client, await fileInfo(this.client, fileId), { maxBytes: MAX_FILE_BYTES });
  }

  /**
   * Looks for our own message by its key, within the time in which it may have been sent.
   *
   * @returns its ts, or undefined if it isn't there, or if an early search can't be completed
   * @throws {LookupUnfinished} when Slack wants to be asked for the rest later
   */
  async find(place: Place, key: string, earlier: EarlierTry): Promise<string | undefined> {
    if (!earlier.isEarly) return this.search(place, key, earlier);
    // the few lookups that some apps have are kept for the search that decides
    if (this.lookups.isScarce) return undefined;
    return this.search(place, key, earlier).catch((error: unknown) => {
      if (error instanceof LookupUnfinished) return undefined;
      throw error;
    });
  }

  private async search(place: Place, key: string, earlier: EarlierTry): Promise<string | undefined> {
    const seconds = (instant: Date, apartMs: number) => String((instant.getTime() + apartMs) / 1000);
    const span = { oldest: seconds(earlier.since, -CLOCKS_APART_MS), latest: seconds(earlier.until, CLOCKS_APART_MS) };
    let { cursor } = earlier;
    do {
      const { messages, next } = await this.page(place, { ...span, include_all_metadata: true }, cursor);
      const found = messages.find(({ metadata }) => metadata?.event_type === EVENT_TYPE && keyOf(metadata) === key);
      if (found) return found.ts;
      cursor = next;
    } while (cursor);
    return undefined;
  }

  private async hasFile(place: Place, name: string): Promise<boolean> {
    const { messages } = await this.page(place, {}, undefined);
    return messages.some((message) => message.files?.some((file) => file.name === name));
  }

  /** A page of a place's messages. Others can look meanwhile, once Slack allows it. @throws {LookupUnfinished} */
  private async page(
    { channelId, threadTs }: Place,
    options: PageOptions,
    cursor: string | undefined,
  ): Promise<HistoryPage> {
    this.lookups.assertAllowed(cursor);
    const asked = { channel: channelId, limit: PAGE_SIZE, ...options, ...(cursor !== undefined && { cursor }) };
    try {
      const { messages = [], response_metadata: more } =
        threadTs === undefined
          ? await this.client.conversations.history(asked)
          : await this.client.conversations.replies({ ...asked, ts: threadTs });
      this.lookups.done();
      return { messages, next: more?.next_cursor };
    } catch (error) {
      if (!isRateLimited(error)) throw error;
      this.lookups.limited(error.retryAfter);
      throw new LookupUnfinished(cursor, error.retryAfter, error);
    }
  }
}

interface PageOptions {
  readonly oldest?: string;
  readonly latest?: string;
  readonly include_all_metadata?: boolean;
}

interface HistoryPage {
  readonly messages: NonNullable<ConversationsHistoryResponse['messages']>;
  readonly next: string | undefined;
}

function keyOf(metadata: { event_payload?: unknown }): unknown {
  const payload = metadata.event_payload;
  return typeof payload === 'object' && payload !== null && 'key' in payload ? payload.key : undefined;
}
