import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { HomeView } from '@slack/types';
import { WebClient } from '@slack/web-api';
import { HomePublisher } from '../../src/slack/web-api/home-publisher.ts';
import { type SlackApiStandIn, startSlackApi } from '../support/slack/slack-api.ts';

let api: SlackApiStandIn;
let publisher: HomePublisher;
let now = 0;
let timers: { at: number; ring: () => void }[] = [];

beforeEach(async () => {
  api = await startSlackApi();
  now = 0;
  timers = [];
  let published = 0;
  api.answer('views.publish', () => {
    published += 1;
    return { body: { ok: true, view: { id: 'VHOME', hash: `h${published}` } } };
  });
  const clock = {
    now: () => now,
    wait: (ms: number) => new Promise<void>((resolve) => void timers.push({ at: now + ms, ring: resolve })),
  };
  publisher = new HomePublisher(new WebClient('xoxb-test', { slackApiUrl: api.url }), clock);
});
afterEach(() => api.close());

const view = (text: string): (() => Promise<HomeView>) => {
  return async () => ({ type: 'home', blocks: [{ type: 'header', text: { type: 'plain_text', text } }] });
};
const shown = () =>
  api.callsOf('views.publish').map(({ args }) => JSON.stringify(args.view).match(/"text":"(\w+)"/)?.[1]);
function pass(ms: number): void {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { ring } of due) ring();
}

it('a Home requested thirteen times in three seconds is published once a second, ending with the latest', async () => {
  const asked: Promise<void>[] = [];
  for (let at = 0; at < 13; at++) {
    asked.push(publisher.publish('U1', view(`v${at}`)));
    await asked[0];
    pass(250);
    await new Promise((resolve) => setImmediate(resolve));
  }
  pass(1_000);
  await Promise.all(asked);
  expect(shown().length).toBeLessThanOrEqual(5);
  expect(shown().at(-1)).toBe('v12');
});

it('one person’s Home doesn’t delay another’s', async () => {
  await Promise.all([publisher.publish('U1', view('one')), publisher.publish('U2', view('two'))]);
  expect(shown().sort()).toEqual(['one', 'two']);
});

it('a Home names the view that it replaces, and is rebuilt when another process was faster', async () => {
  await publisher.publish('U1', view('first'));
  let calls = 0;
  api.answer('views.publish', ({ args }) => {
    calls += 1;
    return args.hash === undefined
      ? { body: { ok: true, view: { hash: 'h9' } } }
      : { body: { ok: false, error: 'hash_conflict' } };
  });
  const second = publisher.publish('U1', view('second'));
  pass(1_000);
  await second;
  expect(calls).toBe(2);
  expect(api.callsOf('views.publish').map(({ args }) => args.hash)).toEqual([undefined, 'h1', undefined]);
});
