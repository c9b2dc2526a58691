import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { Decimal } from '../../billing/money/money.ts';
import { isDay } from '../../billing/period/day.ts';
import type { Refusal } from '../../billing/refusal.ts';
import type { BankLine, BankStatement } from '../../billing/statement/bank-line.ts';
import { bankText, xmlText } from './bank-text.ts';
import { entriesApart, withEntries } from './camt-entries.ts';
import { decimalsFault, statementFault } from './statement-fault.ts';

/** Banks write this where a payment has no reference. */
const NO_REFERENCE = new Set(['', 'NONREF', 'NOTPROVIDED']);
/** How many entries are parsed in one step. */
const GROUP = 20;
const AMOUNT = /^\d{1,18}(?:\.\d{1,5})?$/;

// some banks add attributes to texts
const text = z.union([z.string(), z.object({ '#text': z.string() }).transform((of) => of['#text'])]).catch('');
const texts = z.array(text).catch([]);
const amount = z.object({ '#text': text, '@Ccy': text }).catch({ '#text': '', '@Ccy': '' });
const party = z.object({ Nm: text, Pty: z.object({ Nm: text }).catch({ Nm: '' }) }).catch({ Nm: '', Pty: { Nm: '' } });
const day = z.object({ Dt: text, DtTm: text }).catch({ Dt: '', DtTm: '' });

/** The parts of an entry that are read. Everything else may be there. */
const detailSchema = z.object({
  CdtDbtInd: text,
  Amt: amount,
  AmtDtls: z
    .object({ TxAmt: z.object({ Amt: amount }) })
    .optional()
    .catch(undefined),
  Refs: z
    .object({ AcctSvcrRef: text, EndToEndId: text, TxId: text })
    .catch({ AcctSvcrRef: '', EndToEndId: '', TxId: '' }),
  RltdPties: z.object({ Dbtr: party }).catch({ Dbtr: { Nm: '', Pty: { Nm: '' } } }),
  RmtInf: z
    .object({
      Ustrd: texts,
      Strd: z
        .array(
          z.object({
            CdtrRefInf: z.object({ Ref: text }).catch({ Ref: '' }),
            RfrdDocInf: z.array(z.object({ Nb: text })).catch([]),
            AddtlRmtInf: texts,
          }),
        )
        .catch([]),
    })
    .catch({ Ustrd: [], Strd: [] }),
  AddtlTxInf: text,
});
const entrySchema = z.object({
  Amt: amount,
  CdtDbtInd: z.string(),
  RvslInd: text,
  Sts: z.union([z.string(), z.object({ Cd: text }).transform(({ Cd }) => Cd)]).catch(''),
  BookgDt: day,
  ValDt: day,
  AcctSvcrRef: text,
  NtryDtls: z.array(z.object({ TxDtls: z.array(detailSchema).catch([]) })).catch([]),
  AddtlNtryInf: text,
});
const statementSchema = z.object({
  Acct: z.object({
    Id: z.object({ IBAN: text, Othr: z.object({ Id: text }).catch({ Id: '' }) }).catch({ IBAN: '', Othr: { Id: '' } }),
  }),
  /** Read one by one. */
  Ntry: z.array(z.unknown()).default([]),
});

type Entry = z.output<typeof entrySchema>;
type Detail = z.output<typeof detailSchema>;

const entriesSchema = z.object({ Entries: z.object({ Ntry: z.array(z.unknown()) }) });

const LISTS = new Set(['Stmt', 'Ntry', 'NtryDtls', 'TxDtls', 'Ustrd', 'Strd', 'RfrdDocInf', 'AddtlRmtInf']);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  // amounts and references stay as written
  parseTagValue: false,
  parseAttributeValue: false,
  alwaysCreateTextNode: false,
  // also decodes characters written as numbers, such as &#252;
  htmlEntities: true,
  isArray: (name) => LISTS.has(name),
});

/** Whether a file that starts with these bytes is a bank’s XML message in the format CAMT. */
export function looksLikeCamt(firstBytes: Buffer): boolean {
  const head = bankText(firstBytes.subarray(0, 4096));
  return /urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\./.test(head) || /<(?:\w+:)?BkToCstmr\w+[\s>]/.test(head);
}

/**
 * Reads the incoming payments of a bank statement in ISO 20022 CAMT.053, of any version. Batches are split into their
 * payments where the bank lists them with amounts that add up.
 *
 * @returns its steps, between which other work can be done: a large file takes seconds
 * @throws {Refusal} `statement_file` with what is wrong, and where
 */
export function* readCamt(bytes: Buffer): Generator<void, BankStatement> {
  const xml = xmlText(bytes);
  // entities declared by a file could grow without limit, and the parser skips what else begins like that
  if (/<!(?!--|\[CDATA\[)/.test(xml))
    throw statementFault('The file contains XML declarations or entities, which bank statements don’t use.');
  const statements = yield* statementsIn(xml);
  const lines: BankLine[] = [];
  const accounts = new Set<string>();
  let leftOut = 0;
  for (const [at, stated] of statements.entries()) {
    const parsed = statementSchema.safeParse(stated);
    if (!parsed.success) throw unmarked(at);
    const { IBAN, Othr } = parsed.data.Acct.Id;
    accounts.add(IBAN || Othr.Id);
    for (const [place, one] of parsed.data.Ntry.entries()) {
      const entry = entrySchema.safeParse(one);
      if (!entry.success) throw unmarked(at);
      const found = paymentsOf(entry.data, place + 1);
      lines.push(...found);
      if (found.length === 0) leftOut++;
      yield;
    }
  }
  if (accounts.size > 1) {
    throw statementFault('The file has statements of several bank accounts.', 'Export one file for each bank account.');
  }
  return { bankAccount: [...accounts][0] ?? '', lines, leftOut };
}

function unmarked(at: number): Refusal<'statement_file'> {
  return statementFault(`Statement ${at + 1} has no bank account, or an entry isn’t marked as incoming or outgoing.`);
}

function* statementsIn(xml: string): Generator<void, readonly unknown[]> {
  const { rest, entries } = entriesApart(xml);
  const root = parse(rest);
  const message = z.object({ Document: z.record(z.string(), z.unknown()) }).safeParse(root);
  const document = message.success ? message.data.Document : {};
  if ('BkToCstmrAcctRpt' in document || 'BkToCstmrDbtCdtNtfctn' in document) {
    throw statementFault(
      'This is an interim report (CAMT.052) or a notification (CAMT.054). Its payments may not be final.',
      'Export the statement as CAMT.053 instead.',
    );
  }
  const statement = z.object({ Stmt: z.array(z.unknown()) }).safeParse(document.BkToCstmrStmt);
  if (!statement.success) throw statementFault('The file has no bank statement in the format CAMT.053.');
  const read: unknown[] = [];
  for (let at = 0; at < entries.length; at += GROUP) {
    const group = entries.slice(at, at + GROUP).join('');
    read.push(...entriesSchema.parse(parse(`<Entries>${group}</Entries>`)).Entries.Ntry);
    yield;
  }
  return distinct(statement.data.Stmt.map((stated) => withEntries(stated, read)));
}

/** @throws {Refusal} `statement_file` */
function parse(xml: string): unknown {
  try {
    return parser.parse(xml, true);
  } catch (error) {
    const why = String((error as Error).message).slice(0, 100);
    throw statementFault(`The file isn’t valid XML. It may be cut off. (${why})`);
  }
}

/** Some banks’ files have the same statement twice. Its payments are only one each. */
function distinct(statements: readonly unknown[]): readonly unknown[] {
  if (statements.length < 2) return statements;
  return [...new Map(statements.map((stated) => [JSON.stringify(stated), stated])).values()];
}

/** The incoming payments of an entry; none if it is outgoing, a reversal, not booked or 0. */
function paymentsOf(entry: Entry, place: number): BankLine[] {
  const isBooked = entry.Sts === 'BOOK' || entry.Sts === '';
  if (entry.CdtDbtInd !== 'CRDT' || entry.RvslInd === 'true' || entry.RvslInd === '1' || !isBooked) return [];
  const total = amountOf(entry.Amt, place);
  if (total.amount.isZero()) return [];
  const date = dayOf(entry.BookgDt) || dayOf(entry.ValDt);
  if (!isDay(date)) throw statementFault(`Entry ${place} has no valid booking date.`);
  const details = entry.NtryDtls.flatMap(({ TxDtls }) => TxDtls);
  const parts = details.map((detail) => ({ detail, amount: partOf(detail, total.currency, place) }));
  const listed = parts.reduce((all, part) => all.plus(part.amount ?? 0), new Decimal(0));
  const isSplit = parts.length > 1 && parts.every((part) => part.amount?.gt(0)) && listed.equals(total.amount);
  const split = isSplit ? parts : [{ detail: details.length === 1 ? details[0] : undefined, amount: total.amount }];
  return split.map((part) => ({
    date,
    amount: part.amount ?? total.amount,
    currency: total.currency,
    ...wordsOf(entry, part.detail),
  }));
}

function wordsOf(entry: Entry, detail: Detail | undefined): Pick<BankLine, 'name' | 'purpose' | 'bankReference'> {
  if (!detail) return { name: '', purpose: entry.AddtlNtryInf.trim(), bankReference: given(entry.AcctSvcrRef) };
  const { Refs, RltdPties, RmtInf } = detail;
  const structured = RmtInf.Strd.flatMap((one) => [
    ...one.RfrdDocInf.map(({ Nb }) => Nb),
    one.CdtrRefInf.Ref,
    ...one.AddtlRmtInf,
  ]);
  const purpose = [...RmtInf.Ustrd, ...structured, given(Refs.EndToEndId)].map((one) => one.trim()).filter(Boolean);
  return {
    name: (RltdPties.Dbtr.Nm || RltdPties.Dbtr.Pty.Nm).trim(),
    purpose: purpose.join(' ') || detail.AddtlTxInf.trim() || entry.AddtlNtryInf.trim(),
    bankReference: given(Refs.AcctSvcrRef) || given(entry.AcctSvcrRef) || given(Refs.TxId),
  };
}

/** A payment’s own amount within a batch, in the entry’s currency; undefined if the bank doesn’t give it. */
function partOf(detail: Detail, currency: string, place: number): Decimal | undefined {
  const own = detail.Amt['#text'] === '' ? detail.AmtDtls?.TxAmt.Amt : detail.Amt;
  if (!own || own['#text'] === '' || own['@Ccy'] !== currency) return undefined;
  return detail.CdtDbtInd === 'DBIT' ? undefined : amountOf(own, place).amount;
}

function amountOf(of: z.output<typeof amount>, place: number): { amount: Decimal; currency: string } {
  const [number, currency] = [of['#text'].trim(), of['@Ccy'].trim()];
  if (!AMOUNT.test(number) || !/^[A-Z]{3}$/.test(currency)) {
    throw statementFault(`Entry ${place} has no valid amount with a currency.`);
  }
  const read = new Decimal(number);
  const fault = decimalsFault(read, currency);
  if (fault !== undefined) throw statementFault(`Entry ${place}: “${number}” ${fault}`);
  return { amount: read, currency };
}

function dayOf({ Dt, DtTm }: z.output<typeof day>): string {
  return (Dt || DtTm).trim().slice(0, 10);
}

function given(reference: string): string {
  const trimmed = reference.trim();
  return NO_REFERENCE.has(trimmed.toUpperCase()) ? '' : trimmed;
}
