import { DateTime } from 'luxon';
import { Refusal } from '../../src/billing/refusal.ts';

const FORMATS = ['yyyy-MM-dd', 'd.M.yyyy', 'd LLL yyyy', 'd LLLL yyyy', 'LLL d yyyy', 'LLLL d yyyy'];
const MONTHS = ['yyyy-MM', 'LLL yyyy', 'LLLL yyyy'];

/**
 * A day that a person typed: `2026-10-31`, `31.10.2026`, `31 Oct 2026`; of a month its first or last day.
 *
 * @returns YYYY-MM-DD
 * @throws {Refusal} `invalid_command`
 */
export function readDay(typed: string, ofMonth: 'first' | 'last'): string {
  const text = typed.replace(/,/g, ' ').replace(/\s+/g, ' ').trim();
  const day = firstValid(text, FORMATS);
  if (day) return day.toFormat('yyyy-MM-dd');
  const month = firstValid(text, MONTHS);
  if (month) return (ofMonth === 'first' ? month : month.endOf('month')).toFormat('yyyy-MM-dd');
  throw new Refusal('invalid_command', {
    problem: `“${typed}” isn’t a valid date.`,
    usage: 'Use a date such as `2026-10-31`.',
  });
}

function firstValid(text: string, formats: readonly string[]): DateTime | undefined {
  return formats
    .map((format) => DateTime.fromFormat(text, format, { locale: 'en', zone: 'utc' }))
    .find((date) => date.isValid);
}
