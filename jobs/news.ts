import { systemClock } from '../src/platform/system-clock.ts';
import { Delivery } from '../src/services/notices/delivery.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { courierFor } from './courier.ts';
import { accountsInReach } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';

/** Slack allows about one message per second and channel. */
const PACE_MS = 1_000;

/** Notifies channels. A tick only starts it: each channel is notified at its own pace, and none waits for another. */
export function newsJob(messengers: Messengers, paceMs = PACE_MS): Job {
  const delivery = new Delivery(courierFor(messengers), {
    ...{ paceMs, random: Math.random, wall: systemClock },
    inReach: (accountIds) => accountsInReach(messengers, accountIds),
  });
  return {
    name: 'news',
    does: 'sends notifications to channels and people',
    everyMs: 5_000,
    zone: 'a daily digest goes out at nine in the account’s time zone. Times in messages are in each reader’s time zone',
    concurrency: 'each process',
    missed: 'each channel continues where it stopped, in the order of the log. Many messages become a digest',
    run: (ctx) => delivery.poke(ctx),
    idle: () => delivery.idle(),
    stop: () => delivery.stop(),
  };
}
