import { expect, it } from '@jest/globals';
import { onEventOnce } from '../../../src/slack/app/event-once.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { sendEvent } from '../../support/slack/signed.ts';
import { startTestApp } from '../../support/slack/slack-app.ts';

useDatabase(migrate);

const deps = { clock: new TestClock('2026-03-20T12:00:00Z'), nudge: () => undefined };

it('an event that Slack sends again, even to another process, is handled once', async () => {
  const heard: string[] = [];
  const listen = () =>
    startTestApp((app) =>
      onEventOnce(app, deps, 'app_home_opened', async (_context, { user }) => void heard.push(user)),
    );
  const [one, two] = [await listen(), await listen()];
  const event = (user: string) => ({ type: 'app_home_opened', user, channel: 'D1', tab: 'home', event_ts: '1.0' });
  await sendEvent(one.target, event('U1'), { eventId: 'Ev1' });
  await sendEvent(one.target, event('U1'), { eventId: 'Ev1' });
  await sendEvent(two.target, event('U1'), { eventId: 'Ev1' });
  await sendEvent(two.target, event('U2'), { eventId: 'Ev2' });
  await Promise.all([one.stop(), two.stop()]);
  expect(heard.sort()).toEqual(['U1', 'U2']);
});
