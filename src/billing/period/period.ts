import { DateTime, IANAZone } from 'luxon';
import { dayIn, startOfDay } from './day.ts';

/** A billing period: a calendar month, written `2026-10`. Its time zone is the account's. */
export type Period = string & { readonly __period: unique symbol };

/** A half-open time span `[begin, end)`, both instants in UTC. */
export interface Span {
  readonly begin: Date;
  readonly end: Date;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
const PATTERN = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** @throws {RangeError} for anything but `YYYY-MM` */
export function toPeriod(text: string): Period {
  if (!PATTERN.test(text)) throw new RangeError(`Not a period (YYYY-MM): ${text}`);
  return text as Period;
}

/**
 * Reads a period: `2026-10`, `10/2026`, `Oct 2026`, `October 2026`; undefined for anything else, or a year outside 2000
 * to 2099.
 */
export function parsePeriod(text: string): Period | undefined {
  const trimmed = text.trim();
  for (const format of ['yyyy-MM', 'yyyy-M', 'M/yyyy', 'MM/yyyy', 'LLL yyyy', 'LLLL yyyy', 'yyyy/MM']) {
    const month = DateTime.fromFormat(trimmed, format, { locale: 'en', zone: 'utc' });
    if (month.isValid && isUsualYear(month.year)) return toPeriod(month.toFormat('yyyy-MM'));
  }
  return undefined;
}

/** Whether the year is plausible: usage-based billing didn't exist before 2000, and 2100 or later is a typo. */
export function isUsualYear(year: number): boolean {
  return year >= 2000 && year < 2100;
}

/** Whether the name is a time zone in this machine's IANA database. */
export function isTimeZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/**
 * The period whose span contains an instant, in a time zone, even if clocks that are set back show the previous month
 * again.
 */
export function periodAt(instant: Date, zone: string): Period {
  const period = toPeriod(dayIn(instant, zone).slice(0, 7));
  return instant >= beginOf(nextPeriod(period), zone) ? nextPeriod(period) : period;
}

/** `periodAt` for many instants in one time zone: remembers the spans of the periods that it has met. */
export function periodFinder(zone: string): (instant: Date) => Period {
  const met: { period: Period; begin: number; end: number }[] = [];
  return (instant) => {
    const at = instant.getTime();
    const known = met.find(({ begin, end }) => begin <= at && at < end);
    if (known) return known.period;
    const period = periodAt(instant, zone);
    const { begin, end } = spanOf(period, zone);
    met.push({ period, begin: begin.getTime(), end: end.getTime() });
    return period;
  };
}

/**
 * `[first instant of the month, first instant of the next)` in a time zone: 28 to 31 days, an hour more or less if the
 * clocks change (domain.md, Periods and invoices).
 */
export function spanOf(period: Period, zone: string): Span {
  return { begin: beginOf(period, zone), end: beginOf(nextPeriod(period), zone) };
}

/** A period's first instant, which is the end of the previous one. */
function beginOf(period: Period, zone: string): Date {
  return startOfDay(`${period}-01`, zone);
}

export function nextPeriod(period: Period): Period {
  return shiftPeriod(period, 1);
}

/** The period a number of months later, or earlier if negative. */
export function shiftPeriod(period: Period, months: number): Period {
  const { year, month } = partsOf(period);
  const at = year * MONTHS.length + month - 1 + months;
  const shifted = (at % MONTHS.length) + 1;
  return toPeriod(`${String(Math.floor(at / MONTHS.length)).padStart(4, '0')}-${String(shifted).padStart(2, '0')}`);
}

/** The periods from one to another, both included; none if the other is earlier. */
export function periodsBetween(first: Period, last: Period): Period[] {
  const periods: Period[] = [];
  for (let period = first; period <= last; period = nextPeriod(period)) periods.push(period);
  return periods;
}

/** The earlier of two periods, which compare as texts. */
export function earlier(a: Period, b: Period): Period {
  return a < b ? a : b;
}

/** The instant at which the period is closed automatically: its end plus the account's close delay in hours. */
export function closesAt(period: Period, zone: string, closeDelayHours: number): Date {
  return new Date(spanOf(period, zone).end.getTime() + closeDelayHours * 3_600_000);
}

/** The latest period that is due to be closed at `now`. All earlier ones are due, too. */
export function latestDue(now: Date, zone: string, closeDelayHours: number): Period {
  return shiftPeriod(periodAt(new Date(now.getTime() - closeDelayHours * 3_600_000), zone), -1);
}

/** A period as shown to people: `October 2026`. */
export function periodName(period: Period): string {
  const { year, month } = partsOf(period);
  return `${MONTHS[month - 1]} ${year}`;
}

/** Read by hand: lists name the months of hundreds of invoices, and a library's parser takes far longer. */
function partsOf(period: Period): { year: number; month: number } {
  return { year: Number(period.slice(0, 4)), month: Number(period.slice(5)) };
}
