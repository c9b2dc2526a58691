import { Refusal } from '../../src/billing/refusal.ts';

/** What Slack turns a typed mention or address into. */
export type Mention =
  | { readonly kind: 'user' | 'channel' | 'group'; readonly id: string }
  | { readonly kind: 'link'; readonly url: string };

export interface Word {
  /** Without quotation marks and escapes. For a mention its label, such as `@ann`, or else its ID. */
  readonly text: string;
  readonly quoted: boolean;
  readonly mention?: Mention;
}

/** The closing marks for each opening mark: phones mix them, and German and French have their own. */
const CLOSERS: Readonly<Record<string, string>> = {
  '"': '"”“',
  '“': '”"“',
  '”': '”"',
  '„': '“”"',
  '«': '»',
  '»': '«»',
  "'": "'’‘",
  '‘': "’'",
  '’': "’'",
  '‚': "‘’'",
  '‹': '›',
  '›': '‹›',
};
/** These are apostrophes too (Acme’s), so they end a name only at the end of a word. */
const APOSTROPHES = "'’‘";
const SPACE = /\s/;
/** Invisible characters that are included when a name is copied from a message. */
const INVISIBLE = /[\u200B\u2060\uFEFF]/g;
/** https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages */
const TOKEN = /^<(?:(@|#|!subteam\^)([A-Z][A-Z0-9]+)|((?:https?|mailto|tel):[^|>\s]+))(?:\|([^<>]*))?>/;
const KINDS = { '@': 'user', '#': 'channel', '!subteam^': 'group' } as const;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * Splits the text after a slash command into words. Names with spaces can be in quotation marks of any style. A
 * backslash before a quotation mark, a space or a backslash escapes it. Mentions and addresses that Slack has turned
 * into tokens are one word each.
 * @throws Refusal `unclosed_quote`, with the position of the quotation mark
 */
export function splitWords(typed: string): readonly Word[] {
  const text = typed.replace(INVISIBLE, '');
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACE.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const { word, end } = readToken(text, at) ?? readWord(text, at);
    words.push(word);
    at = end;
  }
  return words;
}

/** The name as it must be typed to be one word, for commands that we show. */
export function quoteWord(name: string): string {
  const bare = name !== '' && !/[\s\\<>&]/.test(name) && CLOSERS[name.charAt(0)] === undefined;
  return bare ? name : `"${name.replace(/["”“\\]/g, '\\$&')}"`;
}

interface Read {
  readonly word: Word;
  readonly end: number;
}

function readToken(text: string, start: number): Read | undefined {
  const match = TOKEN.exec(text.slice(start));
  if (!match) return undefined;
  const [whole, sign, id = '', url = '', label = ''] = match;
  const end = start + whole.length;
  if (sign === '@' || sign === '#' || sign === '!subteam^') {
    const shown = label === '' ? id : `${sign === '#' ? '#' : '@'}${label.replace(/^@/, '')}`;
    return { word: { text: decode(shown), quoted: false, mention: { kind: KINDS[sign], id } }, end };
  }
  return { word: { text: decode(label || url), quoted: false, mention: { kind: 'link', url: decode(url) } }, end };
}

/** Reads up to the next space outside quotation marks. */
function readWord(text: string, start: number): Read {
  const closers = CLOSERS[text.charAt(start)];
  const opened = closers === undefined ? undefined : readQuoted(text, start, closers);
  let at = opened?.end ?? start;
  let raw = opened?.raw ?? '';
  while (at < text.length && !SPACE.test(text.charAt(at))) {
    const step = escaped(text, at) ?? text.charAt(at);
    raw += step.replace(/^\\(?=.)/s, '');
    at += step.length;
  }
  return { word: { text: decode(raw), quoted: opened !== undefined }, end: at };
}

function readQuoted(text: string, start: number, closers: string): { readonly raw: string; readonly end: number } {
  let raw = '';
  let at = start + 1;
  while (at < text.length) {
    const mark = text.charAt(at);
    const pair = escaped(text, at);
    if (pair === undefined && closers.includes(mark) && endsHere(text, at))
      return { raw: inner(text, start, raw), end: at + 1 };
    raw += pair?.slice(1) ?? mark;
    at += pair?.length ?? 1;
  }
  throw unclosed(text, start);
}

/** A backslash and what it escapes. Before anything else it is an ordinary backslash. */
function escaped(text: string, at: number): string | undefined {
  if (text.charAt(at) !== '\\') return undefined;
  const next = text.charAt(at + 1);
  const special = next === '\\' || (next !== '' && (CLOSERS[next] !== undefined || SPACE.test(next)));
  return special ? text.slice(at, at + 2) : undefined;
}

function endsHere(text: string, at: number): boolean {
  if (!APOSTROPHES.includes(text.charAt(at))) return true;
  return at + 1 === text.length || SPACE.test(text.charAt(at + 1));
}

/** French puts spaces inside its quotation marks. */
function inner(text: string, start: number, raw: string): string {
  return '«‹'.includes(text.charAt(start)) ? raw.trim() : raw;
}

/** Slack escapes these three everywhere except in its own tokens. */
function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);
}

function unclosed(text: string, start: number): Refusal {
  const rest = decode(text.slice(start + 1)).trim();
  const [next = ''] = rest.split(SPACE);
  return new Refusal('unclosed_quote', { before: next, position: start + 1 });
}

/** The words as one text: a name with several words needs no quotation marks if nothing else can follow it. */
export function phrase(words: readonly Word[]): string {
  return words.map((word) => word.text).join(' ');
}
