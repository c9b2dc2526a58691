import type { NumberFormat } from '../../billing/cost/cost-mapping.ts';

/** An amount as a cell states it. */
export interface AmountCell {
  /** With a decimal point and an optional exponent, as FOCUS writes it. */
  readonly text: string;
  /** A currency's code or symbol beside the digits; undefined if there is none. */
  readonly unit: string | undefined;
}

/** Longer than any amount with its currency. Limits the work for a malicious cell. */
const MAX_LENGTH = 200;
/** Minus sign, en dash and hyphen: spreadsheets write all of them. The hyphen is last, as a character class needs it. */
const MINUS = '\u2212\u2013-';
const LEADING_SIGN = new RegExp(`^[+${MINUS}]\\s*`);
/** Only behind a digit: “100,-” isn't below 0 everywhere. */
const TRAILING_SIGN = new RegExp(`(?<=\\d)\\s*[+${MINUS}]$`);
const UNIT = '(?:[A-Za-z]{0,3}\\p{Sc}|[A-Z]{3}|kr\\.?|Kč|zł|lei|Ft|Fr\\.)';
const LEADING_UNIT = new RegExp(`^(${UNIT})\\s*(?=[\\d.,'\\u2019(+${MINUS}])`, 'u');
const TRAILING_UNIT = new RegExp(`(?<=[\\d)+${MINUS}])\\s*(${UNIT})$`, 'u');
const SPACES = /[\s\u00A0\u2007\u2009\u202F]/g;
const APOSTROPHES = /[\u2019\u02BC\u00B4]/g;
const EXPONENT = /^(.+?)e([+-]?\d{1,5})$/i;
const DIGITS = /^\d+$/;
const GROUPS = /^\d{1,3}(?:,\d{3})+$/;
/** As in India: 12,34,567. */
const INDIAN_GROUPS = /^\d{1,2}(?:,\d{2})*,\d{3}$/;

/**
 * Reads an amount in the format that a mapping names: `1.234,56`, `-1,00`, `1,00-`, `(1,00)`, `€ 1,00`, `1,5E-7`.
 * Thousands have to be in groups of three, or as in India.
 *
 * @returns undefined for anything else; nothing is guessed
 */
export function readAmount(cell: string, format: NumberFormat): AmountCell | undefined {
  if (cell.length > MAX_LENGTH) return undefined;
  const { rest, isNegative, unit } = bare(cell.trim());
  const [, significand = rest, exponent] = EXPONENT.exec(rest) ?? [];
  const number = plainNumber(significand.replace(SPACES, ' '), format);
  if (number === undefined) return undefined;
  const text = `${isNegative ? '-' : ''}${number}${exponent === undefined ? '' : `e${exponent}`}`;
  return { text, unit };
}

/** What is left without sign, parentheses and currency, in whatever order they come. Each counts once. */
function bare(cell: string): { rest: string; isNegative: boolean; unit: string | undefined } {
  let rest = cell;
  let sign: '+' | '-' | undefined;
  let unit: string | undefined;
  for (let before: string | undefined; before !== rest; ) {
    before = rest;
    if (sign === undefined && rest.startsWith('(') && rest.endsWith(')')) {
      sign = '-';
      rest = rest.slice(1, -1).trim();
    }
    for (const pattern of [LEADING_SIGN, TRAILING_SIGN]) {
      const found = sign === undefined ? pattern.exec(rest)?.[0].trim() : undefined;
      if (found === undefined) continue;
      sign = found === '+' ? '+' : '-';
      rest = rest.replace(pattern, '');
    }
    for (const pattern of [LEADING_UNIT, TRAILING_UNIT]) {
      const found: string | undefined = unit === undefined ? pattern.exec(rest)?.[1] : undefined;
      if (found === undefined) continue;
      unit = found;
      rest = rest.replace(pattern, '').trim();
    }
  }
  return { rest, isNegative: sign === '-', unit };
}

function plainNumber(text: string, format: NumberFormat): string | undefined {
  const [decimal, thousands] = [...format] as [string, string];
  const even = thousands === "'" ? text.replace(APOSTROPHES, "'") : text;
  const [whole = '', fraction, ...more] = even.split(decimal);
  if (more.length > 0 || (fraction !== undefined && !DIGITS.test(fraction))) return undefined;
  if (whole === '') return fraction === undefined ? undefined : `0.${fraction}`;
  const digits = wholeNumber(whole, thousands);
  if (digits === undefined) return undefined;
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

function wholeNumber(text: string, thousands: string): string | undefined {
  if (DIGITS.test(text)) return text;
  // the groups are checked with commas, whatever separates them
  if (thousands !== ',' && text.includes(',')) return undefined;
  const grouped = text.replaceAll(thousands, ',');
  const isGrouped = GROUPS.test(grouped) || (thousands === ',' && INDIAN_GROUPS.test(grouped));
  return isGrouped ? grouped.replaceAll(',', '') : undefined;
}
