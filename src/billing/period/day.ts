import { DateTime, IANAZone } from 'luxon';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** No time zone has ever been further from UTC. */
const FURTHEST_MS = 17 * 3_600_000;
/** How many results of each function are cached: time zones are slow, and the same few instants come again and again. */
const MOST_KEPT = 5_000;

const DAY = /^20\d\d-\d\d-\d\d$/;

const firstInstants = new Map<string, number>();
const days = new Map<string, string>();
const laterInstants = new Map<string, number>();

/** Whether a text is a calendar day, YYYY-MM-DD, from 2000 to 2099. Other years are typos. */
export function isDay(text: string): boolean {
  return DAY.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}

/** The day, YYYY-MM-DD, of an instant in a time zone. */
export function dayIn(instant: Date, zone: string): string {
  return cached(days, `${instant.getTime()} ${zone}`, () =>
    DateTime.fromJSDate(instant, { zone }).toFormat('yyyy-MM-dd'),
  );
}

/**
 * A day's first instant in a time zone: the earlier local midnight if clocks that are set back repeat it; the first
 * instant after the gap if midnight is skipped. It is also the end of the previous day (domain.md, Periods and
 * invoices).
 *
 * @param day YYYY-MM-DD
 */
export function startOfDay(day: string, zone: string): Date {
  const found = cached(firstInstants, `${day} ${zone}`, () =>
    firstInstantAt(DateTime.fromISO(day, { zone: 'utc' }).toMillis(), IANAZone.create(zone)),
  );
  return new Date(found);
}

/** The day a number of days later, or earlier if negative. */
export function addDays(day: string, days: number): string {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
}

/** The days from one to another, both included; none if the other is earlier. */
export function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** A day as shown to people: `28 February 2026`. */
export function dayName(day: string): string {
  return DateTime.fromISO(day, { zone: 'utc' }).setLocale('en').toFormat('d LLLL yyyy');
}

/** The day of an instant as shown to people: for days that carry meaning, in the account's time zone. */
export function dayNameIn(instant: Date, zone: string): string {
  return dayName(dayIn(instant, zone));
}

/** An instant to the minute, with its time zone: `1 November 2026, 14:05 (Europe/Berlin)`. */
export function momentNameIn(instant: Date, zone: string): string {
  const time = DateTime.fromJSDate(instant, { zone }).toFormat('HH:mm');
  return `${dayNameIn(instant, zone)}, ${time} (${zone})`;
}

/** The last day of something that ends at an instant, such as the last day on which a credit is valid. */
export function lastDayBefore(end: Date, zone: string): string {
  return dayIn(new Date(end.getTime() - 1), zone);
}

/** The number of days from one day to another; negative if the other is earlier. */
export function daysBetween(from: string, to: string): number {
  const [begin, end] = [from, to].map((day) => DateTime.fromISO(day, { zone: 'utc' }).toMillis());
  return Math.round(((end ?? Number.NaN) - (begin ?? Number.NaN)) / DAY_MS);
}

/** The same time of day a number of calendar days later; never on another day, even if clocks skip the time. */
export function plusDays(instant: Date, count: number, zone: string): Date {
  const later = () => {
    const day = addDays(dayIn(instant, zone), count);
    const same = DateTime.fromJSDate(instant, { zone }).plus({ days: count }).toJSDate();
    return (dayIn(same, zone) === day ? same : startOfDay(day, zone)).getTime();
  };
  return new Date(cached(laterInstants, `${instant.getTime()} ${count} ${zone}`, later));
}

function cached<T>(kept: Map<string, T>, key: string, work: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const found = work();
  if (kept.size === MOST_KEPT) kept.clear();
  kept.set(key, found);
  return found;
}

/**
 * The earliest instant at which clocks show a local time, or a later one if the time is skipped.
 *
 * @param local the local time in milliseconds, as if it were UTC
 */
function firstInstantAt(local: number, zone: IANAZone): number {
  let begin = local - FURTHEST_MS;
  // a zone's clocks change at most once between two of these
  for (const next of [local, local + FURTHEST_MS]) {
    const offset = offsetAt(zone, begin);
    const change = offset === offsetAt(zone, next) ? next : changeBetween(zone, begin, next);
    if (local - offset < change) return Math.max(local - offset, begin);
    begin = change;
    const after = offsetAt(zone, change);
    if (local - after < next) return Math.max(local - after, change);
    begin = next;
  }
  return begin;
}

/** The first instant of a range at which the UTC offset differs from the one at its start. */
function changeBetween(zone: IANAZone, from: number, to: number): number {
  const before = offsetAt(zone, from);
  let [same, changed] = [from, to];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(zone, middle) === before) same = middle;
    else changed = middle;
  }
  return changed;
}

/** The UTC offset, in milliseconds. */
function offsetAt(zone: IANAZone, instant: number): number {
  return Math.round(zone.offset(instant) * MINUTE_MS);
}
