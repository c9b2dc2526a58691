import {
  type MemoableLine,
  type MemoableTax,
  type MemoFault,
  type MemoFigures,
  type MemoWish,
  memoFigures,
} from '../../billing/credit/credit-memo.ts';
import { type Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { givenBackOf, insertMemo, insertMemoLines, memosOf } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { linesIn } from '../../store/invoicing/current-lines.ts';
import { linesOf } from '../../store/invoicing/invoice-lines.ts';
import type { InvoiceSnapshot, LineDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { heldBalance, reclaimBalance } from '../credits/balance-credits.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { assertNotCharging, type IssuedInvoice, issuedInvoice, step } from '../settlement/invoice-balance.ts';
import { memoTaxAtHome } from './tax-in-home-currency.ts';

/** How many lines are written at once. */
const LINES_AT_ONCE = 1_000;
/** A credit memo as requested by a person. */
export interface NewMemo {
  readonly accountId: string;
  readonly invoiceId: string;
  /** For the customer to read. */
  readonly reason: string;
  /** Before tax, as typed, by the position of the invoice's line; absent for all that is left. */
  readonly amounts?: Readonly<Record<number, string>>;
  /** How many memos the person saw, so that a memo isn't created twice. */
  readonly seen?: number;
}

/** Stores the memo with its figures. @returns its ID @throws {Refusal} as `createMemo` */
export async function freezeMemo(tx: Change, input: NewMemo): Promise<string> {
  const invoice = await issuedInvoice(input.accountId, input.invoiceId);
  await assertNotCharging(invoice);
  const before = await memosOf(invoice.accountId, invoice._id);
  if (input.seen !== undefined && input.seen !== before.length) {
    throw new Refusal('memo_made', { number: invoice.number });
  }
  if (!invoice.snapshot) throw new Error(`Invoice ${invoice._id} has no snapshot`);
  const wish = wishOf(input, invoice.currency);
  const lines = await linesOf(linesIn(invoice));
  const figures = await figuresOf(invoice, lines, before, wish);
  const snapshot = await snapshotOf(tx, { ...invoice, snapshot: invoice.snapshot }, before, figures);
  if (figures.total.lt(0)) await reclaimBalance(tx, invoice, figures.total.neg());
  const memoId = newId('memo');
  await insertMemo(tx, {
    _id: memoId,
    accountId: invoice.accountId,
    billingGroupId: invoice.billingGroupId,
    invoiceId: invoice._id,
    invoiceNumber: invoice.number,
    place: before.length + 1,
    state: 'draft',
    isWhole: wish === 'whole',
    reason: input.reason,
    currency: invoice.currency,
    lineCount: figures.lines.length,
    taxes: figures.taxes.map(({ rate, base, amount, category, reason }) => ({
      ...{ category, reason },
      ...{ rate: toDecimal128(rate), base: toDecimal128(base), amount: toDecimal128(amount) },
    })),
    net: toDecimal128(figures.net),
    tax: toDecimal128(figures.tax),
    total: toDecimal128(figures.total),
    snapshot,
    createdBy: actorName(tx.actor),
    createdAt: tx.clock.now(),
  });
  await storeMemoLines(tx, memoId, invoice, figures, lines);
  // conflicts with a concurrent charge or payment
  await step(tx, invoice, {});
  return memoId;
}

/** The invoice's snapshot, with the memo's tax in the seller's currency. @throws {Refusal} `rate_missing` */
async function snapshotOf(
  ctx: Ctx,
  invoice: IssuedInvoice & { readonly snapshot: InvoiceSnapshot },
  before: readonly CreditMemoDoc[],
  { tax }: MemoFigures,
): Promise<InvoiceSnapshot> {
  const account = await accountOrFail(invoice.accountId);
  const taxes = { tax, before: sum(before.map((memo) => fromDecimal128(memo.tax))) };
  const { missing, taxAtHome: home } = await memoTaxAtHome(account, invoice, taxes, ctx.clock.now());
  if (missing !== undefined) throw new Refusal('rate_missing', { missing });
  const { taxAtHome: _invoices, ...rest } = invoice.snapshot;
  return { ...rest, ...(home && { taxAtHome: home }) };
}

async function figuresOf(
  invoice: IssuedInvoice,
  lines: readonly LineDoc[],
  before: readonly CreditMemoDoc[],
  wish: MemoWish,
): Promise<MemoFigures> {
  const credited = await creditedLines(invoice.accountId, invoice._id);
  const memoable = lines.map(
    (line): MemoableLine => ({
      place: line.place,
      total: fromDecimal128(line.total),
      credited: credited.get(line.place) ?? ZERO,
      ...taxOf(line),
    }),
  );
  const held = await heldBalance(invoice);
  const figures = memoFigures(memoable, taxesOf(invoice, before), wish, invoice.currency, held);
  if ('kind' in figures) throw refusalOf(figures, invoice);
  return figures;
}

/** How a line is taxed. Lines of earlier versions, without tax, are outside the scope of tax. */
function taxOf({ taxCategory, taxRate }: LineDoc) {
  return { taxCategory: taxCategory ?? ('O' as const), taxRate: taxRate ? fromDecimal128(taxRate) : ZERO };
}

function taxesOf(invoice: IssuedInvoice, before: readonly CreditMemoDoc[]): MemoableTax[] {
  const taxes =
    invoice.taxes && invoice.taxes.length > 0
      ? invoice.taxes
      : [{ category: 'O' as const, rate: toDecimal128(ZERO), base: invoice.net, amount: invoice.tax, reason: null }];
  return taxes.map(({ category, rate, base, amount, reason }) => {
    const given = before
      .flatMap((memo) => memo.taxes)
      .filter((tax) => tax.category === category && fromDecimal128(tax.rate).equals(fromDecimal128(rate)));
    return {
      ...{ category, reason },
      ...{ rate: fromDecimal128(rate), base: fromDecimal128(base), amount: fromDecimal128(amount) },
      creditedBase: sum(given.map((tax) => fromDecimal128(tax.base))),
      creditedAmount: sum(given.map((tax) => fromDecimal128(tax.amount))),
    };
  });
}

/** The amounts that earlier memos credited for an invoice's lines, by position. */
export async function creditedLines(
  accountId: string,
  invoiceId: string,
  places?: readonly number[],
): Promise<Map<number, Decimal>> {
  const sums = new Map<number, Decimal>();
  for (const { place, amount } of await givenBackOf(accountId, invoiceId, places)) {
    sums.set(place, (sums.get(place) ?? ZERO).plus(fromDecimal128(amount)));
  }
  return sums;
}

async function storeMemoLines(
  tx: Tx,
  memoId: string,
  { _id: invoiceId, accountId }: IssuedInvoice,
  { lines }: MemoFigures,
  of: readonly LineDoc[],
): Promise<void> {
  const byPlace = new Map(of.map((line) => [line.place, line]));
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
    const docs = lines.slice(at, at + LINES_AT_ONCE).map(({ place, amount, taxCategory, taxRate }) => {
      const { description = '', projectId = '', projectName = '' } = byPlace.get(place) ?? {};
      return {
        ...{ accountId, memoId, invoiceId, place, description, projectId, projectName, taxCategory },
        ...{ amount: toDecimal128(amount), taxRate: toDecimal128(taxRate) },
      };
    });
    await insertMemoLines(tx, docs);
  }
}

function wishOf({ amounts }: NewMemo, currency: string): MemoWish {
  if (!amounts) return 'whole';
  const fields: Record<string, string> = {};
  const wish = new Map<number, Decimal>();
  for (const [place, text] of Object.entries(amounts)) {
    if (text.trim() === '') continue;
    const read = readAmount(text, currency, { canBeZero: true });
    if ('fault' in read) fields[`line:${place}`] = read.fault;
    else wish.set(Number(place), read.value);
  }
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  return wish;
}

const LIMITS = { line_above: 'line', rate_above: 'tax rate', total_above: 'total' } as const;

function refusalOf(fault: MemoFault, { number, currency }: IssuedInvoice): Refusal {
  if (fault.kind === 'below_zero') return new Refusal('below_zero', { number });
  if (fault.kind === 'nothing_left' || fault.kind === 'balance_used')
    return new Refusal('nothing_left', { number, isBalanceUsed: fault.kind === 'balance_used' });
  const limit = LIMITS[fault.kind];
  return new Refusal(
    'memo_amount_too_high',
    { limit, most: fault.most, currency },
    { fields: [`line:${fault.place}`] },
  );
}
