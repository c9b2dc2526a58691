import { DateTime } from 'luxon';
import { isCurrency } from './currency.ts';
import { Decimal } from './money.ts';
import { ECB, type Rate } from './rate.ts';
import { Refusal } from './refusal.ts';

/** A day's rates in the bank's XML: `<Cube time='2026-10-30'>` around `<Cube currency='USD' rate='1.0857'/>`. */
const DAY = /<Cube\s+time\s*=\s*["'](\d{4}-\d{2}-\d{2})["']\s*>([\s\S]*?)<\/Cube>/g;
const ENTRY = /<Cube\s+currency\s*=\s*["']([A-Z]{3})["']\s+rate\s*=\s*["']([\d.]+)["']\s*\/>/g;
const NUMBER = /^\d{1,12}(\.\d{1,12})?$/;
const DATE_FORMATS = ['yyyy-MM-dd', 'd LLLL yyyy', 'd LLL yyyy'];

/**
 * Reads the reference rates that the European Central Bank publishes (eurofxref): the XML and the CSV, of one day or of
 * many. Currencies that ISO 4217 no longer lists are left out, as are those without a rate (`N/A`).
 *
 * @throws {Refusal} `rates_not_understood`
 */
export function parseEcb(text: string): Rate[] {
  const rates = text.trimStart().startsWith('<') ? parseXml(text) : parseCsv(text);
  if (rates.length === 0) throw notUnderstood('it holds no rate');
  return rates;
}

function parseXml(text: string): Rate[] {
  return [...text.matchAll(DAY)].flatMap(([, date = '', entries = '']) =>
    [...entries.matchAll(ENTRY)].flatMap(([, currency = '', rate = '']) => rateOf(toDate(date), currency, rate)),
  );
}

/** `Date, USD, JPY, …` and a row for each day: `30 October 2026, 1.0857, 165.46, …`, or `2026-10-30,1.0857,…`. */
function parseCsv(text: string): Rate[] {
  const [head = '', ...rows] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [first = '', ...currencies] = cells(head);
  if (first.toLowerCase() !== 'date') throw notUnderstood('its first column is not “Date”');
  return rows.flatMap((row) => {
    const [date = '', ...values] = cells(row);
    const day = toDate(date);
    return currencies.flatMap((currency, at) => rateOf(day, currency, values[at] ?? ''));
  });
}

function cells(line: string): string[] {
  return line.split(',').map((cell) => cell.trim());
}

function rateOf(date: string, currency: string, rate: string): Rate[] {
  if (rate === '' || rate === 'N/A' || !isCurrency(currency)) return [];
  if (!NUMBER.test(rate) || new Decimal(rate).isZero()) throw notUnderstood(`“${rate}” is no rate of ${currency}`);
  return [{ base: 'EUR', currency, rate: new Decimal(rate), date, source: ECB }];
}

function toDate(text: string): string {
  for (const format of DATE_FORMATS) {
    const day = DateTime.fromFormat(text, format, { locale: 'en', zone: 'utc' });
    if (day.isValid) return day.toFormat('yyyy-MM-dd');
  }
  throw notUnderstood(`“${text}” is no date`);
}

function notUnderstood(why: string): Refusal {
  return new Refusal('rates_not_understood', `This is no file of the European Central Bank’s rates: ${why}.`, {
    wayOut: 'Use eurofxref-daily.xml or eurofxref.csv, as the bank publishes them.',
  });
}
