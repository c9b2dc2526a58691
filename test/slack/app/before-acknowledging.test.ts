import { expect, it } from '@jest/globals';
import { beforeAcknowledging, onEvent } from '../../../src/slack/app/listeners.ts';
import { sendEvent } from '../../support/slack/signed.ts';
import { TEAM } from '../../support/slack/slack-api.ts';
import { startTestApp } from '../../support/slack/slack-app.ts';

const SHARED = { type: 'file_shared', user_id: 'U1', channel_id: 'C1', file_id: 'F1', event_ts: '1.0' };
const OTHER = { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', event_ts: '1.0' };

it('an event is acknowledged once it is stored, and otherwise sent again by Slack', async () => {
  const happened: string[] = [];
  const app = await startTestApp((slack) => {
    beforeAcknowledging(slack, 'file_shared', async ({ file_id }, teamId) => {
      await new Promise((resolve) => setImmediate(resolve));
      happened.push(`${file_id} of ${teamId} is noted`);
      if (happened.length === 1) throw new Error('The database is away');
    });
    onEvent(slack, 'file_shared', async () => void happened.push('handled'));
    onEvent(slack, 'app_home_opened', async () => void happened.push('another is handled'));
  });
  const send = async (event: Readonly<Record<string, unknown>>) => {
    const { status } = await sendEvent(app.target, event);
    happened.push(`answered ${status}`);
    await Promise.all(app.app.running);
  };
  await send(SHARED);
  await send(SHARED);
  await send(OTHER);
  await app.stop();
  const noted = `F1 of ${TEAM} is noted`;
  expect(happened.slice(0, 2)).toEqual([noted, 'answered 503']);
  expect(happened[2]).toBe(noted);
  expect(happened.slice(3, 5).sort()).toEqual(['answered 200', 'handled']);
  expect(happened.slice(5).sort()).toEqual(['another is handled', 'answered 200']);
});
