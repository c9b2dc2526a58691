import { hash } from 'node:crypto';
import { externalKeyOf } from '../../billing/group/names.ts';
import { type ColumnKind, type FocusHeader, headerOf } from './focus-columns.ts';
import { parseTags } from './focus-tags.ts';
import { isLaterNull, parseDecimal, parseInstant } from './focus-values.ts';

/** 128 bits: with a billion rows in one month, the chance of two different rows with one hash is below 10⁻²⁰. */
const HEX_DIGITS = 32;

/**
 * The identity of a row's content: 128 bits of SHA-256, in hex.
 *
 * FOCUS rows have no id, and two equal rows can be two real charges, so a record's identity is its source, its billing
 * month, this hash, and the how-manieth of its equals it is. The hash covers the columns of FOCUS 1.0 but for the names
 * of provider, publisher and invoice issuer, and FOCUS 1.3's columns of a share of costs where they have a value, each by
 * its value and not by its notation. So it stays the same when
 * columns change places, quotation marks come and go, `NULL` becomes an empty cell, `0.00000080000` becomes `8E-7`,
 * dates get a `T` or a zone, tags change their order or spacing, IDs of payers change their case, and when a provider adds columns: of a later version of
 * FOCUS, its own (`x_…`), or running numbers. It changes when any of these columns changes its value.
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
 * Hashes that earlier versions gave the same row, where they read it in another way; the latest first. IDs of payers were
 * told apart by case; before that, only `NULL` stood for no value, and shares of costs had no columns of their own. Some
 * words for nothing came later still.
 *
 * @param own the hash that it has now
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
  const first = raw.map((cell) => (cell === 'NULL' || cell.trim() === '' ? '' : cell));
  const isFirst =
    header.allocation.some(({ index }) => (read[index] ?? '') !== '') || first.some((cell, at) => cell !== read[at]);
  const hasCase = PAYER_COLUMNS.some((column) => {
    const cell = read[header.index[column]];
    return cell !== undefined && externalKeyOf(cell) !== cell;
  });
  // the words for nothing that were added last
  const isLater = raw.some(isLaterNull);
  const before = isLater ? read.map((cell, at) => (isLaterNull(raw[at] ?? '') ? (raw[at] ?? '') : cell)) : read;
  const former = [
    ...(isLater ? [rowHash(header, before)] : []),
    ...(hasCase || isLater ? [hashOf(header, before, identityOf)] : []),
    ...(hasCase || isFirst ? [hashOf(bare, first, identityOf)] : []),
  ];
  return [...new Set(former)].filter((one) => one !== own);
}

/**
 * Hashes that the earliest version gave the first row of a file that had a second byte order mark: the mark was a part of
 * the first cell, and so were the cell's quotation marks.
 *
 * @param columns the row's cells by column, in the file's order, without those that are null
 */
export function markedHashes(columns: Readonly<Record<string, string>>): string[] {
  const [first = '', ...rest] = Object.values(columns);
  const bare = { ...headerOf(Object.keys(columns)), allocation: [] };
  return [`\uFEFF${first}`, `\uFEFF"${first}"`].map((cell) => hashOf(bare, [cell, ...rest], identityOf));
}

/**
 * Hashes that an earlier version, which told IDs of payers apart by case, gave the same row in other spellings.
 *
 * @param columns the row's cells by column, without those that are null
 * @param spellings of its IDs of payers
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

/** IDs that differ by case alone are one. */
const PAYER_COLUMNS = ['BillingAccountId', 'SubAccountId'] as const;

/** Its length makes the end of a value certain whatever it contains. */
function measured(value: string): string {
  return `${value.length}:${value}`;
}

/** A value that does not read as its column's kind stands for itself: it is still the same on the next import. */
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
