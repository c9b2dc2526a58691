import type { DateFormat } from '../../billing/cost/cost-mapping.ts';
import { addDays, dayIn, isDay } from '../../billing/period/day.ts';
import { parseInstant } from '../focus/focus-values.ts';
import { monthNumber } from './month-names.ts';

/** The days of a charge, YYYY-MM-DD, both included. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

/** Longer than two dates with times. */
const MAX_LENGTH = 80;
/** A time of day behind a date. It must be one, but the day is what counts. */
const TIME =
  /^(.*\d)[T ,]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
/** Between the first and the last day of a period. */
const RANGE =
  /^(.+?)\s*(?:\s(?:-|\u2013|\u2014|to|bis|through|until|au|al|a|do|t\/m)\s|\u2013|\u2014|\.\.\.?)\s*(.+)$/i;
const PARTS =
  /^(\d{1,4}|\p{L}+)(?:[./\- \u00A0]|\.\s|\s?,\s|\s+)(\d{1,4}|\p{L}+)(?:[./\- \u00A0]|\.\s|\s?,\s|\s+)(\d{1,4}|\p{L}+)\.?$/u;
const COMPACT_DAY = /^(20\d\d)(\d\d)(\d\d)$/;
const MONTH_PARTS = /^(\d{1,4}|\p{L}+)(?:[./\- \u00A0]|\.\s|\s?,\s|\s+)(\d{1,4}|\p{L}+)\.?$/u;
const COMPACT_MONTH = /^(20\d\d)(\d\d)$/;

/**
 * Reads the day, the month or the period in a cell, as a mapping says that its column is written.
 *
 * @param zone IANA: the days of instants with a zone of their own are counted in it
 * @returns undefined for anything else; nothing is guessed
 */
export function readDays(cell: string, format: DateFormat, zone: string): Days | undefined {
  const text = cell.trim();
  if (text.length === 0 || text.length > MAX_LENGTH) return undefined;
  const whole = oneDate(text, format, zone);
  if (whole) return whole;
  const [, from = '', to = ''] = RANGE.exec(text) ?? [];
  const [first, last] = [oneDate(from, format, zone), oneDate(to, format, zone)];
  return first && last && first.first <= last.last ? { first: first.first, last: last.last } : undefined;
}

function oneDate(text: string, format: DateFormat, zone: string): Days | undefined {
  if (format === 'month') return monthDays(text) ?? dayDays(dayOf(text, 'ymd', zone));
  return dayDays(dayOf(text, format, zone));
}

function dayDays(day: string | undefined): Days | undefined {
  return day === undefined ? undefined : { first: day, last: day };
}

function dayOf(text: string, format: Exclude<DateFormat, 'month'>, zone: string): string | undefined {
  const [, date, hour, minute, second = '0', half, offset] = TIME.exec(text) ?? [];
  if (date === undefined) return calendarDay(text, format);
  const mostHours = half === undefined ? 23 : 12;
  if (Number(hour) > mostHours || Number(minute) > 59 || Number(second) > 59) return undefined;
  // an instant that states its zone is on the day that it is in the file's zone
  const instant = offset === undefined || format !== 'ymd' ? null : parseInstant(text);
  return instant ? dayIn(new Date(instant.milliseconds), zone) : calendarDay(date, format);
}

function calendarDay(text: string, format: Exclude<DateFormat, 'month'>): string | undefined {
  const compact = COMPACT_DAY.exec(text);
  if (compact) return format === 'ymd' ? dayFrom(compact[1], compact[2], compact[3]) : undefined;
  const [, a = '', b = '', c = ''] = PARTS.exec(text) ?? [];
  if (a === '') return undefined;
  const named = [a, b, c].findIndex((part) => !/\d/.test(part));
  if (named >= 0) {
    const month = monthNumber([a, b, c][named] ?? '');
    const [one = '', other = ''] = [a, b, c].filter((_, at) => at !== named);
    if (month === undefined || !/\d/.test(one) || !/\d/.test(other)) return undefined;
    return one.length === 4 || format === 'ymd' ? dayFrom(one, month, other) : dayFrom(other, month, one);
  }
  if (format === 'dmy') return dayFrom(c, b, a);
  return format === 'mdy' ? dayFrom(c, a, b) : dayFrom(a, b, c);
}

function dayFrom(year = '', month = '', day = ''): string | undefined {
  const whole = year.length === 2 ? `20${year}` : year;
  if (month.length > 2 || day.length > 2) return undefined;
  const found = `${whole}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(found) ? found : undefined;
}

/** `2026-10`, `10/2026`, `202610`, `Oct 2026`, `Okt-26`. */
function monthDays(text: string): Days | undefined {
  const [, year = '', number = ''] = COMPACT_MONTH.exec(text) ?? [];
  const [, a = '', b = ''] = MONTH_PARTS.exec(text) ?? [];
  if (year !== '') return daysOfMonth(year, number);
  if (a === '') return undefined;
  const isNamed = [/\d/.test(a), /\d/.test(b)];
  if (isNamed[0] && isNamed[1])
    return a.length === 4 ? daysOfMonth(a, b) : b.length === 4 ? daysOfMonth(b, a) : undefined;
  const [name, other] = isNamed[0] ? [b, a] : [a, b];
  const month = monthNumber(name);
  if (month === undefined || !/^(?:\d\d|\d{4})$/.test(other)) return undefined;
  return daysOfMonth(other.length === 2 ? `20${other}` : other, month);
}

function daysOfMonth(year: string, month: string): Days | undefined {
  if (month.length > 2) return undefined;
  const first = `${year}-${month.padStart(2, '0')}-01`;
  if (!isDay(first)) return undefined;
  return { first, last: addDays(`${addDays(first, 31).slice(0, 7)}-01`, -1) };
}

/** All days of a month. @param month YYYY-MM */
export function daysIn(month: string): Days | undefined {
  const [year = '', number = ''] = month.split('-');
  return /^\d{4}-\d\d$/.test(month) ? daysOfMonth(year, number) : undefined;
}
