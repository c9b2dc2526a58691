import { type Decimal, sum, ZERO } from '../money/money.ts';
import { normalized } from '../normalized.ts';
import type { BankLine } from './bank-line.ts';

/** An unpaid invoice that a bank line may pay. */
export interface Candidate {
  readonly id: string;
  readonly number: string;
  readonly currency: string;
  /** What is left to pay. Above 0. */
  readonly open: Decimal;
  /** The company that it was issued to; empty if unknown. */
  readonly company: string;
}

/** What a bank line seems to pay. */
export interface Proposal {
  /** What the proposal is based on, the surest first. */
  readonly basis: 'number_and_amount' | 'number' | 'amount_and_name' | 'amount' | 'name';
  /** In the order in which the line names them. Their amounts add up to the line’s. */
  readonly parts: readonly { readonly invoice: Candidate; readonly amount: Decimal }[];
  /** What exceeds the open amounts; included in the last part. 0 if none. */
  readonly tooMuch: Decimal;
}

/** Words of company names that say nothing about which company it is. */
const LEGAL_FORMS = new Set(
  'ag co corp gmbh inc kg limited llc llp ltd mbh ohg plc sa sarl sas se spa srl ug und and the oy ab as bv nv'.split(
    ' ',
  ),
);
const DIGIT = /[0-9]/;
const SEPARATORS = /[^\p{L}\p{N}]+/gu;

/**
 * What a bank line seems to pay, for a person to confirm: the invoices whose numbers it names, otherwise the only
 * invoice with this open amount, or the only one of the payer. Undefined if nothing fits, or if several fit equally
 * well. Invoices in other currencies are never proposed. For several lines, use `proposer`.
 */
export function proposeFor(line: BankLine, candidates: readonly Candidate[]): Proposal | undefined {
  return proposer(candidates)(line);
}

/** The same for many lines. A line takes no longer if there are more candidates. */
export function proposer(candidates: readonly Candidate[]): (line: BankLine) => Proposal | undefined {
  const open = candidates.filter((one) => one.open.gt(0));
  const byCurrency = new Map([...groupedBy(open, ({ currency }) => currency)].map(([key, own]) => [key, indexed(own)]));
  return (line) => {
    const index = byCurrency.get(line.currency);
    return index && proposalOf(line, index);
  };
}

/** Candidates in one currency, by what a line may say about them. */
interface Index {
  /** By the letters and digits of the number. */
  readonly byNumber: ReadonlyMap<string, readonly Candidate[]>;
  /** The lengths of these. */
  readonly lengths: readonly number[];
  readonly byOpen: ReadonlyMap<string, readonly Candidate[]>;
  /** By the longest of the telling words of the company. */
  readonly byWord: ReadonlyMap<string, readonly { readonly candidate: Candidate; readonly words: readonly string[] }[]>;
}

function indexed(candidates: readonly Candidate[]): Index {
  const byNumber = groupedBy(candidates, ({ number }) => condensed(number).letters);
  byNumber.delete('');
  const named = candidates.map((candidate) => ({ candidate, words: wordsOf(candidate.company) }));
  return {
    byNumber,
    lengths: [...new Set([...byNumber.keys()].map((key) => key.length))],
    byOpen: groupedBy(candidates, ({ open }) => open.toFixed()),
    byWord: groupedBy(named, ({ words }) => longestOf(words)),
  };
}

function proposalOf(line: BankLine, index: Index): Proposal | undefined {
  const named = namedIn(`${line.purpose} ${line.bankReference}`, index);
  if (named.length > 0) {
    const { parts, tooMuch, isExact } = allocate(line, named);
    return { basis: isExact ? 'number_and_amount' : 'number', parts, tooMuch };
  }
  const equal = index.byOpen.get(line.amount.toFixed()) ?? [];
  const ofPayer = ofCompany(line.name, index);
  const theirOwn = new Set(ofPayer);
  const both = equal.filter((one) => theirOwn.has(one));
  const [sure] = both;
  if (both.length === 1 && sure) return whole('amount_and_name', line, sure);
  const [only] = equal;
  if (equal.length === 1 && only) return whole('amount', line, only);
  const [theirs] = ofPayer;
  if (equal.length === 0 && ofPayer.length === 1 && theirs) return whole('name', line, theirs);
  return undefined;
}

/**
 * A line’s amount over some invoices: each gets its open amount, in order; the rest stays on the last one that gets
 * anything.
 */
export function allocate(
  line: Pick<BankLine, 'amount'>,
  invoices: readonly Candidate[],
): Pick<Proposal, 'parts' | 'tooMuch'> & { readonly isExact: boolean } {
  const open = sum(invoices.map((one) => one.open));
  const parts: { invoice: Candidate; amount: Decimal }[] = [];
  let left = line.amount;
  for (const [at, invoice] of invoices.entries()) {
    const isLast = at === invoices.length - 1;
    const amount = isLast || left.lt(invoice.open) ? left : invoice.open;
    if (amount.gt(0)) parts.push({ invoice, amount });
    left = left.minus(amount);
  }
  return { parts, tooMuch: excess(line.amount, open), isExact: open.equals(line.amount) };
}

function whole(basis: Proposal['basis'], line: BankLine, invoice: Candidate): Proposal {
  return { basis, parts: [{ invoice, amount: line.amount }], tooMuch: excess(line.amount, invoice.open) };
}

function excess(amount: Decimal, open: Decimal): Decimal {
  return amount.gt(open) ? amount.minus(open) : ZERO;
}

/**
 * The invoices whose numbers a text contains, in the text’s order. Banks change case, drop hyphens and break lines
 * anywhere, so only letters and digits count. `ACME-1` isn’t found in `ACME-12`.
 */
function namedIn(text: string, { byNumber, lengths }: Index): Candidate[] {
  const { letters, places } = condensed(text);
  const found = new Map<Candidate, { readonly at: number; readonly end: number; readonly invoice: Candidate }>();
  for (const length of lengths) {
    for (let at = 0; at + length <= letters.length; at++) {
      const end = at + length;
      const invoices = byNumber.get(letters.slice(at, end));
      if (!invoices || continues(letters, places, at) || continues(letters, places, end)) continue;
      for (const invoice of invoices) if (!found.has(invoice)) found.set(invoice, { at, end, invoice });
    }
  }
  const all = [...found.values()];
  // “INV 1 2” may be INV-12 with a line break in it: the longest reading wins
  const longest = all.filter(
    (one) => !all.some((other) => other.at <= one.at && other.end >= one.end && isLonger(other, one)),
  );
  return longest.sort((a, b) => a.at - b.at).map(({ invoice }) => invoice);
}

function isLonger(one: { at: number; end: number }, other: { at: number; end: number }): boolean {
  return one.end - one.at > other.end - other.at;
}

/** Whether the characters on both sides of a position are written together and of the same kind. */
function continues(letters: string, places: readonly number[], at: number): boolean {
  const isTogether = places[at] === (places[at - 1] ?? Number.NaN) + 1;
  return isTogether && DIGIT.test(letters.charAt(at - 1)) === DIGIT.test(letters.charAt(at));
}

/** A text’s letters and digits in capitals, with the position of each in the text. */
function condensed(text: string): { readonly letters: string; readonly places: readonly number[] } {
  const kept = [...normalized(text, 'NFKC').toUpperCase()].map((letter, place) => ({ letter, place }));
  const those = kept.filter(({ letter }) => /[\p{L}\p{N}]/u.test(letter) && letter.length === 1);
  return { letters: those.map(({ letter }) => letter).join(''), places: those.map(({ place }) => place) };
}

/** The invoices of companies of whose names the payer’s has all the telling words. */
function ofCompany(payer: string, { byWord }: Index): Candidate[] {
  const given = new Set(wordsOf(payer));
  const likely = [...given].flatMap((word) => byWord.get(word) ?? []);
  return likely.filter(({ words }) => words.every((word) => given.has(word))).map(({ candidate }) => candidate);
}

function longestOf(words: readonly string[]): string {
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}

function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const own = groups.get(keyOf(one));
    if (own) own.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

function wordsOf(name: string): string[] {
  const words = normalized(name, 'NFKC').toLowerCase().split(SEPARATORS);
  return words.filter((word) => word.length > 1 && !LEGAL_FORMS.has(word));
}
