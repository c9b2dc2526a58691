import { Decimal } from './money.ts';

/** A number that was read, or a sentence that says what to change about the text. */
export type Read = { readonly value: Decimal } | { readonly fault: string };

/** One way to read the digits and separators of a number. */
export interface Reading {
  readonly value: Decimal;
  /** How many digits were typed after the decimal separator. */
  readonly decimals: number;
  /** Whether separators were read as thousands separators. */
  readonly isGrouped: boolean;
}

/** More than any amount has, and well within what is stored exactly. */
const MOST_WHOLE_DIGITS = 15;
const MOST_RATE_DECIMALS = 12;
const RATE_DECIMALS_SHOWN = 4;
/** Marks without a width or for the direction of text, which come along when a number is copied. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
const SPACES = /[\s\p{Zs}]/gu;
const APOSTROPHES = /['’‘ʼ`´]/g;
const PLAIN = /^(\d+)(?:[.,](\d+))?$/;
const GROUPED = /^([1-9]\d{0,2}(?:([ '.,])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d+))?$/;

/** A text with one kind of space and of apostrophe, and without the marks that nobody sees. */
export function normalizedInput(typed: string): string {
  return typed.replace(INVISIBLE, '').replace(SPACES, ' ').replace(APOSTROPHES, "'").trim();
}

/**
 * Every way to read a number (domain.md, Money 10): digits with one decimal separator, `.` or `,`, and thousands in groups
 * of three that a space, an apostrophe, a point or a comma separates. A number that begins with 0 has no thousands. There
 * are two ways for one to three digits, a point or a comma, and three digits; otherwise there is one at most.
 *
 * @param text normalizedInput
 */
export function readingsOf(text: string): Reading[] {
  const readings: Reading[] = [];
  const grouped = GROUPED.exec(text);
  if (grouped) {
    const [, whole = '', , fraction = ''] = grouped;
    readings.push(reading(whole.replace(/\D/g, ''), fraction, true));
  }
  const plain = PLAIN.exec(text);
  if (plain) {
    const [, whole = '', fraction = ''] = plain;
    readings.push(reading(whole, fraction, false));
  }
  return readings;
}

/** Whether a number has more digits before its decimal separator than are taken. */
export function isTooLarge(value: Decimal): boolean {
  return value.gte(new Decimal(10).pow(MOST_WHOLE_DIGITS));
}

/** Why a text is not plain digits and separators; undefined where that can't be told from the characters alone. */
export function digitFault(text: string, signText = 'Enter a number without a sign.'): string | undefined {
  if (/(?![0-9])\p{N}/u.test(text)) return 'Use the digits 0 to 9.';
  if (/\d\s*[eE×*^]\s*[-+]?\d/.test(text)) return 'Enter the number without an exponent.';
  if (/[-+\u2010-\u2015\u2212\uFE63\uFF0D\uFF0B()]/.test(text)) return signText;
  return undefined;
}

/**
 * A percentage that a person typed: `19`, `19 %`, `7.5`, `7,5%`. It has no thousands, so a comma is a decimal separator.
 *
 * @param most decimals
 * @param wanted what is said of anything else
 */
export function readPercentage(typed: string, most: number, wanted: string): Read {
  const text = normalizedInput(typed).replace(/ ?%$/, '');
  const fault = digitFault(text);
  if (fault !== undefined) return { fault };
  const one = readingsOf(text).find(({ isGrouped }) => !isGrouped);
  if (!one || one.value.gt(100)) return { fault: wanted };
  if (one.decimals > most) return { fault: `Enter a percentage with at most ${most} decimals.` };
  return { value: one.value };
}

/** An exchange rate that a person typed, above 0. `26,500` is rejected with both readings, as for an amount. */
export function readRate(typed: string): Read {
  const text = normalizedInput(typed);
  const fault = digitFault(text);
  if (fault !== undefined) return { fault };
  const [one, other] = readingsOf(text);
  if (!one || one.value.isZero()) return { fault: `“${text}” isn’t a valid rate. Use a number such as 1.0857.` };
  if (other) return { fault: bothReadings(one.value.toFixed(), other.value.toFixed(RATE_DECIMALS_SHOWN)) };
  if (one.decimals > MOST_RATE_DECIMALS) return { fault: `Enter a rate with at most ${MOST_RATE_DECIMALS} decimals.` };
  return isTooLarge(one.value) ? { fault: 'This rate is too large.' } : { value: one.value };
}

/** What a person is asked whose text can be read in two ways. */
export function bothReadings(one: string, other: string): string {
  return `Do you mean ${one} or ${other}?`;
}

function reading(whole: string, fraction: string, isGrouped: boolean): Reading {
  const value = new Decimal(fraction === '' ? whole : `${whole}.${fraction}`);
  return { value, decimals: fraction.length, isGrouped };
}
