import { Refusal } from '../refusal.ts';

/** How invoices are numbered: a template, and whether the count restarts each year. */
export interface Numbering {
  /**
   * `{prefix}`, `{year}` and `{seq}` or `{seq:5}` (with leading zeros), combined with capital letters, digits and `- /
   * . _`.
   */
  readonly format: string;
  readonly isYearly: boolean;
}

/** The kinds of documents with separate number series. */
export type NumberedKind = 'invoice' | 'credit_memo';

export const DEFAULT_NUMBERING: Numbering = { format: '{prefix}-{seq}', isYearly: false };
/** EN 16931 sets no limit, but PEPPOL's receivers and banks' reference fields do. */
const LONGEST = 30;
const MOST_ZEROS = 10;
const PLACEHOLDER = /\{(prefix|year|seq)(?::(\d{1,2}))?\}/g;

/**
 * A format that gives each invoice a unique number, cleaned.
 *
 * @throws {Refusal} `invalid_input` with the reason for the field `format`
 */
export function checkedNumbering({ format, isYearly }: Numbering): Numbering {
  const cleaned = format.replace(/\s+/g, '');
  const why = faultIn(cleaned, isYearly);
  if (why) throw new Refusal('invalid_input', { fields: { format: why } });
  return { format: cleaned, isYearly };
}

/** A number in the given format: `ACME-2026-00001`. */
export function formatNumber(format: string, of: { prefix: string; year: number; seq: number }): string {
  return format.replace(PLACEHOLDER, (_whole, name: string, zeros: string | undefined) => {
    if (name === 'prefix') return of.prefix;
    return name === 'year' ? String(of.year) : String(of.seq).padStart(Number(zeros ?? 0), '0');
  });
}

/**
 * The series from which the next number is drawn: one per account, or one per year. Credit memos have separate series.
 * Numbers are gapless within a series.
 */
export function seriesOf(accountId: string, kind: NumberedKind, numbering: Numbering, year: number): string {
  const own = kind === 'invoice' ? accountId : `${accountId}:${kind}`;
  return numbering.isYearly ? `${own}:${year}` : own;
}

/** The prefix of a kind's numbers. Numbers of credit memos can't be mistaken for those of invoices (`ACME-CN-1`). */
export function numberPrefix(kind: NumberedKind, format: string, prefix: string): { format: string; prefix: string } {
  if (kind === 'invoice') return { format, prefix };
  return format.includes('{prefix}') ? { format, prefix: `${prefix}-CN` } : { format: `CN-${format}`, prefix };
}

/** A pattern that matches all numbers a format can produce for a prefix, in any year. */
export function patternOf(format: string, prefix: string): string {
  const parts = format.split(/(\{[^{}]*\})/).map((part) => {
    if (part === '{prefix}') return literally(prefix);
    if (part === '{year}') return '\\d{4}';
    return part.startsWith('{seq') ? '\\d+' : literally(part);
  });
  return `^${parts.join('')}$`;
}

/**
 * A pattern for numbers that end with the typed parts, with or without leading zeros: `7`, `2026-7` and `2026-00007`
 * match `ACME-2026-00007`. Undefined if the text can't be the end of a number.
 */
export function numberEnd(typed: string): string | undefined {
  const [, before = '', seq] = /^((?:[A-Z0-9]+[-/._])*)0*(\d{1,15})$/.exec(typed) ?? [];
  return seq === undefined ? undefined : `(?:^|[-/._])${literally(before)}0*${seq}$`;
}

/**
 * Reads the numbers that a format can produce for a prefix: a pattern for all of them, and a number's year (0 if it has
 * none) and position in the series. Leading zeros make no difference.
 */
export function placeOfNumber(format: string, prefix: string) {
  const pattern = patternOf(format, prefix);
  const parts = format.split(/(\{[^{}]*\})/).map((part) => {
    if (part === '{year}') return '(?:\\d{4})';
    return part.startsWith('{seq') ? '(?<seq>\\d+)' : patternOf(part, prefix).slice(1, -1);
  });
  const year = parts.indexOf('(?:\\d{4})');
  if (year >= 0) parts[year] = '(?<year>\\d{4})';
  const reading = new RegExp(`^${parts.join('')}$`);
  return {
    pattern,
    read(number: string): { readonly year: number; readonly seq: number } | undefined {
      const { groups } = reading.exec(number) ?? {};
      return groups && { year: Number(groups.year ?? 0), seq: Number(groups.seq) };
    },
  };
}

function faultIn(format: string, isYearly: boolean): string | undefined {
  const found = [...format.matchAll(PLACEHOLDER)];
  const seqs = found.filter(([, name]) => name === 'seq');
  const text = format.replace(PLACEHOLDER, '');
  if (/[{}]/.test(text)) return 'Between braces, only {prefix}, {year}, {seq} and {seq:5} are known.';
  if (!/^[A-Z0-9/_.-]*$/.test(text)) return 'Use capital letters, digits and - / . _ around the placeholders.';
  if (seqs.length !== 1) return 'The format needs {seq}, the sequence number, exactly once.';
  if (found.some(([, name, zeros]) => zeros !== undefined && (name !== 'seq' || Number(zeros) > MOST_ZEROS)))
    return `Only {seq} can have a width, of at most ${MOST_ZEROS} digits.`;
  if (isYearly && !format.includes('{year}')) return 'Numbers that restart each year need {year}.';
  if (/[}\d]\{seq|\{seq[^{}]*\}[{\d]/.test(format))
    return 'Put a separator such as - between {seq} and the text next to it.';
  const longest = formatNumber(format, { prefix: 'X'.repeat(12), year: 2026, seq: 999_999 });
  return longest.length > LONGEST ? `Invoice numbers would be longer than ${LONGEST} characters.` : undefined;
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
