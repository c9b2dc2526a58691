import { daysBetween, isDay } from '../../src/billing/period/day.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { readDay } from './typed-day.ts';
import { phrase, type Word } from './words.ts';

/** The days that a person typed, and the words before them. */
export interface TypedDays {
  readonly name: string;
  readonly typed: string;
  /** YYYY-MM-DD, both included. */
  readonly from: string;
  readonly until: string;
}

/** Two years, which is as far back as daily costs are compared. */
const MOST_DAYS = 731;
const BETWEEN = /\s*(?:[–—]|\.\.)\s*|\s+(?:-|to|until)\s+/i;

/**
 * Words that end with a month, a day, or days from one to another: `October 2026`, `1 Oct – 15 Oct 2026`,
 * `2026-10-01 until yesterday`. Words in quotation marks belong to a name. As many words as possible are read as days.
 *
 * @param today YYYY-MM-DD in the account's time zone
 * @throws {Refusal} `invalid_command` for days in the wrong order, or too many
 */
export function endingWithDays(words: readonly Word[], today: string): TypedDays | undefined {
  for (let at = words.findLastIndex(({ quoted }) => quoted) + 1; at < words.length; at += 1) {
    const typed = phrase(words.slice(at));
    const days = readDays(typed, today);
    if (days) return { name: phrase(words.slice(0, at)), typed, ...inOrder(days, typed) };
  }
  return undefined;
}

function readDays(typed: string, today: string): Pick<TypedDays, 'from' | 'until'> | undefined {
  const [first = '', last = first, more] = typed.split(BETWEEN);
  if (more !== undefined) return undefined;
  const from = dayOrNone(first, 'first', today);
  const until = dayOrNone(last, 'last', today);
  return from !== undefined && until !== undefined ? { from, until } : undefined;
}

function dayOrNone(typed: string, ofMonth: 'first' | 'last', today: string): string | undefined {
  try {
    const day = readDay(typed, ofMonth, today);
    return isDay(day) ? day : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function inOrder({ from, until }: Pick<TypedDays, 'from' | 'until'>, typed: string): Pick<TypedDays, 'from' | 'until'> {
  const days = daysBetween(from, until) + 1;
  if (days >= 1 && days <= MOST_DAYS) return { from, until };
  throw new Refusal('invalid_command', {
    problem: days < 1 ? `“${typed}” ends before it begins.` : `“${typed}” is more than two years.`,
    usage: 'Type the first and the last day, such as `2026-10-01 until 2026-10-15`.',
  });
}
