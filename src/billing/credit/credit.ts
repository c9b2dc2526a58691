import type { Decimal } from '../money/money.ts';
import { normalized } from '../normalized.ts';

/** domain.md, Entities. Every type but `purchase` lowers the net before tax. */
export const CREDIT_TYPES = [
  'discount',
  'employee',
  'evaluation',
  'internal',
  'other',
  'outage',
  'partner',
  'promotion',
  'purchase',
  'referral',
  'sponsorship',
  'trial',
  'trial_over',
] as const;
export type CreditType = (typeof CREDIT_TYPES)[number];

/** What the code of a credit begins with that keeps an invoice's total below zero (domain.md, Money 6). */
export const BALANCE_PREFIX = 'BALANCE-';

/** Letters and digits that can't be confused when read aloud or typed. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LETTERS_OF_CODE = 12;
const LETTERS_OF_PART = 4;
/** How long a code that people make themselves may be. */
export const CODE_LIMIT = 40;

/** How a credit stands at an instant. */
export type CreditStanding = 'not yet valid' | 'active' | 'used up' | 'expired';

/**
 * A code that nobody guesses: `ABCD-EFGH-JKMN`, some 59 bits.
 *
 * @param random a whole number from 0 up to, and not, its argument
 */
export function makeCode(random: (below: number) => number): string {
  const letters = Array.from({ length: LETTERS_OF_CODE }, () => LETTERS.charAt(random(LETTERS.length))).join('');
  return letters.replace(new RegExp(`(.{${LETTERS_OF_PART}})(?=.)`, 'g'), '$1-');
}

/** What two ways of typing a code have in common: no case, spaces or dashes. Empty when there is no letter or digit. */
export function codeKey(typed: string): string {
  return normalized(typed, 'NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** As a person reads a type: `trial over`. */
export function creditTypeName(type: CreditType): string {
  return type.replaceAll('_', ' ');
}

/**
 * How a credit stands at an instant.
 *
 * @param openEnd the end of the group's next period to be invoiced: a credit that was valid until then still pays for it
 */
export function standingOf(
  credit: { readonly startTime: Date; readonly expireTime: Date | null; readonly remaining: Decimal },
  now: Date,
  openEnd: Date | null = null,
): CreditStanding {
  const { expireTime } = credit;
  const stillPays = expireTime === null || expireTime > now || (openEnd !== null && expireTime >= openEnd);
  if (!stillPays) return 'expired';
  if (credit.remaining.lte(0)) return 'used up';
  return credit.startTime > now ? 'not yet valid' : 'active';
}
