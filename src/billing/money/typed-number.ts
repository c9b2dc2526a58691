import { Decimal } from './money.ts';

/** A number that was read, or a sentence that says how to correct the text. */
export type Read = { readonly value: Decimal } | { readonly fault: string };

/** One way to read a text's digits and separators. */
export interface Reading {
  readonly value: Decimal;
  /** The number of digits after the decimal separator. */
  readonly decimals: number;
  /** Whether separators were read as thousands separators. */
  readonly isGrouped: boolean;
}

/** More digits than any amount has, but few enough to be stored exactly. */
const MOST_WHOLE_DIGITS = 15;
const MOST_RATE_DECIMALS = 12;
const RATE_DECIMALS_SHOWN = 4;
/** Zero-width characters and direction marks, which are often copied along with a number. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
const SPACES = /[\s\p{Zs}]/gu;
const APOSTROPHES = /['’‘ʼ`´]/g;
const PLAIN = /^(\d+)(?:[.,](\d+))?$/;
const GROUPED = /^([1-9]\d{0,2}(?:([ '.,])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d+))?$/;

/** The text with uniform spaces and apostrophes, and without invisible marks. */
export function normalizedInput(typed: string): string {
  return typed.replace(INVISIBLE, '').replace(SPACES, ' ').replace(APOSTROPHES, "'").trim();
}

/**
 * All ways to read a number (domain.md, Money 10): digits with one decimal separator, `.` or `,`, and thousands in
 * groups of three separated by a space, an apostrophe, a point or a comma. A number that starts with 0 has no
 * thousands. Only one to three digits, a point or a comma, and three more digits can be read in two ways.
 *
 * @param text the result of `normalizedInput`
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

/** Whether a number has too many digits before its decimal separator. */
export function isTooLarge(value: Decimal): boolean {
  return value.gte(new Decimal(10).pow(MOST_WHOLE_DIGITS));
}

/** Why a text isn't plain digits and separators; undefined if the characters alone don't show it. */
export function digitFault(text: string, signText = 'Enter a number without a sign.'): string | undefined {
  if (/(?![0-9])\p{N}/u.test(text)) return 'Use the digits 0 to 9.';
  if (/\d\s*[eE×*^]\s*[-+]?\d/.test(text)) return 'Enter the number without an exponent.';
  if (/[-+\u2010-\u2015\u2212\uFE63\uFF0D\uFF0B()]/.test(text)) return signText;
  return undefined;
}

/**
 * A percentage typed by a person: `19`, `19 %`, `7.5`, `7,5%`. It has no thousands, so a comma is a decimal separator.
 *
 * @param most the maximum number of decimals
 * @param wanted the message for anything else
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

/**
 * An exchange rate typed by a person, greater than 0. A point before three digits is a decimal point, since rates often
 * have three decimals (`1.085`). `26,500` is rejected with both readings, as for an amount.
 */
export function readRate(typed: string): Read {
  const text = normalizedInput(typed);
  const fault = digitFault(text);
  if (fault !== undefined) return { fault };
  const readings = readingsOf(text);
  const [one, other] = text.includes(',') ? readings : readings.slice(-1);
  if (!one || one.value.isZero()) return { fault: `“${text}” isn’t a valid rate. Use a number such as 1.0857.` };
  if (other) return { fault: bothReadings(one.value.toFixed(), other.value.toFixed(RATE_DECIMALS_SHOWN)) };
  if (one.decimals > MOST_RATE_DECIMALS) return { fault: `Enter a rate with at most ${MOST_RATE_DECIMALS} decimals.` };
  return isTooLarge(one.value) ? { fault: 'This rate is too large.' } : { value: one.value };
}

/** The question to a person whose text can be read in two ways. */
export function bothReadings(one: string, other: string): string {
  return `Do you mean ${one} or ${other}?`;
}

function reading(whole: string, fraction: string, isGrouped: boolean): Reading {
  const value = new Decimal(fraction === '' ? whole : `${whole}.${fraction}`);
  return { value, decimals: fraction.length, isGrouped };
}
