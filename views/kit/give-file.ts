import type { KnownBlock } from '@slack/types';
import type { Ctx } from '../../src/services/kit/context.ts';
import { once } from '../../src/services/kit/once-a-day.ts';
import type { Action, RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { type FilePlace, type GivenFile, giveFile } from '../../src/slack/web-api/give-file.ts';

/** Posts a file to the channel. The button's value is `Wanted.share`, followed by the thread if there is one. */
export const FILE_SHARE = 'file.share';
const TITLE = 'Download';

/** A file that a person requested. */
export interface Wanted {
  readonly ctx: Ctx;
  /** Identifies the file, so that one request sends it once. */
  readonly key: string;
  /** Identifies the file again when it is to be shared, without personal data. */
  readonly share: string;
  make(): Promise<GivenFile>;
}

/**
 * Sends a file to the person who clicked, by direct message: an invoice's contents aren't for everybody in the channel.
 * After a click in a channel, they can share the file there.
 */
export function chooseDestination(
  request: RequestContext,
  { message }: Action,
  find: () => Promise<Wanted>,
): Promise<void> {
  if (!message) return giveFromModal(request, find);
  const { channelId, ts, ephemeral } = message;
  return sendPrivately(request, find, { channelId, ...(!ephemeral && { threadTs: ts }) });
}

/**
 * Sends a file by direct message, and says so where the person is, with a button that shares it there. If Slack repeats
 * the request, nothing more is sent.
 */
export async function sendPrivately(
  request: RequestContext,
  find: () => Promise<Wanted>,
  place: FilePlace | undefined,
): Promise<void> {
  const { ctx, key, share, make } = await find();
  await once(ctx, keyOf(request, key), async () => {
    const file = await make();
    await giveFile(request, file);
    const text = `*${escapeMrkdwn(file.name)}* was sent to you in a direct message.`;
    await request.respond({ text, blocks: [section(text), ...shareButton(share, file.name, place)] });
  });
}

/** Posts a file in the channel or thread for a person who has access to it. */
export async function shareInChannel(
  request: RequestContext,
  find: () => Promise<Wanted>,
  place: FilePlace,
): Promise<void> {
  const { ctx, key, make } = await find();
  await once(ctx, keyOf(request, `shared ${key}`), async () => {
    const file = await make();
    const where = await giveFile(request, file, place);
    const name = `*${escapeMrkdwn(file.name)}*`;
    const channel = channelMention(place.channelId);
    const text =
      where === 'there'
        ? `${name} was shared in ${channel}.`
        : `This app can’t post in ${channel}, so ${name} was sent to you in a direct message instead.`;
    await request.respond({ text, replace: true });
  });
}

/** From a modal, whose channel is unknown: sends a direct message, and shows a note on top of the modal. */
async function giveFromModal(request: RequestContext, find: () => Promise<Wanted>): Promise<void> {
  const { ctx, key, make } = await find();
  await once(ctx, keyOf(request, key), async () => {
    const opened = await request.openModal(loading(TITLE));
    const file = await make();
    await giveFile(request, file);
    const text = `*${escapeMrkdwn(file.name)}* was sent to you in a direct message.`;
    await opened.update(modal({ title: TITLE, close: 'Done', blocks: [section(text)] }));
  });
}

function shareButton(share: string, name: string, place: FilePlace | undefined): KnownBlock[] {
  // a direct message with the app has nobody to share with
  if (!place || place.channelId.startsWith('D')) return [];
  const confirm = {
    title: 'Share this file?',
    text: `Everyone in this channel will be able to open ${name}.`,
    confirm: 'Share file',
  };
  const where = place.threadTs === undefined ? 'Share in this channel' : 'Share in this thread';
  return [actions([button(where, FILE_SHARE, { value: `${share} ${place.threadTs ?? ''}`.trim(), confirm })])];
}

function keyOf({ teamId, triggerId, requestId, userId }: RequestContext, key: string): string {
  return `${key} ${teamId} ${userId} ${triggerId ?? requestId}`;
}
