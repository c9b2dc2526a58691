import type { EventFromType } from '@slack/bolt';
import { once } from '../services/once.ts';
import type { SlackApp } from './app.ts';
import type { Deps } from './caller.ts';
import { type EventContext, onEvent } from './register.ts';

/** An event of the Events API that is handled once, however often Slack sends it and to whichever process. */
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
