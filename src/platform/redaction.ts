const REDACTED = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;

const SECRET_KEY =
  /token|authorization|secret|passw|cookie|api_?key|private_?key|signature|trigger_?id|response_?url|e_?mail|connection_?string|card_?number|\bpan\b/i;

/** Bot, user, app, refresh and configuration tokens: https://docs.slack.dev/authentication/tokens */
const SLACK_TOKEN = /\b(?:xox[a-z]|xapp|xwfp)(?:\.xox[a-z])?-[A-Za-z0-9-]+/g;
/** Anyone with such an address can post as the app, without any other secret. */
const SLACK_HOOK = /(\bhttps?:\/\/hooks\.slack\.com\/)[^\s"'<>|]+/gi;
/** Secret and restricted keys, and webhook secrets: https://docs.stripe.com/keys */
const STRIPE_KEY = /\b(?:sk|rk|whsec)_[A-Za-z0-9_]{8,}/g;
/** Tokens of the Invoice API. */
const API_TOKEN = /\bbgt_[A-Za-z0-9_-]{8,}/g;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]+:[^\s/@]+@/gi;
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
/** 13 to 19 digits, grouped or not: a possible card number. */
const DIGITS = /(?<![\p{L}\p{N}.])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}])/gu;

/**
 * A copy of `value` without tokens, secrets, card numbers and email addresses, recognized by their key or their form.
 * Errors become plain objects with their causes. Cycles and deep trees are cut off.
 */
export function scrub(value: unknown, key = ''): unknown {
  return scrubbed(value, key, 0, new Set());
}

/** The text without anything that looks like a token, a password in an address, a card number or an email address. */
export function scrubText(text: string): string {
  return text
    .replace(SLACK_TOKEN, REDACTED)
    .replace(SLACK_HOOK, `$1${REDACTED}`)
    .replace(STRIPE_KEY, REDACTED)
    .replace(API_TOKEN, REDACTED)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(EMAIL, REDACTED)
    .replace(DIGITS, (digits) => (passesLuhn(digits) ? REDACTED : digits));
}

function scrubbed(value: unknown, key: string, depth: number, seen: Set<object>): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (SECRET_KEY.test(key)) return REDACTED;
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'number') return isCardLike(value) ? REDACTED : value;
  if (typeof value === 'bigint') return scrubText(String(value));
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (seen.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deep]';
  seen.add(value);
  const copy = scrubbedObject(value, key, depth, seen);
  seen.delete(value);
  return copy;
}

function scrubbedObject(value: object, key: string, depth: number, seen: Set<object>): unknown {
  if (value instanceof Date) return value;
  if (value instanceof Error) return scrubbedError(value, depth, seen);
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((entry) => scrubbed(entry, key, depth + 1, seen));
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return scrubbed(value.toJSON(), key, depth + 1, seen);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return `[${prototype.constructor?.name}]`;
  return entriesOf(value, depth, seen);
}

function scrubbedError(error: Error, depth: number, seen: Set<object>): unknown {
  return {
    type: error.name,
    message: scrubText(error.message),
    stack: scrubText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: scrubbed(error.cause, 'cause', depth + 1, seen) }),
    ...entriesOf(error, depth, seen),
  };
}

function entriesOf(value: object, depth: number, seen: Set<object>): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(entries.map(([key, entry]) => [key, scrubbed(entry, key, depth + 1, seen)]));
}

/** 13 digits with a leading 1 are a time in milliseconds until the year 2033, and never a card number. */
function isCardLike(value: number): boolean {
  const digits = String(value);
  return /^\d{13,19}$/.test(digits) && !/^1\d{12}$/.test(digits) && passesLuhn(digits);
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
