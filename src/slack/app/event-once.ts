import type { EventFromType } from '@slack/bolt';
import { once } from '../../services/kit/once-a-day.ts';
import type { Deps } from '../requests/caller.ts';
import type { SlackApp } from './app.ts';
import { type EventContext, onEvent } from './listeners.ts';

/** Handles an event of the Events API once, however often Slack sends it and to whichever process. */
export function onEventOnce<Name extends string>(
  app: SlackApp,
  deps: Deps,
  name: Name,
  handle: (context: EventContext, event: EventFromType<Name>) => Promise<void>,
): void {
  onEvent(app, name, async (context, event, { eventId }) => {
    await once(deps, `event ${context.teamId} ${eventId}`, () => handle(context, event));
  });
}
