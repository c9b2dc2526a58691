import { type Period, periodAt } from '../../src/billing/period/period.ts';
import { readPeriod } from '../../src/billing/period/typed-period.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import type { Caller } from '../../src/slack/requests/caller.ts';
import { phrase, type Word } from './words.ts';

/** The current month in the time zone of the caller's account. */
export function currentPeriodOf({ ctx, account }: Pick<Caller, 'ctx' | 'account'>): Period {
  return periodAt(ctx.clock.now(), account.timeZone);
}

/** A typed month. @throws {Refusal} `invalid_command` */
export function monthTyped(typed: string, current: Period): Period {
  const period = readPeriod(typed, current);
  if (period) return period;
  throw new Refusal('invalid_command', {
    problem: `“${typed}” isn’t a valid month.`,
    usage: 'Use a month such as `2026-10`, `October 2026`, `Oct` or `last month`.',
  });
}

/**
 * Words that end with a month, which is the last two (`October 2026`, `last month`) or the last one: the words before
 * it, and the month. A word in quotation marks belongs to a name.
 */
export function endingWithMonth(
  words: readonly Word[],
  current: Period,
): { readonly name: string; readonly month: string; readonly period: Period } | undefined {
  for (const length of [2, 1]) {
    const last = words.slice(-length);
    if (last.length < length || last.some((word) => word.quoted)) continue;
    const period = readPeriod(phrase(last), current);
    if (period) return { name: phrase(words.slice(0, -length)), month: phrase(last), period };
  }
  return undefined;
}
