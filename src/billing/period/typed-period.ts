import { nextPeriod, type Period, parsePeriod, shiftPeriod } from './period.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** A month's name, in full or abbreviated. */
const NAME =
  /^(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)$/;

/**
 * The month that a person typed: anything `parsePeriod` reads, `this month`, `last month`, `next month`, or a name
 * alone (`Nov`), which means the latest such month that has started.
 *
 * @param current the current month in the account's time zone
 */
export function readPeriod(typed: string, current: Period): Period | undefined {
  const text = typed.replace(/[.,]/g, ' ').replace(/\s+/g, ' ').trim().toLowerCase();
  if (/^(?:this|current) month$/.test(text)) return current;
  if (/^(?:last|previous) month$/.test(text)) return shiftPeriod(current, -1);
  if (text === 'next month') return nextPeriod(current);
  if (isMonthName(text)) return latest(MONTHS.indexOf(text.slice(0, 3)) + 1, current);
  return parsePeriod(typed) ?? parsePeriod(text.replace(/^sept /, 'sep '));
}

/** Whether it is a month's name without a year, which could also be the end of another name. */
export function isMonthName(typed: string): boolean {
  return NAME.test(typed.trim().toLowerCase());
}

function latest(month: number, current: Period): Period {
  const now = Number(current.slice(5));
  return shiftPeriod(current, month <= now ? month - now : month - now - 12);
}
