import type { BillingInformation } from '../../src/billing/group/billing-information.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { setTaxRate } from '../../src/services/accounts/invoice-settings.ts';
import { setRate } from '../../src/services/costs/rates.ts';
import { invoiceDocument } from '../../src/services/documents/invoice-document.ts';
import { memoDocument } from '../../src/services/documents/memo-document.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createAdjustment } from '../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { addCard, setMethod } from '../../src/services/settlement/payment-methods.ts';
import { type AccountDoc, Accounts } from '../../src/store/accounts/accounts.ts';
import { Credits } from '../../src/store/credits/credits.ts';
import { type GroupDoc, Groups } from '../../src/store/groups/groups.ts';
import { toDecimal128 } from '../../src/store/kit/decimal.ts';
import { anAccount } from '../support/context.ts';
import { costRow, importCosts } from '../support/invoices/closed.ts';
import { buyerOf, PLACES, SWISS_BUYER, sellerOf } from './parties.ts';

/** An electronic document as its buyer gets it. */
export interface EInvoice {
  /** `DE-card-memo` */
  readonly name: string;
  readonly xml: string;
}

/** A billing case: its costs, its buyer, and what is set before the close. */
interface Case {
  readonly name: string;
  readonly rows: readonly string[];
  readonly buyer?: BillingInformation;
  readonly prepare?: (ctx: Ctx, account: AccountDoc, group: GroupDoc) => Promise<unknown>;
  /** The credit memo: for everything, or for part of its first line. */
  readonly memo?: 'whole' | string;
}

const OCTOBER = toPeriod('2026-10');
/** Services with a separate tax rate. */
const EXEMPT = 'Insurance';
const ZERO_RATED = 'Exports';
const REDUCED = 'Books';

const rows = (currency: string, ...costs: readonly (readonly [string, string?])[]) =>
  costs.map(([cost, service = 'Compute']) => costRow(cost, { currency, service }));

/** All cases for a group, in its seller's currency. */
function casesOf(country: string, currency: string): Case[] {
  const abroad = buyerOf(country === 'FR' ? 'DE' : 'FR');
  return [
    { name: 'transfer', rows: rows(currency, ['60.004'], ['40.333', 'Storage']), memo: '10.01' },
    { name: 'reverse-charge', rows: rows(currency, ['1234.56']), buyer: abroad, memo: 'whole' },
    { name: 'outside-the-eu', rows: rows(currency, ['99.99']), buyer: SWISS_BUYER, memo: 'whole' },
    { name: 'exempt', rows: rows(currency, ['19.99', EXEMPT]) },
    { name: 'zero-rated', rows: rows(currency, ['12.34', ZERO_RATED]) },
    {
      name: 'several-rates',
      rows: rows(currency, ['33.33'], ['10.05', REDUCED], ['5.00', EXEMPT], ['7.77', ZERO_RATED]),
      prepare: (_ctx, account, group) => credit(account, group, '20.01', 'promotion'),
      memo: 'whole',
    },
    {
      name: 'discounts-and-prepaid',
      rows: rows(currency, ['500'], ['0.335', 'Storage']),
      async prepare(ctx, account, group) {
        const of = { accountId: account._id, billingGroupId: group._id };
        await createAdjustment(ctx, { ...of, kind: 'discount', description: 'Partner', percentage: '10' });
        await createAdjustment(ctx, { ...of, kind: 'charge', description: 'Setup', amount: '5' });
        await credit(account, group, '42.80', 'purchase');
      },
    },
    { name: 'below-zero', rows: rows(currency, ['50'], ['-70.015', 'Refund']) },
    { name: 'card', rows: rows(currency, ['75']), prepare: payByCard, memo: 'whole' },
    {
      name: 'dollars',
      rows: rows(currency, ['1000']),
      async prepare(ctx, account, group) {
        await Groups.updateOne({ _id: group._id }, { $set: { currency: 'USD' } });
        const rate = { accountId: account._id, base: currency, currency: 'USD', rate: '1.0834', date: '2026-11-01' };
        await setRate(ctx, rate);
      },
    },
    { name: 'nothing', rows: [] },
  ];
}

/**
 * The documents of real closes and credit memos of a seller in a country, one of each kind: eleven invoices and five
 * memos.
 *
 * @param part only every other kind: those at even or odd places
 */
export async function* einvoicesOf(ctx: Ctx, country: string, part?: 'even' | 'odd'): AsyncGenerator<EInvoice> {
  const currency = ({ SE: 'SEK', DK: 'DKK', NO: 'NOK' } as Readonly<Record<string, string>>)[country] ?? 'EUR';
  const isMeant = (at: number) => part === undefined || (at % 2 === 0) === (part === 'even');
  for (const [at, one] of casesOf(country, currency).entries()) {
    if (isMeant(at)) yield* filesOf(ctx, country, currency, one);
  }
}

async function* filesOf(ctx: Ctx, country: string, currency: string, one: Case): AsyncGenerator<EInvoice> {
  const account = await anAccount(ctx, { currency });
  await Accounts.updateOne({ _id: account._id }, { $set: { seller: sellerOf(country) } });
  await setTaxes(ctx, account._id, country);
  if (one.rows.length > 0) await importCosts(ctx, account._id, one.rows);
  else await createGroup(ctx, { accountId: account._id, name: 'Empty' });
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  const billing = one.buyer ?? buyerOf(country);
  await Groups.updateOne({ _id: group._id }, { $set: { billing, nextPeriod: OCTOBER } });
  await one.prepare?.(ctx, account, group);
  const { outcome, ...result } = await closeInvoice(ctx, group, OCTOBER);
  if (!('invoice' in result)) throw new Error(`${country} ${one.name}: ${outcome}`);
  const { _id: invoiceId, number = '' } = result.invoice;
  const xml = await invoiceDocument(ctx, account._id, number, 'xml');
  yield { name: `${country}-${one.name}`, xml: String(xml.body) };
  if (one.memo === undefined) return;
  const amounts = one.memo === 'whole' ? {} : { amounts: { 1: one.memo } };
  const memo = await createMemo(ctx, { accountId: account._id, invoiceId, reason: 'Billed twice', ...amounts });
  const file = await memoDocument(ctx, account._id, memo.number ?? '', 'xml');
  yield { name: `${country}-${one.name}-memo`, xml: String(file.body) };
}

async function setTaxes(ctx: Ctx, accountId: string, country: string): Promise<void> {
  const of = { country, from: '2026-01-01' };
  const exempt = { category: 'E', rate: '0', serviceName: EXEMPT, reason: 'Exempt, insurance' } as const;
  await setTaxRate(ctx, accountId, { ...of, ...exempt });
  await setTaxRate(ctx, accountId, { ...of, category: 'Z', rate: '0', serviceName: ZERO_RATED, reason: null });
  const rate = PLACES[country]?.lowRate ?? '0';
  await setTaxRate(ctx, accountId, { ...of, category: 'S', rate, serviceName: REDUCED, reason: null });
}

async function payByCard(ctx: Ctx, { _id: accountId }: AccountDoc, { _id: billingGroupId }: GroupDoc): Promise<void> {
  const card = await addCard(ctx, accountId, {
    ...{ token: `pm_${billingGroupId}`, brand: 'visa', last4: '4242', expMonth: 12, expYear: 2030 },
    ...{ name: 'A. Buyer', countryCode: 'DE' },
  });
  await setMethod(ctx, { accountId, billingGroupId, paymentMethodId: card.id });
}

async function credit(account: AccountDoc, group: GroupDoc, amount: string, type: 'promotion' | 'purchase') {
  const value = toDecimal128(new Decimal(amount));
  await Credits.create([
    {
      _id: `crd_${group._id}`,
      ...{
        accountId: account._id,
        campaignId: 'cam',
        codeId: `code ${group._id}`,
        code: 'CODE-1',
        type,
        projectId: null,
      },
      ...{ currency: account.currency, value, remaining: value, billingGroupId: group._id, claimedBy: 'U1' },
      ...{ state: 'claimed' as const, claimedAt: new Date('2026-10-01T00:00:00Z'), expireTime: null },
      startTime: new Date('2026-10-01T00:00:00Z'),
    },
  ]);
}
