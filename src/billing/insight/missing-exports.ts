import { addDays, daysBetween, daysFrom } from '../period/day.ts';

/** How far a source of costs has delivered. */
export interface SourceState {
  readonly source: string;
  /** The newest day with costs, YYYY-MM-DD. */
  readonly newest: string;
  /** For how many days nothing newer came, each time before something did; the latest last. */
  readonly waits: readonly number[];
}

/** Days for which a source delivered nothing; until is null as long as nothing newer has come. */
export interface MissingDays {
  readonly since: string;
  readonly until: string | null;
}

/** A source’s rhythm is known after this many deliveries. */
const LEAST_WAITS = 3;
const MOST_WAITS = 10;
/** Deliveries can be this many days later than ever before. */
const LATER_DAYS = 2;
/** A gap between delivered days counts if the source has costs on nearly all days before it. */
const DENSE_DAYS = 28;
const LEAST_DELIVERED = 26;
/** How far back gaps are looked for. */
const GAP_DAYS = 14;

/**
 * The state of a source after a look at its costs.
 *
 * @param before the state at the last look; undefined at the first
 */
export function sourceStateAfter(
  before: SourceState | undefined,
  { source, newest, today }: { readonly source: string; readonly newest: string; readonly today: string },
): SourceState {
  if (!before || newest <= before.newest) return { source, newest, waits: before?.waits ?? [] };
  const wait = daysBetween(before.newest, today);
  // a wait that was reported says nothing about the rhythm
  const waits = isOverdue(before, today) ? before.waits : [...before.waits, wait].slice(-MOST_WAITS);
  return { source, newest, waits };
}

/**
 * The days that a source didn’t deliver: those after its newest, once they take longer than they ever did, and gaps
 * between delivered days, if it usually has costs every day.
 */
export function missingDays(state: SourceState, delivered: ReadonlySet<string>, today: string): MissingDays[] {
  const gaps = gapsIn(state.newest, delivered);
  return isOverdue(state, today) ? [...gaps, { since: addDays(state.newest, 1), until: null }] : gaps;
}

function isOverdue({ newest, waits }: SourceState, today: string): boolean {
  return waits.length >= LEAST_WAITS && daysBetween(newest, today) > Math.max(...waits) + LATER_DAYS;
}

function gapsIn(newest: string, delivered: ReadonlySet<string>): MissingDays[] {
  const gaps: { since: string; until: string }[] = [];
  for (const day of daysFrom(addDays(newest, -GAP_DAYS), newest)) {
    if (delivered.has(day)) continue;
    const last = gaps.at(-1);
    if (last && addDays(last.until, 1) === day) last.until = day;
    else gaps.push({ since: day, until: day });
  }
  return gaps.filter(({ since }) => {
    const before = daysFrom(addDays(since, -DENSE_DAYS), addDays(since, -1));
    return before.filter((day) => delivered.has(day)).length >= LEAST_DELIVERED;
  });
}
