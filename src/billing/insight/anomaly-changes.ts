import { addDays } from '../period/day.ts';
import { type Anomaly, type AnomalySide, CALM_DAYS } from './anomalies.ts';

/** An anomaly that was reported. */
export interface KnownAnomaly {
  readonly id: string;
  readonly side: AnomalySide;
  readonly since: string;
  /** The last unusual day so far. */
  readonly until: string;
  readonly hasEnded: boolean;
}

/** What became of a project’s and service’s anomalies. */
export interface AnomalyChanges {
  /** To be reported. */
  readonly begun: readonly Anomaly[];
  /** Reported ones that go on. */
  readonly ongoing: readonly { readonly id: string; readonly now: Anomaly }[];
  /** Reported ones whose cost is back. */
  readonly ended: readonly { readonly id: string; readonly until: string }[];
}

/** Older ones that ended before they were noticed are no news. */
const NEWS_DAYS = 7;

/**
 * Compares what was found with what was reported. Late data can move the first and the last day, so that an anomaly is
 * the same as a reported one on the same side that is less than `CALM_DAYS` away.
 *
 * @param found the anomalies of the days from `judgedFrom` to `completeUntil`
 */
export function changesOf(
  found: readonly Anomaly[],
  known: readonly KnownAnomaly[],
  { judgedFrom, completeUntil }: { readonly judgedFrom: string; readonly completeUntil: string },
): AnomalyChanges {
  const isSame = (one: Anomaly, other: KnownAnomaly) =>
    one.side === other.side &&
    one.since <= addDays(other.until, CALM_DAYS) &&
    other.since <= addDays(one.until, CALM_DAYS);
  const open = known.filter(({ hasEnded }) => !hasEnded);
  const pairs = open.map((one) => ({ one, now: found.filter((other) => isSame(other, one)).at(-1) }));
  return {
    begun: found.filter(
      (one) => !known.some((other) => isSame(one, other)) && one.until > addDays(completeUntil, -NEWS_DAYS),
    ),
    ongoing: pairs.flatMap(({ one: { id }, now }) => (now && !now.isOver ? [{ id, now }] : [])),
    ended: pairs.flatMap(({ one: { id, until }, now }) => {
      if (now) return now.isOver ? [{ id, until: now.until }] : [];
      // nothing was found where there were enough days to find it
      return addDays(until, CALM_DAYS) <= completeUntil && judgedFrom <= addDays(until, 1) ? [{ id, until }] : [];
    }),
  };
}
