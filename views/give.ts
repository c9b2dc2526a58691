import type { Ctx } from '../src/services/context.ts';
import { once } from '../src/services/once.ts';
import { loading, modal, section } from '../src/slack/blocks.ts';
import { type FilePlace, type GivenFile, giveFile } from '../src/slack/give-file.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import type { Action, RequestContext } from '../src/slack/register.ts';

const TITLE = 'Download';

/** A file that a person asks for. */
export interface Wanted {
  readonly ctx: Ctx;
  /** Names the file among all, so that one request for it gives it once. */
  readonly key: string;
  make(): Promise<GivenFile>;
}

/** Gives a file where the click was: in the thread of a message for all, else to the person directly. */
export function giveWhere(request: RequestContext, { message }: Action, find: () => Promise<Wanted>): Promise<void> {
  if (!message || message.ephemeral) return giveDirectly(request, find);
  return giveInto(request, find, { channelId: message.channelId, threadTs: message.ts });
}

/**
 * Gives a file in a channel, or directly where the app can't speak there, and says so then. The same request sent again by
 * Slack gives nothing more.
 */
export async function giveInto(request: RequestContext, find: () => Promise<Wanted>, place: FilePlace): Promise<void> {
  const { ctx, key, make } = await find();
  await once(ctx, keyOf(request, key), async () => {
    const file = await make();
    if ((await giveFile(request, file, place)) === 'there') return;
    await request.respond(`This app is not in this channel, so ${escapeMrkdwn(file.name)} was sent to you directly.`);
  });
}

/** From a modal, which lies over no channel that could be known: by direct message, and a word about it on top. */
async function giveDirectly(request: RequestContext, find: () => Promise<Wanted>): Promise<void> {
  const { ctx, key, make } = await find();
  await once(ctx, keyOf(request, key), async () => {
    const opened = await request.openModal(loading(TITLE));
    const file = await make();
    await giveFile(request, file);
    const text = `*${escapeMrkdwn(file.name)}* was sent to you by direct message.`;
    await opened.update(modal({ title: TITLE, close: 'Done', blocks: [section(text)] }));
  });
}

function keyOf({ triggerId, requestId, userId }: RequestContext, key: string): string {
  return `${key} ${userId} ${triggerId ?? requestId}`;
}
