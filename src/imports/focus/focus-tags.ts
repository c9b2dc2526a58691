import { BoundedCache } from '../file/bounded-cache.ts';

/** The content of a Tags cell. */
export interface ParsedTags {
  /** Shared by rows with the same cell: copy it before passing it on. */
  readonly tags: Readonly<Record<string, string>>;
  /** The same for equal tags, regardless of order and spacing. */
  readonly canonical: string;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JavaScript number keeps all digits of numbers shorter than this. */
const LONG_NUMBER = 16;
/** Tags are flat or nearly so. Anything nested deeper isn't tags, and would need a separate stack to read. */
const MAX_DEPTH = 50;

const MAX_CACHED_LENGTH = 2000;
const cache = new BoundedCache<ParsedTags | null>(2048, readTags);

/**
 * Reads a Tags cell: a JSON object, or one of two list forms that some exports use, `["key:value"]` and `[{"key": "…",
 * "value": "…"}]`, if every entry fits and no key is repeated. Values become strings: `true` (FOCUS's mark for a tag
 * without a value) becomes `"true"`, null `""`, anything nested its JSON.
 * @returns null when it is none of these
 */
export function parseTags(cell: string): ParsedTags | null {
  return cell.length > MAX_CACHED_LENGTH ? readTags(cell) : cache.get(cell);
}

function readTags(cell: string): ParsedTags | null {
  const value = parseJson(cell);
  const object = Array.isArray(value) ? fromList(value) : value;
  if (object === null || typeof object !== 'object' || Array.isArray(object)) return null;
  const keys = Object.keys(object).sort();
  // fromEntries, not assignment: a tag may be named __proto__
  const tags = Object.fromEntries(keys.map((key) => [key, asText(object[key] ?? null)]));
  return { tags, canonical: JSON.stringify(keys.map((key) => [key, sorted(object[key] ?? null)])) };
}

function parseJson(cell: string): Json {
  const text = withLongNumbersQuoted(cell);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/**
 * The JSON with numbers that are too long for JavaScript, such as account numbers, quoted so that they keep their
 * digits. Reads each character once.
 * @returns null if it is nested too deeply
 */
function withLongNumbersQuoted(cell: string): string | null {
  let text = '';
  let copied = 0;
  let depth = 0;
  for (let i = 0; i < cell.length; i++) {
    const letter = cell[i] as string;
    if (letter === '"') {
      i = endOfString(cell, i);
    } else if (letter === '{' || letter === '[') {
      if (++depth > MAX_DEPTH) return null;
    } else if (letter === '}' || letter === ']') {
      depth--;
    } else if (isDigit(letter)) {
      const start = cell[i - 1] === '-' ? i - 1 : i;
      const end = endOfNumber(cell, i);
      if (end - i >= LONG_NUMBER) {
        text += `${cell.slice(copied, start)}"${cell.slice(start, end)}"`;
        copied = end;
      }
      i = end - 1;
    }
  }
  return copied === 0 ? cell : text + cell.slice(copied);
}

/** The position of the quotation mark that closes the string starting at `from`, or the end of the text. */
function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function endOfNumber(text: string, from: number): number {
  let i = from;
  while (i < text.length && (isDigit(text[i] as string) || '.eE+-'.includes(text[i] as string))) i++;
  return i;
}

function isDigit(letter: string): boolean {
  return letter >= '0' && letter <= '9';
}

function fromList(list: Json[]): { [key: string]: Json } | null {
  const entries = list.map(asEntry);
  const pairs = entries.filter((entry) => entry !== null);
  const keys = new Set(pairs.map(([key]) => key));
  return pairs.length === list.length && keys.size === list.length ? Object.fromEntries(pairs) : null;
}

function asEntry(item: Json): [string, Json] | null {
  if (typeof item === 'string') {
    const colon = item.indexOf(':');
    return colon > 0 ? [item.slice(0, colon).trim(), item.slice(colon + 1).trim()] : null;
  }
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return null;
  const { key, value } = item;
  return typeof key === 'string' && value !== undefined && Object.keys(item).length === 2 ? [key, value] : null;
}

function asText(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  // marked as an object, so that it differs from a list of pairs
  const keys = Object.keys(value).sort();
  return { object: keys.map((key) => [key, sorted(value[key] ?? null)]) };
}
