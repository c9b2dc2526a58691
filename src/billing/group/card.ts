import { createRequire } from 'node:module';
import { normalized } from '../normalized.ts';

// a CommonJS package whose types don't say so
const cards: { number(digits: string): { readonly isValid: boolean } } = createRequire(import.meta.url)(
  'card-validator',
);

/** Characters that people put between groups of digits: any kind of space, a dash, a dot, an underscore or a slash. */
const GROUPS = /(?<![\p{L}\p{N}_])\p{Nd}+(?:[\s\p{Zs}\p{Pd}._/\u2010-\u2015\u2212]{1,2}\p{Nd}+)*(?![\p{L}\p{N}])/gu;
const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;

/** The message for a person who has typed a card number. */
export const CARD_NUMBER_FAULT =
  'This looks like a card number, so nothing was stored. Add cards only on the payment provider’s page.';

/**
 * Whether a text contains what could be a full card number: 13 to 19 digits, in any grouping and script, that pass the
 * Luhn check and start like a known card scheme's numbers. Digits next to letters (VAT IDs, IBANs) don't count. An
 * order number that fulfills all this by chance is rejected, too, which is the lesser evil.
 */
export function holdsCardNumber(text: string): boolean {
  for (const [run] of normalized(text, 'NFKC').matchAll(GROUPS)) {
    const groups = run.split(/\P{Nd}+/u).map(asciiDigits);
    if (groups.some((_, from) => joinedFrom(groups, from).some(isCardNumber))) return true;
  }
  return false;
}

/**
 * Each group of digits alone, joined with its neighbor, and so on. Each group has at least one digit, so few joins are
 * enough.
 */
function joinedFrom(groups: readonly string[], from: number): string[] {
  let digits = '';
  return groups.slice(from, from + MOST_DIGITS).map((group) => {
    digits += group;
    return digits;
  });
}

function isCardNumber(digits: string): boolean {
  // the package takes a hundred times as long to say no
  if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS || !passesCheck(digits)) return false;
  return cards.number(digits).isValid;
}

/** The check digit (ISO/IEC 7812-1, annex B). */
function passesCheck(digits: string): boolean {
  let total = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    total += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return total % 10 === 0;
}

/** In Unicode, the digits of every script are ten consecutive characters, starting with zero. */
function asciiDigits(group: string): string {
  return [...group].map((digit) => String(digitOf(digit.codePointAt(0) ?? 48))).join('');
}

function digitOf(code: number): number {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (code - zero) % 10;
}
