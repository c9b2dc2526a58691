import { DateTime } from 'luxon';
import { addDays } from '../../src/billing/period/day.ts';
import { isUsualYear, toPeriod } from '../../src/billing/period/period.ts';
import { readPeriod } from '../../src/billing/period/typed-period.ts';
import { Refusal } from '../../src/billing/refusal.ts';

const FORMATS = ['yyyy-MM-dd', 'd.M.yyyy', 'd LLL yyyy', 'd LLLL yyyy', 'LLL d yyyy', 'LLLL d yyyy'];

/**
 * A typed day: `2026-10-31`, `31.10.2026`, `31 Oct 2026`, `yesterday`; for a month its first or last day.
 *
 * @param today YYYY-MM-DD in the account's time zone
 * @returns YYYY-MM-DD
 * @throws {Refusal} `invalid_command`
 */
export function readDay(typed: string, ofMonth: 'first' | 'last', today: string): string {
  const text = typed.replace(/,/g, ' ').replace(/\s+/g, ' ').trim();
  if (/^today$/i.test(text)) return today;
  if (/^yesterday$/i.test(text)) return addDays(today, -1);
  const day = firstValid(text, FORMATS);
  if (day) return day.toFormat('yyyy-MM-dd');
  const month = readPeriod(text, toPeriod(today.slice(0, 7)));
  if (month) {
    const first = DateTime.fromISO(month, { zone: 'utc' });
    return (ofMonth === 'first' ? first : first.endOf('month')).toFormat('yyyy-MM-dd');
  }
  throw new Refusal('invalid_command', {
    problem: `“${typed}” isn’t a valid date.`,
    usage: 'Use a date such as `2026-10-31`, or a month such as `October 2026`.',
  });
}

function firstValid(text: string, formats: readonly string[]): DateTime | undefined {
  return formats
    .map((format) => DateTime.fromFormat(text, format, { locale: 'en', zone: 'utc' }))
    .find((date) => date.isValid && isUsualYear(date.year));
}
