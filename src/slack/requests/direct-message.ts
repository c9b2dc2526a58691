import { once } from '../../services/kit/once-a-day.ts';
import type { SlackApp } from '../app/app.ts';
import { assertTypeable, type CommandContext, onEvent } from '../app/listeners.ts';
import type { Deps } from './caller.ts';

/** A message that a person wrote to the app. */
interface DirectMessage {
  readonly userId: string;
  readonly channelId: string;
  /** As Slack sends it: `&`, `<`, `>` escaped, mentions as tokens. */
  readonly text: string;
}

/**
 * Handles direct messages to the app, each once. Messages from apps (including its own), edits and deletions are
 * ignored, and so are files, which have a separate event. `respond` answers in the same conversation.
 */
export function onDirectMessage(
  app: SlackApp,
  deps: Deps,
  handle: (context: CommandContext, text: string) => Promise<void>,
): void {
  onEvent(app, 'message', async (context, event, { eventId }) => {
    const message = readMessage(event);
    if (!message) return;
    const { userId, channelId, text } = message;
    await once(deps, `event ${context.teamId} ${eventId}`, async () => {
      assertTypeable(text);
      await handle({ ...context, userId, channelId }, text);
    });
  });
}

function readMessage(event: object): DirectMessage | undefined {
  const {
    channel_type: type,
    subtype,
    bot_id: botId,
    user,
    channel,
    text,
  } = { ...event } as Readonly<Record<string, unknown>>;
  const isPersons = type === 'im' && subtype === undefined && botId === undefined && user !== 'USLACKBOT';
  if (!isPersons || typeof user !== 'string' || typeof channel !== 'string' || typeof text !== 'string')
    return undefined;
  return text.trim() === '' ? undefined : { userId: user, channelId: channel, text };
}
