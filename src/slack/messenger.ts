import { setTimeout } from 'node:timers/promises';
import type { HomeView, KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { refusalOf } from './api-errors.ts';
import { downloadSlackFile, fileInfo } from './files.ts';
import { usersInGroup } from './people.ts';

/** What is said in a channel: the text is for notifications and screen readers. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

export interface Place {
  readonly channelId: string;
  /** The message that this answers, if it does. */
  readonly threadTs?: string;
}

/** The metadata's type by which our own messages are found again. */
const EVENT_TYPE = 'billing_news';
/** How far back a message of unknown fate is looked for. */
const LOOK_BACK = 100;
/** By how much Slack's clock and ours may differ. */
const CLOCKS_APART_MS = 120_000;
/** Slack takes no larger file. */
const MAX_FILE_BYTES = 1024 ** 3;
/** The pauses between looks at a picture until Slack has processed it, about three seconds in all. */
const LOOK_PAUSES_MS = [50, 100, 200, 400, 700, 700, 850];

/**
 * Says things in Slack once. Slack has no idempotency key: each message carries a key of ours in its metadata, and one
 * whose fate is unknown is looked for before it is sent again.
 */
export class Messenger {
  private readonly client: WebClient;

  constructor(client: WebClient) {
    this.client = client;
  }

  /**
   * @param maybeSaid whether it may have been said before, or since when: then it is looked for first
   * @param beforeSending called right before it is sent; what it throws keeps it from being sent
   * @returns the message's ts, of the one that was there if it was
   */
  async post(
    place: Place,
    message: Message,
    key: string,
    maybeSaid: boolean | Date,
    beforeSending: () => void = () => undefined,
  ): Promise<string> {
    const before = maybeSaid === false ? undefined : await this.find(place, key, maybeSaid);
    if (before) return before;
    beforeSending();
    const { ts } = await this.client.chat.postMessage({
      channel: place.channelId,
      ...(place.threadTs !== undefined && { thread_ts: place.threadTs }),
      text: message.text,
      blocks: message.blocks,
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: EVENT_TYPE, event_payload: { key } },
    });
    if (!ts) throw new Error('Slack took a message and gave no ts');
    return ts;
  }

  /** Puts other words in place of a message. Safe to repeat. */
  async update(at: { channelId: string; ts: string }, message: Message): Promise<void> {
    await this.client.chat.update({ channel: at.channelId, ts: at.ts, text: message.text, blocks: message.blocks });
  }

  /** Puts a file into a thread. A file of that name which may be there already is looked for first. */
  async upload(
    thread: Required<Place>,
    file: { name: string; content: string },
    maybeSaid: boolean | Date,
  ): Promise<void> {
    if (maybeSaid !== false && (await this.hasFile(thread, file.name))) return;
    await this.client.filesUploadV2({
      channel_id: thread.channelId,
      thread_ts: thread.threadTs,
      filename: file.name,
      title: file.name,
      content: file.content,
    });
  }

  /**
   * Uploads a picture that messages and views can then show by its id (`slackImage`), without putting it anywhere. Slack
   * processes uploads in its own time, and until then refuses blocks that name them with "invalid slack file"; it is
   * done when the file has a mimetype (https://github.com/slackapi/node-slack-sdk/issues/1865).
   *
   * @returns the file's id
   * @throws {Error} when Slack has not processed the picture within about three seconds
   */
  async uploadImage(image: { name: string; content: Buffer; altText: string }): Promise<string> {
    const { name, content, altText } = image;
    const { files } = await this.client.filesUploadV2({
      file_uploads: [{ file: content, filename: name, title: name, alt_text: altText }],
    });
    const id = files[0]?.files?.[0]?.id;
    if (id === undefined) throw new Error('Slack took a picture and gave no id');
    for (const pause of LOOK_PAUSES_MS) {
      const { file } = await this.client.files.info({ file: id });
      if (file?.mimetype) return id;
      await setTimeout(pause);
    }
    throw new Error('Slack took a picture and has not processed it in time');
  }

  /** A person's direct messages with the app. */
  async directMessages(userId: string): Promise<string> {
    const { channel } = await this.client.conversations.open({ users: userId });
    if (!channel?.id) throw new Error('Slack opened no conversation');
    return channel.id;
  }

  /** Shows a person the App Home. Safe to repeat: the last one counts. */
  async publishHome(userId: string, view: HomeView): Promise<void> {
    await this.client.views.publish({ user_id: userId, view });
  }

  /** Who is in a user group; nobody when it is gone or was switched off. */
  async usersInGroup(userGroupId: string): Promise<readonly string[]> {
    return (await usersInGroup(this.client, userGroupId)) ?? [];
  }

  /** A file that a person shared in Slack, as a stream. @throws {Refusal} as `downloadSlackFile` */
  async download(fileId: string): Promise<AsyncIterable<Uint8Array>> {
    return downloadSlackFile(this.client, await fileInfo(this.client, fileId), { maxBytes: MAX_FILE_BYTES });
  }

  /** The ts of a message of ours of the last hundred in a place, by its key; undefined when there is none. */
  sent(place: Place, key: string): Promise<string | undefined> {
    return this.find(place, key, true);
  }

  /** Looks through the messages since an instant, all of them, else through the last hundred. */
  private async find({ channelId, threadTs }: Place, key: string, since: true | Date): Promise<string | undefined> {
    const oldest = since === true ? {} : { oldest: String((since.getTime() - CLOCKS_APART_MS) / 1000) };
    let cursor: string | undefined;
    do {
      const options = {
        channel: channelId,
        limit: LOOK_BACK,
        include_all_metadata: true,
        ...oldest,
        ...(cursor !== undefined && { cursor }),
      };
      const { messages, response_metadata: more } =
        threadTs === undefined
          ? await this.client.conversations.history(options)
          : await this.client.conversations.replies({ ...options, ts: threadTs });
      const found = messages?.find(({ metadata }) => metadata?.event_type === EVENT_TYPE && keyOf(metadata) === key);
      if (found) return found.ts;
      cursor = since === true ? undefined : more?.next_cursor;
    } while (cursor);
    return undefined;
  }

  private async hasFile({ channelId, threadTs }: Required<Place>, name: string): Promise<boolean> {
    const { messages } = await this.client.conversations.replies({
      channel: channelId,
      ts: threadTs,
      limit: LOOK_BACK,
    });
    return messages?.some((message) => message.files?.some((file) => file.name === name)) ?? false;
  }
}

/** Whether a call was sent and not answered, so that Slack may have carried it out, or may do so still. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'slack_webapi_request_error';
}

function keyOf(metadata: { event_payload?: unknown }): unknown {
  const payload = metadata.event_payload;
  return typeof payload === 'object' && payload !== null && 'key' in payload ? payload.key : undefined;
}

export { refusalOf };
