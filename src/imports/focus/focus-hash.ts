import { hash } from 'node:crypto';
import { externalKeyOf } from '../../billing/group/names.ts';
import { type ColumnKind, type FocusHeader, headerOf } from './focus-columns.ts';
import { parseTags } from './focus-tags.ts';
import { isLaterNull, isPlaceholder, parseDecimal, parseInstant } from './focus-values.ts';

/** 128 bits: with a billion rows in a month, the chance that two different rows share a hash is below 10⁻²⁰. */
const HEX_DIGITS = 32;

/**
 * The identity of a row's content: 128 bits of SHA-256, in hex.
 *
 * FOCUS rows have no ID, and two equal rows can be two real charges, so a record's identity is its source, its billing
 * month, this hash, and its ordinal among equal rows. The hash covers the columns of FOCUS 1.0 except for the names of
 * provider, publisher and invoice issuer, and FOCUS 1.3's columns about split costs if they have a value. It depends on
 * each value, not on its notation. So it stays the same when columns are reordered, quotation marks come and go, `NULL`
 * becomes an empty cell, `0.00000080000` becomes `8E-7`, dates get a `T` or a zone, tags change their order or spacing,
 * payer IDs change their case, or a provider adds columns from a later FOCUS version, custom columns (`x_…`) or running
 * numbers. It changes when the value of any covered column changes.
 * @param cells the row's cells, null as an empty text
 */
export function rowHash(header: FocusHeader, cells: readonly string[]): string {
  return hashOf(header, cells, (name, kind, cell) =>
    PAYER_COLUMNS.some((column) => column === name) ? externalKeyOf(cell) : identityOf(name, kind, cell),
  );
}

type Canonical = (name: string, kind: ColumnKind, cell: string) => string;
const identityOf: Canonical = (_name, kind, cell) => canonical(kind, cell);

function hashOf(header: FocusHeader, cells: readonly string[], canonicalOf: Canonical): string {
  let content = '';
  for (const { name, index, kind } of header.identity) {
    const cell = cells[index];
    content += cell === undefined || cell === '' ? '-' : measured(canonicalOf(name, kind, cell));
  }
  for (const { name, index, kind } of header.allocation) {
    const cell = cells[index];
    if (cell !== undefined && cell !== '') content += `${name}=${measured(canonical(kind, cell))}`;
  }
  return hash('sha256', content, 'hex').slice(0, HEX_DIGITS);
}

/**
 * The hashes that earlier versions gave the same row if they read it differently, latest first. Payer IDs used to be
 * case-sensitive; before that, only `NULL` meant no value, and split costs had no separate columns. Some words for no
 * value were added later still, and placeholders such as `(blank)` last.
 *
 * @param own the row's current hash
 * @param read the cells, null as an empty text
 * @param raw the cells as the file has them
 */
export function formerHashes(
  header: FocusHeader,
  own: string,
  read: readonly string[],
  raw: readonly string[],
): string[] {
  const bare = { ...header, allocation: [] };
  const first = raw.map(asFirstRead);
  const isFirst =
    header.allocation.some(({ index }) => (read[index] ?? '') !== '') || first.some((cell, at) => cell !== read[at]);
  const hasCase = PAYER_COLUMNS.some((column) => {
    const cell = read[header.index[column]];
    return cell !== undefined && externalKeyOf(cell) !== cell;
  });
  const withPlaceholders = asContent(read, raw, isPlaceholder);
  const withLaterWords = asContent(withPlaceholders, raw, isLaterNull);
  const hasWords = withLaterWords !== read;
  const former = [
    ...(withPlaceholders === read ? [] : [rowHash(header, withPlaceholders)]),
    ...(hasWords ? [rowHash(header, withLaterWords)] : []),
    ...(hasCase || hasWords ? [hashOf(header, withLaterWords, identityOf)] : []),
    ...(hasCase || isFirst ? [hashOf(bare, first, identityOf)] : []),
  ];
  return [...new Set(former)].filter((one) => one !== own);
}

/** The cells, with those that are null today but were content in earlier versions; the same list if there are none. */
function asContent(
  read: readonly string[],
  raw: readonly string[],
  wasContent: (cell: string) => boolean,
): readonly string[] {
  const isConcerned = (cell: string, at: number) => cell === '' && wasContent(raw[at] ?? '');
  return read.some(isConcerned) ? read.map((cell, at) => (isConcerned(cell, at) ? (raw[at] ?? '') : cell)) : read;
}

/**
 * The hashes that the earliest version gave a row with a byte order mark before it: the mark was read as part of the
 * first cell, and so were the cell's quotation marks.
 *
 * @param raw the cells as the file has them, without the mark
 */
export function markedHashes(header: FocusHeader, raw: readonly string[]): string[] {
  const [first = '', ...rest] = raw;
  const bare = { ...header, allocation: [] };
  const marked = [`\uFEFF${first}`, `\uFEFF"${first}"`];
  return marked.map((cell) => hashOf(bare, [cell, ...rest.map(asFirstRead)], identityOf));
}

/** The first version only read empty cells and `NULL` as no value. */
function asFirstRead(cell: string): string {
  return cell === 'NULL' || cell.trim() === '' ? '' : cell;
}

/**
 * The hashes that an earlier version, in which payer IDs were case-sensitive, gave the same row in other spellings.
 *
 * @param columns the row's cells by column, without null cells
 * @param spellings of its payer IDs
 */
export function spelledHashes(
  columns: Readonly<Record<string, string>>,
  spellings: Readonly<Record<(typeof PAYER_COLUMNS)[number], readonly string[]>>,
): string[] {
  const spelledIn = (column: keyof typeof spellings): readonly (string | undefined)[] => {
    const own = columns[column];
    return own === undefined ? [undefined] : [...new Set([own, ...spellings[column]])];
  };
  const [accounts, subAccounts] = [spelledIn('BillingAccountId'), spelledIn('SubAccountId')];
  if (accounts.length === 1 && subAccounts.length === 1) return [];
  const header = headerOf(Object.keys(columns));
  const cells = Object.values(columns);
  return accounts.flatMap((account) =>
    subAccounts.map((subAccount) => {
      const spelled = [...cells];
      if (account !== undefined) spelled[header.index.BillingAccountId] = account;
      if (subAccount !== undefined) spelled[header.index.SubAccountId] = subAccount;
      return hashOf(header, spelled, identityOf);
    }),
  );
}

/** IDs that differ only by case are the same. */
const PAYER_COLUMNS = ['BillingAccountId', 'SubAccountId'] as const;

/** The length prefix makes the end of a value unambiguous, whatever it contains. */
function measured(value: string): string {
  return `${value.length}:${value}`;
}

/** A value that can't be read as its column's kind is hashed as it is: it will be the same in the next import. */
function canonical(kind: ColumnKind, cell: string): string {
  switch (kind) {
    case 'text':
      return cell;
    case 'number':
      return parseDecimal(cell)?.canonical ?? cell;
    case 'instant':
      return parseInstant(cell)?.canonical ?? cell;
    case 'currency':
      return cell.trim().toUpperCase();
    case 'json':
      return parseTags(cell)?.canonical ?? cell;
  }
}
