import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createSlackApp, type SlackApp } from '../../../src/slack/app/app.ts';
import { onEvent } from '../../../src/slack/app/listeners.ts';
import { type SlackApiStandIn, startSlackApi } from '../../support/slack/slack-api.ts';
import { type LogLine, testLog } from '../../support/slack/slack-app.ts';
import { type SocketModeStandIn, startSocketMode } from '../../support/slack/socket-mode.ts';

let api: SlackApiStandIn;
let socket: SocketModeStandIn;
let app: SlackApp;
let lines: LogLine[];

beforeEach(async () => {
  api = await startSlackApi();
  socket = await startSocketMode();
  api.answer('apps.connections.open', { body: { ok: true, url: socket.url } });
  const log = testLog();
  lines = log.lines;
  app = createSlackApp({
    botToken: 'xoxb-test',
    way: { kind: 'socket', appToken: 'xapp-test' },
    log: log.log,
    clock: { now: () => new Date() },
    slackApiUrl: api.url,
  });
});
afterEach(async () => {
  await app.stop(1_000);
  await socket.close();
  await api.close();
});

it('the app continues after Slack limits its events', async () => {
  const heard: string[] = [];
  onEvent(app, 'app_home_opened', async (_context, _event, { eventId }) => void heard.push(eventId));
  await app.start();
  const payload = { token: 'x', type: 'app_rate_limited', team_id: 'T0001', minute_rate_limited: 1, api_app_id: 'A1' };
  // acknowledged, so that it isn't sent again
  await socket.deliver({ envelope_id: 'limited', type: 'events_api', payload });
  const event = { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'messages', event_ts: '1.0' };
  const usual = {
    type: 'event_callback',
    team_id: 'T0001',
    api_app_id: 'A1',
    event_id: 'Ev1',
    event,
    authorizations: [],
  };
  await socket.deliver({ envelope_id: 'usual', type: 'events_api', payload: usual });
  expect(heard).toEqual(['Ev1']);
  expect(lines.filter(({ type }) => type === 'app_rate_limited')).toHaveLength(1);
});

it.each(['auth.test', 'apps.connections.open'])('a start waits when %s is rate limited', async (method) => {
  const usual =
    method === 'auth.test'
      ? { ok: true, team_id: 'T0001', user_id: 'UBOT', bot_id: 'BBOT' }
      : { ok: true, url: socket.url };
  let calls = 0;
  api.answer(method, () => {
    calls += 1;
    return calls === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: '' } : { body: usual };
  });
  await app.start();
  expect(calls).toBeGreaterThan(1);
});
