import { Decimal } from '../../billing/money/money.ts';

/**
 * A sign before or after the digits, parentheses around them, or a word that says whether it is a debit. Banks write
 * `-5`, `5-`, `(5)` or `5 S` for an outgoing payment.
 */
const SIGNED = /^([+\-−(])?\s*(\d[\d'’. ,\u00A0\u202F]*|[.,]\d+)(?:([+\-−)])|([A-Za-z]{1,6}))?$/;
const SPACES = /[\s\u00A0\u202F]/g;
const MINUS = new Set(['-', '−', '(']);

/** Pairs of words with which banks mark debits and credits, in lower case. */
const PAIRS: readonly (readonly [debit: string, credit: string])[] = [
  ['d', 'c'],
  ['dr', 'cr'],
  ['dbit', 'crdt'],
  ['debit', 'credit'],
  ['debet', 'credit'],
  ['s', 'h'],
  ['soll', 'haben'],
  ['af', 'bij'],
  ['out', 'in'],
  ['-', '+'],
];

/**
 * Which rows are debits according to a column that says nothing else, such as `Af` and `Bij` or `S` and `H`: banks that
 * have one write all amounts without a sign. False for all rows if there is none.
 *
 * @param columns the cells of the columns that have no other meaning
 */
export function debitRows(columns: readonly (readonly string[])[], rows: number): readonly boolean[] {
  for (const cells of columns) {
    const words = cells.map((cell) => cell.trim().toLowerCase());
    const said = new Set(words.filter((word) => word !== ''));
    const pair = PAIRS.find(
      (one) => said.size > 0 && [...said].every((word) => one.includes(word)) && tells(one, said),
    );
    if (pair) return words.map((word) => word === pair[0]);
  }
  return Array.from({ length: rows }, () => false);
}

/** A single letter in all rows may mean anything. */
function tells([debit, credit]: readonly [string, string], said: ReadonlySet<string>): boolean {
  return debit.length > 1 || (said.has(debit) && said.has(credit));
}

/**
 * An amount in a cell, below 0 for an outgoing payment; undefined if it isn’t one. Thousands have to be in groups of
 * three.
 */
export function amountFrom(cell: string, decimal: ',' | '.'): Decimal | undefined {
  const [, before, given = '', after, word = ''] = SIGNED.exec(cell.trim()) ?? [];
  if ((before === '(') !== (after === ')')) return undefined;
  const pair = PAIRS.find((one) => one.includes(word.toLowerCase()));
  if (word !== '' && !pair) return undefined;
  const isDebit = MINUS.has(before ?? '') || MINUS.has(after ?? '') || pair?.[0] === word.toLowerCase();
  const digits = given.replace(SPACES, '');
  // “100,-” isn’t below 0 everywhere
  if (!/\d$/.test(digits)) return undefined;
  const [whole = '', fraction, ...more] = digits.split(decimal);
  if (more.length > 0 || (fraction !== undefined && !/^\d*$/.test(fraction))) return undefined;
  const groups = whole.split(/[.,'’]/);
  const [first = ''] = groups;
  const isGrouped = groups.length === 1 || (first.length <= 3 && groups.slice(1).every((group) => group.length === 3));
  const plain = `${groups.join('') || '0'}${fraction ? `.${fraction}` : ''}`;
  if (!isGrouped || !/^\d{1,18}(\.\d+)?$/.test(plain)) return undefined;
  return isDebit ? new Decimal(plain).negated() : new Decimal(plain);
}
