import { DateTime } from 'luxon';
import { Refusal } from '../refusal.ts';
import { isCurrency } from './currency.ts';
import { Decimal } from './money.ts';
import { ECB, type Rate } from './rate.ts';

/**
 * The tags of the bank's XML: `<Cube time='2026-10-30'>` opens a day, which contains `<Cube currency='USD'
 * rate='1.0857'/>`. The patterns read each character once, whatever the file contains.
 */
const TAG = /<Cube\b[^<>]*>/g;
const TIME = attribute('time');
const CURRENCY = attribute('currency');
const RATE = attribute('rate');
const NUMBER = /^\d{1,12}(\.\d{1,12})?$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const LONG_FORMATS = ['d LLLL yyyy', 'd LLL yyyy'];

/**
 * Reads the reference rates published by the European Central Bank (eurofxref): XML or CSV, one or more days. Skips
 * currencies that ISO 4217 no longer lists, and those without a rate (`N/A`).
 *
 * @throws {Refusal} `rates_not_understood`
 */
export function parseEcb(text: string): Rate[] {
  const rates = text.trimStart().startsWith('<') ? parseXml(text) : parseCsv(text);
  if (rates.length === 0) throw notUnderstood('it has no rates');
  return rates;
}

function parseXml(text: string): Rate[] {
  const rates: Rate[] = [];
  let day = '';
  for (const [tag] of text.matchAll(TAG)) {
    const [time, currency, rate] = [TIME, CURRENCY, RATE].map((pattern) => pattern.exec(tag)?.[1]);
    if (time !== undefined) day = toDate(time);
    else if (day !== '' && rate !== undefined) rates.push(...rateOf(day, currency, rate));
  }
  return rates;
}

/** An attribute of a tag, with its value. */
function attribute(name: string): RegExp {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"'<>]*)["']`);
}

/** `Date, USD, JPY, …` and a row for each day: `30 October 2026, 1.0857, 165.46, …`, or `2026-10-30,1.0857,…`. */
function parseCsv(text: string): Rate[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [head, ...rows] = lines.map(cells);
  if (head?.[0]?.toLowerCase() !== 'date') throw notUnderstood('the first column isn’t “Date”');
  const [, ...currencies] = head;
  return rows.flatMap(([date = '', ...values]) => {
    const day = toDate(date);
    // iterate over the row's own cells, so that a short row is quick even if the header is wide
    return values.flatMap((value, at) => rateOf(day, currencies[at], value));
  });
}

function cells(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

function rateOf(date: string, currency: string | undefined, rate: string): Rate[] {
  if (rate === '' || rate === 'N/A' || currency === undefined || !isCurrency(currency)) return [];
  if (!NUMBER.test(rate) || new Decimal(rate).isZero())
    throw notUnderstood(`“${rate}” isn’t a valid rate for ${currency}`);
  return [{ base: 'EUR', currency, rate: new Decimal(rate), date, source: ECB }];
}

function toDate(text: string): string {
  // a day that doesn't exist becomes another day or none
  if (ISO_DATE.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text)) return text;
  for (const format of LONG_FORMATS) {
    const day = DateTime.fromFormat(text, format, { locale: 'en', zone: 'utc' });
    if (day.isValid) return day.toFormat('yyyy-MM-dd');
  }
  throw notUnderstood(`“${text}” isn’t a valid date`);
}

function notUnderstood(problem: string): Refusal {
  return new Refusal('rates_not_understood', { problem });
}
