import { DateTime } from 'luxon';
import type { LogEntry } from './event.ts';

/** How often a cost digest is sent: on Monday for the week before, or on the first for the month before. */
export const DIGEST_RHYTHMS = ['weekly', 'monthly'] as const;
export type DigestRhythm = (typeof DIGEST_RHYTHMS)[number];

/** The hour of the day at which digests are due, in the account's time zone. */
const HOUR = 9;

/** A week or month that has ended, as days in the account's time zone, and the instant at which its digest is due. */
export interface DigestSpan {
  readonly rhythm: DigestRhythm;
  /** The first day, such as `2026-11-16`. */
  readonly from: string;
  /** The last day. */
  readonly until: string;
  readonly dueAt: Date;
}

/**
 * The latest week (Monday to Sunday) or calendar month whose digest is due.
 *
 * @param zone IANA name
 */
export function latestDigest(rhythm: DigestRhythm, now: Date, zone: string): DigestSpan {
  const unit = rhythm === 'weekly' ? 'week' : 'month';
  const step = rhythm === 'weekly' ? { weeks: 1 } : { months: 1 };
  const local = DateTime.fromJSDate(now, { zone });
  const started = local.startOf(unit);
  const next = started.set({ hour: HOUR }) > local ? started.minus(step) : started;
  return {
    rhythm,
    from: dayOf(next.minus(step)),
    until: dayOf(next.minus({ days: 1 })),
    dueAt: next.set({ hour: HOUR }).toJSDate(),
  };
}

/** The week or month before another one. */
export function spanBefore({ rhythm, from }: Pick<DigestSpan, 'rhythm' | 'from'>): Pick<DigestSpan, 'from' | 'until'> {
  const begin = DateTime.fromISO(from, { zone: 'utc' });
  const step = rhythm === 'weekly' ? { weeks: 1 } : { months: 1 };
  return { from: dayOf(begin.minus(step)), until: dayOf(begin.minus({ days: 1 })) };
}

/** The digest that a log entry announces; undefined for any other entry. */
export function digestIn({ type, after }: Pick<LogEntry, 'type' | 'after'>): DigestSpan | undefined {
  if (type !== 'cost_digest_due' || typeof after !== 'object' || after === null) return undefined;
  const { rhythm, from, until, dueAt } = after as Record<string, unknown>;
  const known = DIGEST_RHYTHMS.find((one) => one === rhythm);
  if (!known || typeof from !== 'string' || typeof until !== 'string' || typeof dueAt !== 'string') return undefined;
  return { rhythm: known, from, until, dueAt: new Date(dueAt) };
}

function dayOf(local: DateTime): string {
  return local.toFormat('yyyy-MM-dd');
}
