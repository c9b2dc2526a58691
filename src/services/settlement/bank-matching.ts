import { createHash } from 'node:crypto';
import { cleanName, cutName, nameKey } from '../../billing/group/names.ts';
import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { dayName } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { BankLine } from '../../billing/statement/bank-line.ts';
import { allocate, type Candidate, type Proposal, proposeFor, proposer } from '../../billing/statement/propose.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { payableInvoices } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import {
  type BankLineDoc,
  type BankLineTraits,
  bankLineById,
  bankLinesOn,
  countOpenBankLines,
  openBankLines,
  settleBankLine,
} from '../../store/settlement/bank-lines.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import type { Change } from '../kit/transaction.ts';
import {
  assertNotCharging,
  assertTransition,
  balanceOf,
  type IssuedInvoice,
  issuedInvoice,
} from './invoice-balance.ts';
import { REFERENCE_LIMIT, receive } from './payments.ts';

/** How many sure matches are recorded with one click. */
const MOST_AT_ONCE = 200;
/** How many open lines are searched for them, oldest first. */
const MOST_SEARCHED = 1_000;
/** The maximum number of options in a menu. */
const MOST_OPTIONS = 100;

/** An incoming payment that nobody has decided about, with what it seems to pay. */
export interface OpenBankLine extends BankLine {
  readonly id: string;
  readonly proposal: Proposal | undefined;
  /**
   * Another file that has a payment of the same day and amount, and not of another payer: the same payment, if it is the
   * same statement in another format. Null if there is none.
   */
  readonly alsoIn: string | null;
}

/** A recorded line: what was paid on each invoice. */
export interface MatchOutcome {
  readonly parts: readonly { readonly number: string; readonly amount: Decimal; readonly open: Decimal }[];
  readonly currency: string;
  /** What exceeded the open amounts, and is to be refunded. */
  readonly tooMuch: Decimal;
}

/** An unpaid invoice for a menu. */
export interface PayableOption extends Candidate {
  readonly billingGroupName: string;
}

/** The incoming payments that nobody has decided about, oldest first, each with its proposal. @throws {Refusal} `role_needed` */
export async function listOpenBankLines(
  ctx: Ctx,
  accountId: string,
  request: PageRequest,
): Promise<Page<OpenBankLine> & { readonly sure: number }> {
  await admit(ctx, accountId, 'issue');
  const total = await countOpenBankLines(accountId);
  const { skip, page, pages } = placeOf(request, total);
  const propose = proposer(total === 0 ? [] : await candidatesOf(accountId));
  const docs = await openBankLines(accountId, { skip: 0, size: Math.max(MOST_SEARCHED, skip + request.size) });
  const alsoIn = await filesWithSame(accountId, docs);
  const lines = docs.map((doc) => ({ ...proposedLine(doc, propose), alsoIn: alsoIn(doc) }));
  const sure = Math.min(surelyPaying(lines).length, MOST_AT_ONCE);
  return { items: lines.slice(skip, skip + request.size), page, pages, total, sure };
}

/**
 * Records a line as its proposal says, if that is still what the person was shown. A line can be recorded once, however
 * often it is sent.
 *
 * @param shown the result of `proposalKey`
 * @throws {Refusal} `changed_meanwhile`, and as `recordBankLine`
 */
export async function recordProposedLine(
  ctx: Ctx,
  { accountId, lineId, shown }: { readonly accountId: string; readonly lineId: string; readonly shown: string },
): Promise<MatchOutcome> {
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const line = await openLine(accountId, lineId);
    const proposal = proposeFor(toLine(line), await candidatesOf(accountId));
    if (!proposal || proposalKey(proposal) !== shown) throw changedMeanwhile();
    const invoiceIds = proposal.parts.map(({ invoice }) => invoice.id);
    return record(tx, line, await payable(accountId, invoiceIds, line.currency));
  });
}

/** The same for proposals that pay the same amounts for the same invoices. */
export function proposalKey({ parts, tooMuch }: Proposal): string {
  const said = JSON.stringify([parts.map(({ invoice, amount }) => [invoice.id, amount.toFixed()]), tooMuch.toFixed()]);
  return createHash('sha256').update(said).digest('base64url');
}

/**
 * Records a line as payments of invoices, in the given order: each gets its open amount, and the last the rest. What
 * exceeds it is to be refunded, as with every overpayment. A line can be recorded once, however often it is sent.
 *
 * @param input `isExact`: only if it is exactly what is left to pay on the invoices
 * @throws {Refusal} `bank_line_not_found`, `bank_line_settled`, `changed_meanwhile` if it isn’t exact, `invalid_input` for
 * another currency, `wrong_state`, `being_charged`, `invoice_not_found`, `role_needed`
 */
export async function recordBankLine(
  ctx: Ctx,
  input: {
    readonly accountId: string;
    readonly lineId: string;
    readonly invoiceIds: readonly string[];
    readonly isExact?: boolean;
  },
): Promise<MatchOutcome> {
  const { accountId, lineId, invoiceIds, isExact = false } = input;
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const line = await openLine(accountId, lineId);
    const invoices = await payable(accountId, [...new Set(invoiceIds)], line.currency);
    if (isExact && !allocate(toLine(line), invoices.map(toCandidate)).isExact) throw changedMeanwhile();
    return record(tx, line, invoices);
  });
}

async function record(tx: Change, line: BankLineDoc, invoices: readonly IssuedInvoice[]): Promise<MatchOutcome> {
  const { parts, tooMuch } = allocate(toLine(line), invoices.map(toCandidate));
  const done: { number: string; amount: Decimal; open: Decimal }[] = [];
  const paymentIds: string[] = [];
  for (const { invoice, amount } of parts) {
    const found = invoices.find(({ _id }) => _id === invoice.id);
    if (!found) throw new Error(`The allocation has an unknown invoice, ${invoice.id}`);
    const { paymentId, number, open } = await receive(tx, found, {
      ...{ way: 'transfer', amount, date: line.date, reference: referenceOf(line) },
      // two equal payments of a day are two lines
      source: line._id,
    });
    paymentIds.push(paymentId);
    done.push({ number, amount, open });
  }
  await settle(tx, line, { state: 'booked', paymentIds });
  return { parts: done, currency: line.currency, tooMuch };
}

/**
 * Records all lines that name their invoices and match their open amounts exactly, each in a separate transaction. A
 * line that can’t be recorded stays open and doesn’t stop the others.
 */
export async function recordSureBankLines(
  ctx: Ctx,
  accountId: string,
): Promise<{ readonly recorded: number; readonly refused: number }> {
  await admit(ctx, accountId, 'issue');
  const propose = proposer(await candidatesOf(accountId));
  const docs = await openBankLines(accountId, { skip: 0, size: MOST_SEARCHED });
  const alsoIn = await filesWithSame(accountId, docs);
  const sure = surelyPaying(docs.map((doc) => ({ ...proposedLine(doc, propose), alsoIn: alsoIn(doc) })));
  let [recorded, refused] = [0, 0];
  for (const { id: lineId, invoiceIds } of sure.slice(0, MOST_AT_ONCE)) {
    try {
      await recordBankLine(ctx, { accountId, lineId, invoiceIds, isExact: true });
      recorded++;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
    }
  }
  return { recorded, refused };
}

/** Marks a line as no payment of an invoice. @throws {Refusal} `bank_line_not_found`, `bank_line_settled`, `role_needed` */
export async function ignoreBankLine(ctx: Ctx, accountId: string, lineId: string): Promise<BankLine> {
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const line = await openLine(accountId, lineId);
    await settle(tx, line, { state: 'ignored', paymentIds: [] });
    const { amount, currency, date } = toLine(line);
    await tx.record({
      accountId,
      type: 'bank_line_ignored',
      description: `Ignored the incoming payment of ${formatMoney(amount, currency)} received on ${dayName(date)}`,
      after: { lineId },
    });
    return toLine(line);
  });
}

/** For a form: a line, and its invoice options that contain the typed text. @throws {Refusal} `role_needed` */
export async function searchPayable(
  ctx: Ctx,
  accountId: string,
  lineId: string,
  typed: string,
): Promise<PayableOption[]> {
  await admit(ctx, accountId, 'issue');
  const line = await openLine(accountId, lineId);
  const docs = await payableInvoices(accountId);
  const names = await groupNames(accountId, [...new Set(docs.map((doc) => doc.billingGroupId))]);
  const key = nameKey(typed);
  return docs
    .map((doc) => ({ ...toCandidate(doc), billingGroupName: names.get(doc.billingGroupId) ?? '' }))
    .filter(({ currency, open }) => currency === line.currency && open.gt(0))
    .filter(({ number, billingGroupName, company }) =>
      nameKey(`${number} ${billingGroupName} ${company}`).includes(key),
    )
    .slice(0, MOST_OPTIONS);
}

/** A line that nobody has decided about, with its proposal. @throws {Refusal} as `recordBankLine` */
export async function getOpenBankLine(
  ctx: Ctx,
  accountId: string,
  lineId: string,
): Promise<Omit<OpenBankLine, 'alsoIn'>> {
  await admit(ctx, accountId, 'issue');
  return proposedLine(await openLine(accountId, lineId), proposer(await candidatesOf(accountId)));
}

/** For each of these lines, another file that may have the same payment; null if none has. One query. */
async function filesWithSame(
  accountId: string,
  lines: readonly BankLineDoc[],
): Promise<(line: BankLineDoc) => string | null> {
  const days = [...new Set(lines.map(({ date }) => date))];
  const traitsOf = ({ date, currency, amount }: BankLineTraits) =>
    [date, currency, fromDecimal128(amount).toFixed()].join(' ');
  const same = new Map<string, { readonly fileName: string; readonly payer: string }[]>();
  for (const other of days.length === 0 ? [] : await bankLinesOn(accountId, days)) {
    const own = { fileName: other.fileName, payer: nameKey(other.name) };
    const before = same.get(traitsOf(other));
    if (before) before.push(own);
    else same.set(traitsOf(other), [own]);
  }
  return (line) => {
    const payer = nameKey(line.name);
    const isSame = (other: { fileName: string; payer: string }) =>
      other.fileName !== line.fileName && (payer === '' || other.payer === '' || other.payer === payer);
    return same.get(traitsOf(line))?.find(isSame)?.fileName ?? null;
  };
}

/**
 * The lines that name their invoices and match their open amounts exactly, with these invoices. If several name the same
 * one, only the first can pay it. A payment that may have been read before isn’t sure.
 */
function surelyPaying(lines: readonly OpenBankLine[]): { readonly id: string; readonly invoiceIds: string[] }[] {
  const paid = new Set<string>();
  return lines.flatMap(({ id, proposal, alsoIn }) => {
    const invoiceIds = proposal?.parts.map(({ invoice }) => invoice.id) ?? [];
    const isSure = proposal?.basis === 'number_and_amount' && alsoIn === null;
    if (!isSure || invoiceIds.some((one) => paid.has(one))) return [];
    for (const one of invoiceIds) paid.add(one);
    return [{ id, invoiceIds }];
  });
}

function changedMeanwhile(): Refusal {
  return new Refusal('changed_meanwhile', { what: 'incoming payment' });
}

async function openLine(accountId: string, lineId: string): Promise<BankLineDoc> {
  const line = await bankLineById(accountId, lineId);
  if (!line) throw new Refusal('bank_line_not_found');
  if (line.state !== 'open') throw new Refusal('bank_line_settled');
  return line;
}

async function settle(
  tx: Change,
  line: BankLineDoc,
  settled: Pick<BankLineDoc, 'state' | 'paymentIds'>,
): Promise<void> {
  if (!(await settleBankLine(tx, line.accountId, line._id, settled))) throw new Refusal('bank_line_settled');
}

async function payable(accountId: string, invoiceIds: readonly string[], currency: string): Promise<IssuedInvoice[]> {
  const invoices: IssuedInvoice[] = [];
  for (const id of invoiceIds) {
    const invoice = await issuedInvoice(accountId, id);
    if (invoice.currency !== currency) {
      throw new Refusal('invalid_input', {
        fields: { invoice: `Invoice ${invoice.number} is in ${invoice.currency}, and this payment in ${currency}.` },
      });
    }
    assertTransition(invoice, 'paid', 'mark_paid');
    await assertNotCharging(invoice);
    invoices.push(invoice);
  }
  if (invoices.length === 0) throw new Refusal('invalid_input', { fields: { invoice: 'Choose an invoice.' } });
  return invoices;
}

async function candidatesOf(accountId: string): Promise<Candidate[]> {
  return (await payableInvoices(accountId)).map(toCandidate);
}

function toCandidate(
  doc: Parameters<typeof balanceOf>[0] & {
    readonly _id: string;
    readonly number?: string;
    readonly currency: string;
    readonly snapshot: { readonly buyer?: { readonly company?: string | null } } | null;
  },
): Candidate {
  return {
    id: doc._id,
    number: doc.number ?? '',
    currency: doc.currency,
    open: openAmount(balanceOf(doc)),
    company: doc.snapshot?.buyer?.company ?? '',
  };
}

function proposedLine(doc: BankLineDoc, propose: ReturnType<typeof proposer>): Omit<OpenBankLine, 'alsoIn'> {
  const line = toLine(doc);
  return { id: doc._id, ...line, proposal: propose(line) };
}

function toLine({ date, amount, currency, name, purpose, bankReference }: BankLineDoc): BankLine {
  return { date, amount: fromDecimal128(amount), currency, name, purpose, bankReference };
}

/** What the payment shows as its reference: the payer and what they wrote. */
function referenceOf({ name, purpose, bankReference }: BankLineDoc): string {
  const words = [name, purpose].filter((word) => word !== '').join(' · ');
  return cutName(cleanName(words === '' ? bankReference : words), REFERENCE_LIMIT);
}
