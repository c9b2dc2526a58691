import { systemClock } from '../../src/platform/system-clock.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { findSent, sendOnce } from '../../src/services/notices/send-once.ts';
import { wasNotProcessed } from '../../src/slack/web-api/api-errors.ts';
import type { Message, Messenger, Place } from '../../src/slack/web-api/messenger.ts';

/** Posts a message once for its key in a channel, from any process. @returns its ts @throws as `sendOnce` */
export function postOnce(ctx: Ctx, messenger: Messenger, place: Place, message: Message, key: string): Promise<string> {
  return sendOnce(ctx, idOf(place, key), {
    send: () => messenger.post(place, message, key),
    find: (earlier) => messenger.find(place, key, earlier),
    wasNotSent: wasNotProcessed,
    wall: systemClock,
  });
}

/** The ts of a message that was, or may have been, posted; undefined if it wasn't. @throws as `sendOnce` */
export function findPosted(ctx: Ctx, messenger: Messenger, place: Place, key: string): Promise<string | undefined> {
  return findSent(ctx, idOf(place, key), { find: (earlier) => messenger.find(place, key, earlier) });
}

function idOf({ channelId }: Place, key: string): string {
  return `${channelId}:${key}`;
}
