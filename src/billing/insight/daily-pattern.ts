import { type DayCost, dayOfMonth, daysToMonthEnd, median, spread, weekdayOf } from './daily-costs.ts';

/** A charge is monthly if it stands out by this many times the usual distance, and by this share of the level. */
const STANDS_OUT = 5;
const STANDS_OUT_SHARE = 0.5;

/** Monthly charges by day of the month, and by days before its end. */
export interface MonthlyCharges {
  readonly fromBegin: ReadonlyMap<number, number>;
  readonly fromEnd: ReadonlyMap<number, number>;
}

/** The monthly charges that are due on some days. */
export function chargesOn({ fromBegin, fromEnd }: MonthlyCharges, days: readonly string[]): DayCost[] {
  return days.flatMap((day) => {
    const amount = fromBegin.get(dayOfMonth(day)) ?? fromEnd.get(daysToMonthEnd(day));
    return amount === undefined ? [] : [{ day, amount }];
  });
}

/** The days without what stands out on the same day of several months. */
export function withoutMonthlyCharges(
  history: readonly DayCost[],
): MonthlyCharges & { readonly plain: readonly DayCost[] } {
  const usual = history.map(({ day }, at) => usualOf(history, at, day));
  const overs = history.map(({ amount }, at) => amount - (usual[at] ?? 0));
  const scale = spread(overs) * STANDS_OUT;
  const out = history.map((_, at) => {
    const [over, base] = [overs[at] ?? 0, Math.abs(usual[at] ?? 0)];
    return over > scale && over > base * STANDS_OUT_SHARE;
  });
  const seen = history.flatMap(({ day }, at) => (out[at] ? [{ day, amount: overs[at] ?? 0 }] : []));
  const { fromBegin, fromEnd } = monthlyIn(seen, history);
  const isMonthly = (day: string) => fromBegin.has(dayOfMonth(day)) || fromEnd.has(daysToMonthEnd(day));
  const plain = history.map(({ day, amount }, at) => ({
    day,
    amount: isMonthly(day) && out[at] ? (usual[at] ?? 0) : amount,
  }));
  return { plain, fromBegin, fromEnd };
}

const AROUND = [-28, -21, -14, -7, 7, 14, 21, 28] as const;

/** The median of the same weekday in the four weeks around a day, or of all days where there are too few. */
function usualOf(history: readonly DayCost[], at: number, day: string): number {
  const same: number[] = [];
  for (const days of AROUND) {
    const amount = history[at + days]?.amount;
    if (amount !== undefined) same.push(amount);
  }
  if (same.length >= 3) return median(same);
  return median(history.filter((one) => one.day !== day).map(({ amount }) => amount));
}

/** A charge on the last day of every month is on the 31st of some: which of both it is, more months decide. */
function monthlyIn(seen: readonly DayCost[], history: readonly DayCost[]): MonthlyCharges {
  const begin = recurring(seen, history, dayOfMonth);
  const end = recurring(seen, history, daysToMonthEnd);
  const isInMore = ({ charges }: Recurring, others: ReadonlyMap<number, Recurring>, placeOf: (day: string) => number) =>
    charges.some(({ day }) => (others.get(placeOf(day))?.charges.length ?? 0) > charges.length);
  const fromBegin = [...begin].filter(([, one]) => !isInMore(one, end, daysToMonthEnd));
  const kept = new Set(fromBegin.flatMap(([, { charges }]) => charges.map(({ day }) => day)));
  const fromEnd = [...end].filter(([, { charges }]) => charges.filter(({ day }) => !kept.has(day)).length >= 2);
  const amounts = (some: readonly (readonly [number, Recurring])[]) =>
    new Map(some.map(([place, { amount }]) => [place, amount]));
  return { fromBegin: amounts(fromBegin), fromEnd: amounts(fromEnd) };
}

/** Charges at the same place in several months, and what the next is expected to be. */
interface Recurring {
  readonly charges: readonly DayCost[];
  readonly amount: number;
}

/** The places in a month at which something stood out in at least two months, and in every month since. */
function recurring(
  seen: readonly DayCost[],
  history: readonly DayCost[],
  placeOf: (day: string) => number,
): Map<number, Recurring> {
  const places = new Map<number, DayCost[]>();
  for (const one of seen) places.set(placeOf(one.day), [...(places.get(placeOf(one.day)) ?? []), one]);
  const found = new Map<number, Recurring>();
  for (const [place, charges] of places) {
    if (charges.length < 2) continue;
    const latest = charges.at(-1)?.day ?? '';
    const hasStopped = history.some(({ day }) => day > latest && placeOf(day) === place);
    if (!hasStopped) found.set(place, { charges, amount: median(charges.slice(-3).map(({ amount }) => amount)) });
  }
  return found;
}

/** How much each weekday costs of the level around it, 0 if usually nothing; 1 for all if that explains little. */
export function weekdayShares(days: readonly DayCost[]): number[] {
  const none = Array.from({ length: 7 }, () => 1);
  const ratios = days.flatMap(({ day, amount }, at) => {
    const week = days.slice(Math.max(at - 3, 0), at + 4);
    const level = week.reduce((sum, one) => sum + one.amount, 0) / week.length;
    return week.length === 7 && level > 0 ? [{ weekday: weekdayOf(day), ratio: amount / level }] : [];
  });
  if (ratios.length < 2 * 7) return none;
  const factors = none.map((_, weekday) => median(ratios.flatMap((one) => (one.weekday === weekday ? one.ratio : []))));
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / 7;
  if (mean <= 0 || factors.some((factor) => factor < 0)) return none;
  const even = factors.map((factor) => factor / mean);
  const distance = (of: (weekday: number) => number) =>
    ratios.reduce((sum, { weekday, ratio }) => sum + Math.abs(ratio - of(weekday)), 0);
  return distance((weekday) => even[weekday] ?? 1) < distance(() => 1) * 0.75 ? even : none;
}
