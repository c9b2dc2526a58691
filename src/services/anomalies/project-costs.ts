import { type AcceptedLevel, type AnomalyFloors, HISTORY_DAYS, type Judging } from '../../billing/insight/anomalies.ts';
import { lastCompleteDay } from '../../billing/insight/complete-days.ts';
import type { DayCost } from '../../billing/insight/daily-costs.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { addDays, daysBetween, daysFrom } from '../../billing/period/day.ts';
import type { AnomalyDoc } from '../../store/anomalies/anomalies.ts';
import type { DayCell } from '../../store/costs/day-cells.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';

/** How many complete days are judged at each check; more if an anomaly is open that had its last unusual day before. */
export const JUDGED_DAYS = 14;
const MOST_JUDGED_DAYS = 60;
/** How many days of costs a check reads. */
export const READ_DAYS = HISTORY_DAYS + MOST_JUDGED_DAYS;

/** The daily costs of a service of a project in one currency, until its last complete day. */
export interface ServiceCosts {
  readonly service: string;
  readonly currency: string;
  readonly completeUntil: string;
  /** Without gaps, from the first day on which the project has costs. */
  readonly days: readonly { readonly day: string; readonly amount: Decimal }[];
  /** Days on which one of its sources delivered nothing at all. */
  readonly undelivered: ReadonlySet<string>;
}

/** @param delivered the days on which each source of the account has costs */
export function serviceCosts(
  cells: readonly DayCell[],
  delivered: ReadonlyMap<string, ReadonlySet<string>>,
): ServiceCosts[] {
  const first = cells.map(({ day }) => day).sort()[0];
  if (first === undefined) return [];
  const groups = new Map<string, DayCell[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.service, cell.currency]);
    const own = groups.get(key);
    if (own) own.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()].flatMap((own) => costsOf(own, first, delivered));
}

function costsOf(
  cells: readonly DayCell[],
  first: string,
  delivered: ReadonlyMap<string, ReadonlySet<string>>,
): ServiceCosts[] {
  const [{ service, currency }] = cells as readonly [DayCell];
  const sources = new Set(cells.map(({ source }) => source));
  const newest = new Map(
    [...sources].map((source) => [source, [...(delivered.get(source) ?? [])].sort().at(-1) ?? '']),
  );
  const completeUntil = lastCompleteDay(newest, sources);
  if (completeUntil === null || completeUntil < first) return [];
  const byDay = new Map<string, Decimal>();
  for (const { day, amount } of cells) byDay.set(day, sum([byDay.get(day) ?? ZERO, amount]));
  const days = daysFrom(first, completeUntil);
  // a source that ended long ago isn’t waited for
  const live = [...newest].flatMap(([source, last]) => (last > completeUntil ? [delivered.get(source)] : []));
  return [
    {
      ...{ service, currency, completeUntil },
      days: days.map((day) => ({ day, amount: byDay.get(day) ?? ZERO })),
      undelivered: new Set(days.filter((day) => live.some((on) => on?.has(day) !== true))),
    },
  ];
}

/** How the costs are judged, given the anomalies of the same costs that were found before. */
export function judgingOf(costs: ServiceCosts, known: readonly AnomalyDoc[], floors: AnomalyFloors): Judging {
  const open = known.filter(({ state }) => state !== 'ended').map(({ until }) => until);
  const behind = Math.max(0, ...open.map((until) => daysBetween(until, costs.completeUntil) + 2));
  const last = Math.min(Math.max(JUDGED_DAYS, behind), MOST_JUDGED_DAYS, costs.days.length);
  const judgedFrom = addDays(costs.completeUntil, 1 - last);
  const unusual = known.flatMap(({ since, until }) => daysFrom(since, until)).filter((day) => day < judgedFrom);
  return {
    days: costs.days.map(({ day, amount }): DayCost => ({ day, amount: amount.toNumber() })),
    ...{ last, floors, accepted: [], unusual: new Set(unusual), undelivered: costs.undelivered },
  };
}

/** The levels that people have called expected. */
export function acceptedLevels(known: readonly AnomalyDoc[]): AcceptedLevel[] {
  return known.flatMap(({ reason, side, amount }) =>
    reason === null ? [] : [{ side, level: fromDecimal128(amount).toNumber() }],
  );
}
