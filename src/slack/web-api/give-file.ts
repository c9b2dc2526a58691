import { Refusal } from '../../billing/refusal.ts';
import type { RequestContext } from '../requests/request-context.ts';
import { refusalOf } from './api-errors.ts';

export interface GivenFile {
  readonly name: string;
  readonly content: Buffer;
  /** What it is, shown with the file; mrkdwn. */
  readonly comment: string;
}

/** Where a person was when they requested a file. */
export interface FilePlace {
  readonly channelId: string;
  readonly threadTs?: string;
}

/** Error codes for a place where the app can't post. */
const NO_PLACE: readonly string[] = [
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'posting_to_channel_denied',
];

/**
 * Uploads a file to where a person is or, if the app can't post there or no place is named, to their direct messages.
 *
 * @returns where it went
 * @throws {Refusal} `file_not_taken` if Slack rejects it there too
 */
export async function giveFile(
  request: Pick<RequestContext, 'client' | 'userId' | 'log' | 'about'>,
  file: GivenFile,
  place?: FilePlace,
): Promise<'there' | 'direct'> {
  if (place) {
    try {
      await upload(request, file, place);
      return 'there';
    } catch (error) {
      const word = refusalOf(error);
      if (word === undefined || !NO_PLACE.includes(word)) throw asRefusal(error, file);
      request.log.info({ word }, 'a file is sent to the person directly');
    }
  }
  try {
    const { channel } = await request.client.conversations.open({ users: request.userId });
    if (!channel?.id) throw new Error('Slack didn’t open a conversation');
    await upload(request, file, { channelId: channel.id });
    return 'direct';
  } catch (error) {
    throw asRefusal(error, file);
  }
}

async function upload(
  { client, about }: Pick<RequestContext, 'client' | 'about'>,
  { name, content, comment }: GivenFile,
  { channelId, threadTs }: FilePlace,
): Promise<void> {
  const file = { filename: name, title: name, file: content, initial_comment: await about.line(comment) };
  if (threadTs === undefined) await client.filesUploadV2({ channel_id: channelId, ...file });
  else await client.filesUploadV2({ channel_id: channelId, thread_ts: threadTs, ...file });
}

function asRefusal(error: unknown, { name }: GivenFile): unknown {
  const word = refusalOf(error);
  if (word === undefined) return error;
  return new Refusal('file_not_taken', { name, reason: word }, { cause: error });
}
