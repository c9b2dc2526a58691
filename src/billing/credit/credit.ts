import type { Decimal } from '../money/money.ts';
import { normalized } from '../normalized.ts';

/** domain.md, Entities. Every type except `purchase` lowers the net before tax. */
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

/** The prefix of the code of a credit that holds an invoice's negative total (domain.md, Money 6). */
export const BALANCE_PREFIX = 'BALANCE-';

/** Letters and digits that aren't easily confused when read aloud or typed. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LETTERS_OF_CODE = 12;
const LETTERS_OF_PART = 4;
/** The maximum length of a code chosen by a person. */
export const CODE_LIMIT = 40;

/** The status of a credit at an instant. */
export type CreditStanding = 'not yet valid' | 'active' | 'used up' | 'expired';

/**
 * A code that can't be guessed: `ABCD-EFGH-JKMN`, about 59 bits.
 *
 * @param random returns a whole number from 0 up to but excluding its argument
 */
export function makeCode(random: (below: number) => number): string {
  const letters = Array.from({ length: LETTERS_OF_CODE }, () => LETTERS.charAt(random(LETTERS.length))).join('');
  return letters.replace(new RegExp(`(.{${LETTERS_OF_PART}})(?=.)`, 'g'), '$1-');
}

/** A code in the form used for comparison: ignores case, spaces and dashes. Empty if it has no letters or digits. */
export function codeKey(typed: string): string {
  return normalized(typed, 'NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A type as shown to people: `trial over`. */
export function creditTypeName(type: CreditType): string {
  return type.replaceAll('_', ' ');
}

/**
 * The status of a credit at an instant.
 *
 * @param openEnd the end of the group's next period to be invoiced: a credit that was valid until then can still pay
 * for it
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
