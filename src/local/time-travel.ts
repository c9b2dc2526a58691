import { setTimeout as sleep } from 'node:timers/promises';
import type { Ticks } from '../../jobs/kit/ticks.ts';
import type { Tick } from '../services/kit/context.ts';
import type { LocalClock } from './clock.ts';

const PATIENCE_MS = 3_000;
const NEWS_PATIENCE_MS = 15_000;
/** How long after a month's end in UTC it has ended in every zone and the day for late costs is over. */
const CLOSE_AFTER_MS = 37 * 3_600_000;
const MOST_MONTHS = 24;

const ALL: readonly Tick[] = [
  'close',
  'estimates',
  'digests',
  'anomalies',
  'reviews',
  'number-events',
  'news',
  'home',
  'sources',
  'imports',
  'vat',
  'cards',
  'credits',
  'moves',
  'user-groups',
];

/**
 * Resolves when no job is running, or after a while, so that leases and estimates see one time throughout.
 * @param patienceMs the longest wait for running work: a message that is retried forever never ends
 */
export async function whenIdle(ticks: Ticks, patienceMs = PATIENCE_MS): Promise<void> {
  const ended = new AbortController();
  await Promise.race([ticks.idle(), sleep(patienceMs, undefined, { signal: ended.signal }).catch(() => undefined)]);
  ended.abort();
}

/** Sends all pending notifications. */
export async function sendNotifications(ticks: Ticks): Promise<void> {
  await ticks.run('number-events');
  await ticks.run('news');
  await whenIdle(ticks, NEWS_PATIENCE_MS);
}

/**
 * Sets the clock forward and runs everything that is due by then. Each month on the way is closed at its own time.
 *
 * @throws {RangeError} for an instant that has passed, or is more than two years ahead
 */
export async function travel(clock: LocalClock, ticks: Ticks, to: Date): Promise<void> {
  if (to <= clock.now()) throw new RangeError('The clock can only be set forward.');
  const stops = stopsUntil(clock.now(), to);
  if (stops.length > MOST_MONTHS) throw new RangeError('Set the clock forward by two years at most.');
  for (const stop of [...stops, to]) {
    await whenIdle(ticks);
    if (stop > clock.now()) clock.moveTo(stop);
    await ticks.run('close');
  }
  for (const tick of ALL) ticks.nudge(tick);
}

/** When months close between two instants. */
function stopsUntil(from: Date, to: Date): Date[] {
  const stops: Date[] = [];
  for (let month = from.getUTCMonth(); stops.length <= MOST_MONTHS; month += 1) {
    const stop = new Date(Date.UTC(from.getUTCFullYear(), month, 1) + CLOSE_AFTER_MS);
    if (stop >= to) break;
    if (stop > from) stops.push(stop);
  }
  return stops;
}
