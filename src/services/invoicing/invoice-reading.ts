import type { Sight } from '../../billing/account/sight.ts';
import type { BillingInformation } from '../../billing/group/billing-information.ts';
import { daysOverdue } from '../../billing/invoice/aging.ts';
import type { Breakdown, LeftOut } from '../../billing/invoice/breakdown.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { isUnpaid, openAmount } from '../../billing/invoice/invoice-life.ts';
import type { InvoiceLine, LineSubject } from '../../billing/invoice/line.ts';
import { numberEnd } from '../../billing/invoice/numbering.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { addDays, dayIn, startOfDay } from '../../billing/period/day.ts';
import type { Period } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { TaxCategory } from '../../billing/tax/tax.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { type LinesOf, linesIn } from '../../store/invoicing/current-lines.ts';
import { invoicesNumberedLike } from '../../store/invoicing/document-numbers.ts';
import { eachLineOf, largestLinesOf, linesAfter } from '../../store/invoicing/invoice-lines.ts';
import {
  countInvoices,
  invoiceById,
  invoiceByNumber,
  invoiceOfPeriod,
  invoicePage,
} from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc, LineDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit, admitTo } from '../access/rights.ts';
import { breakdownsOf, leftOutOf, plainBreakdown } from '../costs/costs-so-far.ts';
import { remainingBalances } from '../credits/balance-credits.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf, placeOf } from '../kit/page.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { balanceOf, payBy } from '../settlement/invoice-balance.ts';

/** How many numbers are listed if several match. */
const MOST_NUMBERS = 5;

/** Pages of lists: people who ask for the same one at the same time share it. */
const pageReads = new SharedReads<Page<InvoiceDoc>>();

/** An invoice's header. An issued invoice has a number, an estimate has none. */
export interface InvoiceSummary {
  readonly id: string;
  readonly accountId: string;
  readonly number: string | null;
  readonly billingGroupId: string;
  readonly billingGroupName: string;
  /** The billing information on an issued invoice. */
  readonly buyer?: BillingInformation;
  readonly period: Period;
  readonly periodBegin: Date;
  readonly periodEnd: Date;
  readonly state: InvoiceState;
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  readonly amountDue: Decimal;
  /** The breakdown of the net. */
  readonly breakdown: Breakdown;
  /** Amounts that aren't included in any figure, because there is no rate. */
  readonly leftOut: readonly LeftOut[];
  readonly taxes: readonly TaxSummary[];
  /** The amount that purchased credits pay. */
  readonly prepaid: readonly { readonly code: string; readonly amount: Decimal }[];
  /** For an issued invoice with a negative total: the credit that holds it, and the amount left on it. */
  readonly balance?: { readonly code: string; readonly amount: Decimal; readonly left: Decimal };
  readonly conversions: readonly ConversionSummary[];
  /** Which lines are on it. */
  readonly storedLines: LinesOf;
  readonly lineCount: number;
  readonly recordCount: number;
  readonly computedAt: Date | null;
  readonly issuedAt: Date | null;
  /** The invoice date on its files, YYYY-MM-DD in the account's time zone. */
  readonly issuedDay: string | null;
  readonly dueAt: Date | null;
  /** The due date, YYYY-MM-DD in the account's time zone. */
  readonly dueDay: string | null;
  /** Whether that day has passed. */
  readonly overdueFrom: Date | null;
  /** The number of calendar days an unpaid invoice is overdue; 0 otherwise. */
  readonly daysOverdue: number;
  readonly heldBack: string | null;
  /** Payments received, less refunds. */
  readonly paid: Decimal;
  /** The total of its credit memos. */
  readonly credited: Decimal;
  /** The amount left to pay; zero if no payment is expected. */
  readonly open: Decimal;
  /** Why the last charge failed; null if it didn't. */
  readonly failure: string | null;
  /** Why the amount can't be charged to a card, and what happens instead; null if it can. */
  readonly notCharged: string | null;
}

/** Tax for a category and rate. The rate is a percentage. */
export interface TaxSummary {
  readonly category: TaxCategory;
  readonly rate: Decimal;
  readonly base: Decimal;
  readonly amount: Decimal;
  readonly reason: string | null;
}

/** The factor by which an amount in `from` was multiplied; the date is YYYY-MM-DD. */
export interface ConversionSummary {
  readonly from: string;
  readonly rate: Decimal;
  readonly date: string;
  readonly source: string;
}

export interface LineSummary
  extends LineSubject,
    Pick<InvoiceLine, 'lateFrom' | 'begin' | 'end' | 'exact' | 'total' | 'preDiscount' | 'taxCategory' | 'taxRate'> {
  readonly place: number;
  readonly projectLabel: string | null;
}

/** Invoices and open estimates that the caller sees: those to be paid first, by due date, then the others, newest period first. */
export async function listInvoices(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { billingGroupId?: string },
): Promise<Page<InvoiceSummary>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const { billingGroupId } = request;
  if (billingGroupId !== undefined) await admitTo(ctx, accountId, billingGroupId);
  const of = { accountId, billingGroupId, sight };
  const question = JSON.stringify([accountId, billingGroupId, sight.key, request.page, request.size]);
  const page = await pageReads.get(question, () =>
    pageOf(
      request,
      () => countInvoices(of),
      (part) => invoicePage(of, part),
    ),
  );
  return { ...page, items: await summarizeInvoices(ctx, accountId, page.items) };
}

/**
 * An invoice by its ID or number, ignoring case. A number may omit everything before its last parts (`ACME-`) and
 * leading zeros, as long as it is unambiguous.
 *
 * @throws {Refusal} `invoice_not_found`, `ambiguous_name` with some of the numbers
 */
export async function getInvoice(
  ctx: Ctx,
  accountId: string,
  by: { id: string } | { number: string },
): Promise<InvoiceSummary> {
  const { sight } = await admit(ctx, accountId, 'see');
  const doc = 'id' in by ? await invoiceById(accountId, by.id) : await invoiceMeant(accountId, by.number, sight);
  const [summary] = doc && sight.sees(doc.billingGroupId) ? await summarizeInvoices(ctx, accountId, [doc]) : [];
  if (doc && summary)
    return { ...summary, breakdown: (await breakdownsOf(accountId, [doc])).get(doc._id) ?? summary.breakdown };
  throw new Refusal('invoice_not_found', 'number' in by ? { number: by.number.trim() } : {});
}

/** The invoice with a number, otherwise the only one whose number ends with the typed text. */
async function invoiceMeant(accountId: string, typed: string, sight: Sight): Promise<InvoiceDoc | null> {
  const number = typed.trim().replace(/^#/, '').toUpperCase();
  const exact = await invoiceByNumber(accountId, number);
  const end = numberEnd(number);
  if (exact || end === undefined) return exact;
  const found = await invoicesNumberedLike(accountId, end, { sight, limit: MOST_NUMBERS + 1 });
  if (found.length > 1) {
    const candidates = found.slice(0, MOST_NUMBERS).flatMap((one) => one.number ?? []);
    throw new Refusal('ambiguous_name', {
      kind: 'invoice',
      name: number,
      candidates,
      hasMore: found.length > MOST_NUMBERS,
    });
  }
  return found[0] ?? null;
}

/** A group's estimate or invoice for a period, or undefined if there is none yet. */
export async function invoiceOf(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
  period: Period,
): Promise<InvoiceSummary | undefined> {
  await admitTo(ctx, accountId, billingGroupId);
  const doc = await invoiceOfPeriod(accountId, billingGroupId, period);
  return doc ? (await summarizeInvoices(ctx, accountId, [doc]))[0] : undefined;
}

/** An invoice's lines, in order. */
export async function listLines(ctx: Ctx, invoice: InvoiceSummary, request: PageRequest): Promise<Page<LineSummary>> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  const { skip, page, pages } = placeOf(request, invoice.lineCount);
  const docs = await linesAfter(invoice.storedLines, skip, request.size);
  return { items: docs.map(toLine), page, pages, total: invoice.lineCount };
}

/** The most expensive lines. */
export async function largestLines(ctx: Ctx, invoice: InvoiceSummary, count: number): Promise<LineSummary[]> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  return (await largestLinesOf(invoice.storedLines, count)).map(toLine);
}

/** Streams all lines of an invoice, so that they aren't all in memory at once. */
export async function* eachLine(ctx: Ctx, invoice: InvoiceSummary): AsyncGenerator<LineSummary> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  for await (const doc of eachLineOf(invoice.storedLines)) yield toLine(doc);
}

/** Invoices' headers from stored data, with their groups' names. */
export async function summarizeInvoices(
  ctx: Ctx,
  accountId: string,
  docs: readonly InvoiceDoc[],
): Promise<InvoiceSummary[]> {
  const names = await groupNames(
    accountId,
    docs.map((doc) => doc.billingGroupId),
  );
  const left = await remainingBalances(accountId, docs);
  return docs.map((doc) => summaryOf(doc, names.get(doc.billingGroupId) ?? '', ctx.clock.now(), left.get(doc._id)));
}

/**
 * An invoice's header from stored data. An issued invoice keeps its group's name at that time.
 *
 * @param now decides whether it is overdue
 * @param balanceLeft the amount left on the credit that holds a negative total
 */
export function summaryOf(
  doc: InvoiceDoc,
  billingGroupName: string,
  now: Date,
  balanceLeft: Decimal = ZERO,
): InvoiceSummary {
  const balance = balanceOf(doc);
  const due = dueOf(doc);
  return {
    id: doc._id,
    accountId: doc.accountId,
    number: doc.number ?? null,
    billingGroupId: doc.billingGroupId,
    billingGroupName: doc.snapshot?.billingGroupName ?? billingGroupName,
    ...(doc.snapshot?.buyer && { buyer: doc.snapshot.buyer }),
    period: doc.period,
    periodBegin: doc.periodBegin,
    periodEnd: doc.periodEnd,
    state: doc.state,
    currency: doc.currency,
    net: fromDecimal128(doc.net),
    tax: fromDecimal128(doc.tax),
    total: fromDecimal128(doc.total),
    amountDue: fromDecimal128(doc.amountDue),
    breakdown: plainBreakdown(doc),
    leftOut: leftOutOf(doc),
    taxes: (doc.taxes ?? []).map(({ rate, base, amount, ...tax }) => ({
      ...tax,
      rate: fromDecimal128(rate),
      base: fromDecimal128(base),
      amount: fromDecimal128(amount),
    })),
    prepaid: (doc.prepaid ?? []).map(({ code, amount }) => ({ code, amount: fromDecimal128(amount) })),
    ...(doc.balance && {
      balance: { code: doc.balance.code, amount: fromDecimal128(doc.balance.amount), left: balanceLeft },
    }),
    conversions: (doc.conversions ?? []).map((one) => ({ ...one, rate: fromDecimal128(one.rate) })),
    storedLines: linesIn(doc),
    lineCount: doc.lineCount,
    recordCount: doc.recordCount,
    computedAt: doc.computedAt,
    issuedAt: doc.issuedAt ?? null,
    issuedDay: doc.issuedAt && doc.snapshot ? dayIn(doc.issuedAt, doc.snapshot.timeZone) : null,
    ...due,
    daysOverdue: isUnpaid(doc.state) && doc.snapshot ? daysOverdue(due.dueDay, dayIn(now, doc.snapshot.timeZone)) : 0,
    heldBack: doc.heldBack,
    paid: balance.paid,
    credited: doc.life?.credited ? fromDecimal128(doc.life.credited) : ZERO,
    open: isUnpaid(doc.state) || doc.state === 'uncollectible' ? openAmount(balance) : ZERO,
    failure: doc.life?.failure ?? null,
    notCharged: doc.life?.notCharged ?? doc.snapshot?.notCharged ?? null,
  };
}

/** The due date in the account's time zone; none for a negative total, which is the customer's money. */
function dueOf(doc: InvoiceDoc): Pick<InvoiceSummary, 'dueAt' | 'dueDay' | 'overdueFrom'> {
  const { snapshot } = doc;
  const dueAt = fromDecimal128(doc.total).isNegative() ? null : (payBy(doc) ?? null);
  if (dueAt === null || !snapshot) return { dueAt, dueDay: null, overdueFrom: null };
  const dueDay = dayIn(dueAt, snapshot.timeZone);
  return { dueAt, dueDay, overdueFrom: startOfDay(addDays(dueDay, 1), snapshot.timeZone) };
}

/** A line from stored data. */
export function toLine(doc: LineDoc): LineSummary {
  const { place, lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan } = doc;
  const { cloudName, lateFrom, begin, end, records } = doc;
  return {
    ...{ place, lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan },
    ...{ cloudName, lateFrom, begin, end, records },
    ...(doc.tags && doc.tags.length > 0 && { tags: doc.tags }),
    exact: fromDecimal128(doc.exact),
    total: fromDecimal128(doc.total),
    preDiscount: fromDecimal128(doc.preDiscount ?? doc.total),
    taxCategory: doc.taxCategory ?? 'O',
    taxRate: doc.taxRate ? fromDecimal128(doc.taxRate) : ZERO,
  };
}
