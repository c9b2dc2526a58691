import { addDays } from '../period/day.ts';

/** A source whose newest costs are this many days older than those of others is delivered monthly or not at all. */
const QUIET_DAYS = 10;

/**
 * The last day whose costs have all been delivered, YYYY-MM-DD: the day before the newest of the source that is furthest
 * behind. What the account’s sources have delivered counts, not what the subject happens to cost: a project without
 * costs since Monday has cost nothing since then, as long as its sources deliver.
 *
 * @param newest the newest day of each of the account’s sources, without days to come
 * @param sources those of the subject’s costs
 * @returns null if nothing has been delivered
 */
export function lastCompleteDay(newest: ReadonlyMap<string, string>, sources: ReadonlySet<string>): string | null {
  const latest = [...newest.values()].sort().at(-1);
  if (latest === undefined) return null;
  const isUsual = (day: string) => day >= addDays(latest, -QUIET_DAYS);
  const own = [...newest].flatMap(([source, day]) => (sources.has(source) && isUsual(day) ? [day] : [])).sort();
  return addDays(own[0] ?? latest, -1);
}
