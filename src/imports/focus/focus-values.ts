import { BoundedCache } from '../file/bounded-cache.ts';

/** A point in time as stated in a file. */
export interface Instant {
  readonly milliseconds: number;
  /** The same for equal instants in any notation. Keeps every digit of the fraction. */
  readonly canonical: string;
  /** The calendar month in UTC, such as `2024-09`. */
  readonly month: string;
  /**
   * The month that starts here if it is midnight on the first somewhere on Earth, otherwise the calendar month in UTC.
   */
  readonly monthBegun: string;
}

/** A decimal number. `coefficient` has no leading or trailing zeros. */
export interface DecimalParts {
  /** The same for equal numbers in any notation: `0`, or such as `-8e-7`. */
  readonly canonical: string;
  readonly digits: number;
  readonly exponent: number;
}

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$/i;
const SCIENTIFIC = /^([+-]?[\d.]+)e([+-]?\d{1,5})$/i;

/** Longer than any realistic amount. Limits the work for a malicious cell. */
const MAX_NUMBER_LENGTH = 200;
/** No clock on Earth is further from UTC. */
const MAX_OFFSET_MINUTES = 14 * 60;
const FIRST_YEAR = 1970;
/** Longer than any date with a zone. Keeps the cache small. */
const MAX_DATE_LENGTH = 64;

const CACHED_VALUES = 8192;
const instants = new BoundedCache<Instant | null>(CACHED_VALUES, readInstant);

const ZERO: DecimalParts = { canonical: '0', digits: 0, exponent: 0 };
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Words for "no value" in lower case, as written by databases, Python, Go, Ruby, and people. */
const NULL_WORDS: ReadonlySet<string> = new Set([
  'null',
  '(null)',
  '<null>',
  '[null]',
  '\\n',
  'none',
  '<none>',
  '(none)',
  'nil',
  '<nil>',
  'n/a',
]);
/**
 * The same from JavaScript and data frames, and an empty text that was quoted twice. Earlier versions read them as
 * content.
 */
const LATER_NULL_WORDS: ReadonlySet<string> = new Set([
  'undefined',
  '<undefined>',
  '(undefined)',
  '<nan>',
  '<na>',
  '{null}',
  '""',
  "''",
]);
const MISSING_IN_PYTHON = 'nan';
const LONGEST_NULL_WORD = 11;
/** Prefixes of the words for no value. */
const NULL_STARTS: ReadonlySet<number> = new Set([...'nNuU(<[{\\"\''].map((letter) => letter.charCodeAt(0)));

/** Placeholders for a missing value, in lower case. Earlier versions read them as content. */
const BARE_PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...['nan', 'n.d.', 'n.d', 'n. d.', 'n/d', 'n.a.', 'n.a', 'n. a.'],
  ...['not set', 'not available', 'not applicable'],
]);
/** These words may be a name unless they are in brackets. */
const BRACKETED_PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...['nan', 'na', 'n/a', 'n.a.', 'n.d.', 'null', 'none', 'nil', 'undefined'],
  ...['blank', 'empty', 'missing', 'unset', 'not set', 'not available', 'not applicable', 'no value'],
]);
const BRACKETED = /^(?:\(([^()]+)\)|<([^<>]+)>|\[([^[\]]+)\]|\{([^{}]+)\})$/;
/** Hyphens, en and em dashes, and minus signs. */
const DASHES = /^[-\u2010-\u2015\u2212]{1,5}$/;
const LONGEST_PLACEHOLDER = 20;
const PLACEHOLDER_STARTS: ReadonlySet<number> = new Set([...'nN-(<[{'].map((letter) => letter.charCodeAt(0)));

/** Whether a FOCUS cell has no value: it is empty, blank, or one of the words that programs write for "no value". */
export function isNull(cell: string): boolean {
  if (cell === '') return true;
  const first = cell.charCodeAt(0);
  if (first <= 0x20 || first >= 0x80) {
    const text = cell.trim();
    return text === '' || isNullWord(text);
  }
  return NULL_STARTS.has(first) && isNullWord(cell);
}

function isNullWord(cell: string): boolean {
  const word = cell.trimEnd();
  if (word.length > LONGEST_NULL_WORD) return false;
  const lower = word.toLowerCase();
  // `NaN` means a failed calculation
  return NULL_WORDS.has(lower) || LATER_NULL_WORDS.has(lower) || word === MISSING_IN_PYTHON;
}

/**
 * Whether a cell that isn't an amount contains what spreadsheets, pivot tables, reports and data frames show for a
 * missing value: `(blank)`, `-`, `n.d.`, `NaN`. Among amounts, a dash may be a zero, and `NaN` means a failed
 * calculation. False for what `isNull` knows.
 */
export function isPlaceholder(cell: string): boolean {
  if (cell.length > LONGEST_PLACEHOLDER || cell === '') return false;
  const first = cell.charCodeAt(0);
  if (first > 0x20 && first < 0x80 && !PLACEHOLDER_STARTS.has(first)) return false;
  if (isNull(cell)) return false;
  const text = cell.trim();
  if (DASHES.test(text)) return true;
  const bracketed = BRACKETED.exec(text)
    ?.slice(1)
    .find((inner) => inner !== undefined);
  return bracketed === undefined
    ? BARE_PLACEHOLDERS.has(text.toLowerCase())
    : BRACKETED_PLACEHOLDERS.has(bracketed.trim().toLowerCase());
}

/** Whether a cell without a value contains one of the words that earlier versions read as content. */
export function isLaterNull(cell: string): boolean {
  const word = cell.trim();
  return isNull(cell) && (LATER_NULL_WORDS.has(word.toLowerCase()) || word === MISSING_IN_PYTHON);
}

/**
 * Reads a date, with or without time, seconds, fraction, `T` and zone; UTC where it names no zone.
 * @returns null when it isn’t a date of the calendar
 */
export function parseInstant(text: string): Instant | null {
  return text.length > MAX_DATE_LENGTH ? null : instants.get(text);
}

/**
 * Reads a decimal number, plain or with an exponent; no thousands separators, no NaN, no infinity.
 * @returns null when it isn’t a number
 */
export function parseDecimal(text: string): DecimalParts | null {
  if (text.length > MAX_NUMBER_LENGTH) return null;
  const plain = readPlain(text);
  if (plain !== null) return plain;
  const match = SCIENTIFIC.exec(text.trim());
  const significand = readPlain(match?.[1] ?? text.trim());
  if (match === null || significand === null || significand === ZERO) return significand;
  const coefficient = significand.canonical.slice(0, significand.canonical.indexOf('e'));
  const exponent = significand.exponent + Number(match[2]);
  return { canonical: `${coefficient}e${exponent}`, digits: significand.digits, exponent };
}

/** Parsed manually for speed, because each row has eight numbers. Without an exponent. */
function readPlain(text: string): DecimalParts | null {
  const size = text.length;
  const sign = text.charCodeAt(0);
  const start = sign === MINUS || sign === PLUS ? 1 : 0;
  let point = -1;
  let first = -1;
  let last = -1;
  for (let i = start; i < size; i++) {
    const code = text.charCodeAt(i);
    if (code === POINT && point < 0) {
      point = i;
    } else if (code < DIGIT_0 || code > DIGIT_9) {
      return null;
    } else if (code !== DIGIT_0) {
      if (first < 0) first = i;
      last = i;
    }
  }
  if (size - start - (point < 0 ? 0 : 1) < 1) return null;
  if (first < 0) return ZERO;
  const isSplit = first < point && point < last;
  const coefficient = isSplit
    ? text.slice(first, point) + text.slice(point + 1, last + 1)
    : text.slice(first, last + 1);
  const units = point < 0 ? size - 1 : point - 1;
  const exponent = last <= units ? units - last : point - last;
  const canonical = `${sign === MINUS ? '-' : ''}${coefficient}e${exponent}`;
  return { canonical, digits: coefficient.length, exponent };
}

function readInstant(text: string): Instant | null {
  const match = DATE.exec(text.trim());
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  const fraction = (match[7] ?? '').replace(/0+$/, '');
  const offset = offsetMinutes(match[8]);
  if (offset === null || year < FIRST_YEAR || hour > 23 || minute > 59 || second > 59) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const seconds = midnight.getTime() / 1000 + hour * 3600 + (minute - offset) * 60 + second;
  const milliseconds = seconds * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return {
    milliseconds,
    canonical: fraction === '' ? String(seconds) : `${seconds}.${fraction}`,
    month: monthAt(milliseconds),
    monthBegun: monthAt(milliseconds + MAX_OFFSET_MINUTES * 60_000),
  };
}

function monthAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 7);
}

type Six = [number, number, number, number, number, number];

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || /^[a-z]/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > MAX_OFFSET_MINUTES) return null;
  return zone.startsWith('-') ? -total : total;
}
