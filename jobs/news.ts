import { systemClock } from '../src/platform/system-clock.ts';
import { Delivery } from '../src/services/notices/delivery.ts';
import type { Messenger } from '../src/slack/web-api/messenger.ts';
import { courierFor } from './courier.ts';
import type { Job } from './kit/job.ts';

/** Slack allows about one message per second and channel. */
const PACE_MS = 1_000;

/** Notifies channels. A tick only starts it: each channel is notified at its own pace, and none waits for another. */
export function newsJob(messenger: Messenger, paceMs = PACE_MS): Job {
  const delivery = new Delivery(courierFor(messenger), { paceMs, random: Math.random, wall: systemClock });
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
