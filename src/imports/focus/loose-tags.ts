import { parseTags } from './focus-tags.ts';

type Pair = readonly [key: string, value: string];

/** Separators between key and value: JSON and Python, PostgreSQL's hstore and Ruby, and Java. */
const ASSIGNMENT = /\s*(?::|=>|=)\s*/y;
const COMMA = /\s*,\s*/y;
const SPACES = /\s*/y;
/** An unquoted number or word. */
const BARE = /[\p{L}\d_.+-]+/uy;

const WORDS: ReadonlyMap<string, string> = new Map([
  ['none', ''],
  ['null', ''],
  ['nil', ''],
  ['true', 'true'],
  ['false', 'false'],
]);

/**
 * Reads tags that aren't a JSON object, if there is only one way to read them: JSON without its braces, as exported by
 * Azure; a Python dict; JSON within a JSON string; the maps of Java and Athena, `{env=prod, team=ops}`; AWS's list with
 * `Key` and `Value`. The time is linear in the cell's length.
 * @returns null for anything else, such as truncated tags or a repeated key
 */
export function parseLooseTags(cell: string): Record<string, string> | null {
  const text = cell.trim();
  const pairs = quotedPairs(text) ?? plainMap(text) ?? capitalizedList(text);
  if (pairs === null) return fromJsonString(text);
  const keys = new Set(pairs.map(([key]) => key));
  return pairs.length > 0 && keys.size === pairs.length ? Object.fromEntries(pairs) : null;
}

/** `"env": "prod", "team": 'ops'`, with or without braces. Keys are quoted. */
function quotedPairs(text: string): Pair[] | null {
  const isWrapped = text.startsWith('{');
  if (isWrapped !== text.endsWith('}')) return null;
  const cursor = new Cursor(isWrapped ? text.slice(1, -1) : text);
  const pairs: Pair[] = [];
  cursor.take(SPACES);
  while (!cursor.isAtEnd) {
    const key = cursor.takeString();
    if (key === null || key === '' || cursor.take(ASSIGNMENT) === null) return null;
    const value = cursor.takeString() ?? wordOf(cursor.take(BARE));
    if (value === null) return null;
    pairs.push([key, value]);
    if (cursor.take(COMMA) === null) {
      cursor.take(SPACES);
      return cursor.isAtEnd ? pairs : null;
    }
  }
  return pairs.length === 0 ? null : pairs;
}

/** `{env=prod, team=ops}` or `{env: prod}`, if nothing is quoted or nested and each entry has one separator. */
function plainMap(text: string): Pair[] | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  const inner = text.slice(1, -1);
  if (/["'{}[\]\\]/.test(inner) || inner.trim() === '') return null;
  const separator = inner.includes('=') ? '=' : ':';
  const pairs: Pair[] = [];
  for (const entry of inner.split(',')) {
    const [key = '', value, ...more] = entry.split(separator).map((part) => part.trim());
    if (key === '' || value === undefined || more.length > 0) return null;
    pairs.push([key, WORDS.get(value.toLowerCase()) ?? value]);
  }
  return pairs;
}

/** `[{"Key": "env", "Value": "prod"}]`. */
function capitalizedList(text: string): Pair[] | null {
  if (!text.startsWith('[')) return null;
  const lowered = text.replace(/"(Key|Value)"(?=\s*:)/g, (name) => name.toLowerCase());
  const tags = lowered === text ? undefined : parseTags(lowered)?.tags;
  return tags === undefined ? null : Object.entries(tags);
}

/** A JSON object written into a JSON string: `"{\"env\": \"prod\"}"`. */
function fromJsonString(text: string): Record<string, string> | null {
  if (!text.startsWith('"{') || !text.endsWith('}"')) return null;
  try {
    const inner: unknown = JSON.parse(text);
    return typeof inner === 'string' ? { ...parseTags(inner)?.tags } : null;
  } catch {
    return null;
  }
}

function wordOf(text: string | null): string | null {
  return text === null ? null : (WORDS.get(text.toLowerCase()) ?? text);
}

/** Reads a text from left to right, each character once. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What a sticky pattern matches here; null, without moving, if it doesn't match. */
  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  /** A quoted text in double or single quotation marks; null, without moving, if there is none or it doesn't end. */
  takeString(): string | null {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return null;
    let value = '';
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const letter = this.#text[i];
      if (letter === quote) {
        this.#at = i + 1;
        return value;
      }
      if (letter === '\\') {
        i++;
        const escaped = this.#text[i] ?? '';
        if (!/["'\\/]/.test(escaped)) return null;
        value += escaped;
      } else {
        value += letter;
      }
    }
    return null;
  }
}
