import { type DayCost, median } from './daily-costs.ts';
import { type ExpectedRange, expectedRange } from './expected-range.ts';

/** Whether costs are above or below what was expected. */
export type AnomalySide = 'above' | 'below';

/** How far from the usual a cost has to be to matter. */
export interface AnomalyFloors {
  /** In the currency of the costs. */
  readonly absolute: number;
  /** Of the usual cost: 0.3 for 30 %. */
  readonly relative: number;
}

export const RELATIVE_FLOOR = 0.3;

/** A level that a person has called expected: costs up to it, or down to it, aren’t reported again. */
export interface AcceptedLevel {
  readonly side: AnomalySide;
  readonly level: number;
}

/** A day’s cost beside what was expected. */
export interface JudgedDay extends DayCost {
  /** Null with too little history. */
  readonly expected: ExpectedRange | null;
  /** Null if it is as expected, or close enough. */
  readonly side: AnomalySide | null;
}

/** Days on which a cost was out of its range. */
export interface Anomaly {
  readonly side: AnomalySide;
  /** The first and the last unusual day, YYYY-MM-DD. */
  readonly since: string;
  readonly until: string;
  /** Whether the cost has been back for some days. */
  readonly isOver: boolean;
  /** The cost furthest from the expected one, on one day. */
  readonly level: number;
  /** What the first day was expected to cost. */
  readonly low: number;
  readonly high: number;
}

/** What is judged. */
export interface Judging {
  /** Days without gaps, oldest first, of which the last ones are judged. */
  readonly days: readonly DayCost[];
  /** How many of the last days are judged. */
  readonly last: number;
  readonly floors: AnomalyFloors;
  readonly accepted: readonly AcceptedLevel[];
  /** Days before those that were unusual. */
  readonly unusual: ReadonlySet<string>;
  /** Days for which nothing was delivered: they are no savings, and not judged. */
  readonly undelivered: ReadonlySet<string>;
}

/** How much history a day is judged by. */
export const HISTORY_DAYS = 120;
const WEEK = 7;
/** How many days in a row a cost has to be back for an anomaly to be over. */
export const CALM_DAYS = 2;

/**
 * Judges the last days one after another. A day is unusual if its cost is outside of its range and far enough from the
 * usual one. A high cost counts on its first day if no single day lately was like that. Otherwise, and for every low
 * cost, the day before has to be outside, too: a single low day is a refund, or a cost that comes late.
 */
export function judgeDays({ days, last, floors, accepted, unusual, undelivered }: Judging): JudgedDay[] {
  const known = new Set(unusual);
  const judged: JudgedDay[] = [];
  // the first of two low days is known only with the second
  let pending: JudgedDay | undefined;
  const first = Math.max(days.length - last, 0);
  for (const [place, { day, amount }] of days.slice(first).entries()) {
    const at = first + place;
    const history = days.slice(Math.max(at - HISTORY_DAYS, 0), at);
    const expected = undelivered.has(day) ? null : expectedRange(history, day, known);
    const out = expected && sideOf(amount, expected, floors);
    const isAccepted = out !== null && accepted.some((one) => isUpTo(one, { amount, side: out }, floors));
    const isOnce =
      out === 'above' && expected !== null && amount > expected.highest && !isWeekly(days, at, known, floors);
    const isSecond = out !== null && (pending?.side === out || judged.at(-1)?.side === out);
    const isNews = out !== null && !isAccepted && !hasHeld(days, at, known, floors);
    const isUnusual = (isOnce || isSecond) && isNews;
    if (isSecond && pending && isNews) {
      judged[judged.length - 1] = pending;
      known.add(pending.day);
    }
    judged.push({ day, amount, expected, side: isUnusual ? out : null });
    // what a person has called expected isn't usual yet
    if (isUnusual || isAccepted) known.add(day);
    pending = isNews && !isUnusual ? { day, amount, expected, side: out } : undefined;
  }
  return judged;
}

/**
 * Whether a day costs about as much as an unusual day a week before, with usual days between: a weekly bill that stays
 * higher is reported once, and is what its weekday costs from then on.
 */
function isWeekly(days: readonly DayCost[], at: number, known: ReadonlySet<string>, floors: AnomalyFloors): boolean {
  const [day, before] = [days[at], days[at - WEEK]];
  if (!day || !before || !known.has(before.day)) return false;
  if (days.slice(at - WEEK + 1, at).some((one) => known.has(one.day))) return false;
  return day.amount <= before.amount + Math.max(floors.absolute, floors.relative * Math.abs(before.amount));
}

/**
 * Whether a cost is still what it was when it was last unusual, since when it hasn’t gone back: a lasting change is usual
 * after a while, though not yet for each weekday, and isn’t reported twice.
 */
function hasHeld(days: readonly DayCost[], at: number, known: ReadonlySet<string>, floors: AnomalyFloors): boolean {
  const isKnown = (place: number) => known.has(days[place]?.day ?? '');
  const before = (from: number, is: boolean) => {
    let place = from;
    while (place >= 0 && isKnown(place) === is) place -= 1;
    return place;
  };
  const last = before(at - 1, false);
  if (last < 0 || at - last <= CALM_DAYS) return false;
  const change = days.slice(before(last, true) + 1, last + 1).map(({ amount }) => amount);
  const leeway = (of: number) => Math.max(floors.absolute, floors.relative * Math.abs(of));
  return days.slice(last + 1, at + 1).every(({ amount }, place) => {
    const { low, high } = levelAfter(change, place + 1);
    return amount >= low - leeway(low) && amount <= high + leeway(high);
  });
}

/**
 * What a day is near if a change has lasted: what costs held for two days in a row, or had on the same weekday. A single
 * day that went further, such as the first one, was a spike.
 *
 * @param change the costs of its days @param later how many days after it
 */
function levelAfter(change: readonly number[], later: number): { readonly low: number; readonly high: number } {
  const pairs = change.slice(1).map((amount, at) => [change[at] ?? 0, amount] as const);
  const sameWeekday = change.length - 1 + later - WEEK * Math.ceil(later / WEEK);
  const single = change.length === 1 ? change : change.filter((_amount, at) => at === sameWeekday);
  return {
    low: Math.min(...pairs.map((pair) => Math.max(...pair)), ...single),
    high: Math.max(...pairs.map((pair) => Math.min(...pair)), ...single),
  };
}

function sideOf(amount: number, { usual, low, high }: ExpectedRange, floors: AnomalyFloors): AnomalySide | null {
  const isFar = (distance: number, from: number) =>
    distance >= floors.absolute && distance >= floors.relative * Math.abs(from);
  if (amount > high && isFar(amount - usual.high, usual.high)) return 'above';
  return amount < low && isFar(usual.low - amount, usual.low) ? 'below' : null;
}

/** Whether a cost doesn't go beyond an expected level by more than the floors. */
function isUpTo(
  { side: of, level }: AcceptedLevel,
  { amount, side }: { readonly amount: number; readonly side: AnomalySide },
  floors: AnomalyFloors,
): boolean {
  const leeway = Math.max(floors.absolute, floors.relative * Math.abs(level));
  return of === side && (side === 'above' ? amount <= level + leeway : amount >= level - leeway);
}

/** How far back the same weekday is looked for: eight times. */
const WEEKDAY_DAYS = 56;

/**
 * Whether nothing can be found in the last days, which takes a fraction of judging them: each is near the median of the
 * same weekday before it. A monthly charge that isn't there any longer may be overlooked.
 */
export function isSteady({ days, last, floors }: Pick<Judging, 'days' | 'last' | 'floors'>): boolean {
  const first = Math.max(days.length - last, 0);
  return days.slice(first).every(({ amount }, place) => {
    const at = first + place;
    const same: number[] = [];
    for (let back = 7; back <= WEEKDAY_DAYS && back <= at; back += 7) same.push(days[at - back]?.amount ?? 0);
    const usual = median(same);
    const distance = Math.abs(amount - usual);
    return distance < floors.absolute || distance < floors.relative * Math.abs(usual);
  });
}

/** Puts unusual days on the same side together, over fewer than `CALM_DAYS` others. Days that aren’t judged don’t count. */
export function anomaliesIn(judged: readonly JudgedDay[]): Anomaly[] {
  const found: Anomaly[] = [];
  let calm = 0;
  for (const { day, amount, expected, side } of judged) {
    const current = found.at(-1);
    if (!expected) continue;
    if (side === null) {
      calm += 1;
      if (current && calm >= CALM_DAYS) found[found.length - 1] = { ...current, isOver: true };
      continue;
    }
    calm = 0;
    if (current && !current.isOver && current.side === side) {
      const further = side === 'above' ? Math.max : Math.min;
      found[found.length - 1] = { ...current, until: day, level: further(current.level, amount) };
    } else {
      if (current) found[found.length - 1] = { ...current, isOver: true };
      const { low, high } = expected;
      found.push({ side, since: day, until: day, isOver: false, level: amount, low, high });
    }
  }
  return found;
}
