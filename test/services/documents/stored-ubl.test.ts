import { describe, expect, it } from '@jest/globals';
import type { BillingInformation } from '../../../src/billing/group/billing-information.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { setTaxRate } from '../../../src/services/accounts/invoice-settings.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { memoDocument } from '../../../src/services/documents/memo-document.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
import { asOthersWrite } from '../../documents/ubl/others.ts';
import { all, type Node, number, readXml, text } from '../../documents/ubl/read-ubl.ts';
import { broken } from '../../documents/ubl/rules.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import {
  closeOnly,
  costRow,
  GERMAN_BUYER,
  GERMAN_SELLER,
  importCosts,
  setParties,
} from '../../support/invoices/closed.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);

const PORTUGUESE: BillingInformation = {
  ...GERMAN_BUYER,
  ...{ company: 'Azulejo, Lda.', countryCode: 'PT', vatId: 'PT501964843', city: 'Lisboa', zipCode: '1200-204' },
};
const SWISS: BillingInformation = {
  ...GERMAN_BUYER,
  company: 'Alpenblick AG',
  countryCode: 'CH',
  vatId: '',
  vatState: 'none',
  electronicAddress: '9927:CHE116281710MWST',
};
const ROWS = [costRow('60.004'), costRow('40.333', { project: 'data' }), costRow('19.99', { service: 'Insurance' })];

interface Kind {
  readonly rows?: readonly string[];
  readonly buyer?: BillingInformation;
  readonly countryCode?: string;
  readonly prepare?: (account: AccountDoc, groupId: string) => Promise<unknown>;
  /** The expected tax categories. */
  readonly taxes: readonly string[];
}

let codes = 0;
async function aCredit(groupId: string, accountId: string, amount: string, type: 'promotion' | 'purchase') {
  codes += 1;
  const value = toDecimal128(new Decimal(amount));
  await Credits.create([
    {
      _id: `crd_${codes}`,
      ...{ accountId, campaignId: 'cam', codeId: `code ${codes}`, code: `CODE-${codes}`, type, projectId: null },
      ...{
        currency: 'EUR',
        value,
        remaining: value,
        billingGroupId: groupId,
        claimedBy: 'U1',
        state: 'claimed' as const,
      },
      ...{ claimedAt: clock.now(), startTime: new Date('2026-10-01T00:00:00Z'), expireTime: null },
    },
  ]);
}

/** Closes an account's month. */
async function closed({ rows = ROWS, buyer = GERMAN_BUYER, countryCode = 'DE', prepare }: Kind) {
  const account = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(ctx, account._id, rows);
  await setParties(account._id, { seller: { ...GERMAN_SELLER, countryCode }, buyer });
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  await prepare?.(account, group._id);
  return { account, invoice: await closeOnly(ctx, account._id) };
}

const xmlOf = async (account: AccountDoc, number = ''): Promise<Node> =>
  readXml(String((await invoiceDocument(ctx, account._id, number, 'xml')).body));
const override = (account: AccountDoc, category: 'S' | 'E', rate: string, serviceName: string) =>
  setTaxRate(ctx, account._id, {
    ...{ country: 'DE', category, rate, from: '2026-01-01', serviceName },
    reason: category === 'E' ? 'Exempt from VAT (§ 4 Nr. 10 UStG)' : null,
  });

const KINDS: readonly (readonly [string, Kind])[] = [
  ['domestic', { taxes: ['S 19'] }],
  ['reverse charge', { buyer: PORTUGUESE, taxes: ['AE 0'] }],
  [
    'to another member of the EU without a valid VAT ID',
    { buyer: { ...PORTUGUESE, vatState: 'invalid' }, taxes: ['S 19'] },
  ],
  ['services outside the EU', { buyer: SWISS, taxes: ['O 0'] }],
  [
    'export',
    {
      buyer: SWISS,
      taxes: ['G 0'],
      prepare: async ({ _id }) => {
        await Accounts.updateOne({ _id }, { $set: { exportsGoods: true } });
      },
    },
  ],
  [
    'exempt',
    {
      rows: [costRow('19.99', { service: 'Insurance' })],
      prepare: (account) => override(account, 'E', '0', 'Insurance'),
      taxes: ['E 0'],
    },
  ],
  [
    'several rates and categories, with credits over all of them',
    {
      rows: [...ROWS, costRow('33.335', { service: 'Books' })],
      async prepare(account, groupId) {
        await override(account, 'S', '7', 'Books');
        await override(account, 'E', '0', 'Insurance');
        await aCredit(groupId, account._id, '20.01', 'promotion');
      },
      taxes: ['S 19', 'S 7', 'E 0'],
    },
  ],
  [
    'credits before and after tax',
    {
      async prepare(account, groupId) {
        await aCredit(groupId, account._id, '30', 'promotion');
        await aCredit(groupId, account._id, '42.80', 'purchase');
      },
      taxes: ['S 19'],
    },
  ],
  [
    'credits larger than the invoice',
    { prepare: (account, groupId) => aCredit(groupId, account._id, '500', 'promotion'), taxes: ['S 19'] },
  ],
  [
    'discounts, a charge and a minimum',
    {
      async prepare(account, billingGroupId) {
        const of = { accountId: account._id, billingGroupId };
        await createAdjustment(ctx, { ...of, kind: 'discount', description: 'Partner', percentage: '10' });
        await createAdjustment(ctx, { ...of, kind: 'charge', description: 'Setup', amount: '5' });
        await createAdjustment(ctx, { ...of, kind: 'commitment', description: 'Plan', amount: '200' });
      },
      taxes: ['S 19'],
    },
  ],
  [
    'foreign currency',
    {
      rows: [costRow('1000', { currency: 'EUR' })],
      async prepare(account, groupId) {
        await Groups.updateOne({ _id: groupId }, { $set: { currency: 'USD' } });
        await setRate(ctx, {
          accountId: account._id,
          base: 'EUR',
          currency: 'USD',
          rate: '1.0834',
          date: '2026-11-01',
        });
      },
      taxes: ['S 19'],
    },
  ],
  ['negative rows', { rows: [costRow('50'), costRow('-70.015', { service: 'Refund' })], taxes: ['S 19'] }],
  ['outside the scope', { countryCode: 'US', taxes: ['O 0'] }],
];

describe('the electronic invoice of an issued invoice', () => {
  it.each(KINDS)('follows EN 16931 and PEPPOL, with the invoice’s own totals: %s', async (_, kind) => {
    const { account, invoice } = await closed(kind);
    expect((invoice.taxes ?? []).map(({ category, rate }) => `${category} ${new Decimal(String(rate))}`)).toEqual(
      kind.taxes,
    );
    const root = await xmlOf(account, invoice.number);
    expect(broken(root)).toEqual([]);
    const { ours, theirs } = await asOthersWrite(root);
    expect(theirs).toEqual(ours);
    const [totals] = all(root, 'LegalMonetaryTotal');
    if (!totals) throw new Error('no totals');
    const same = (path: string, stored: unknown) =>
      expect(number(totals, path).equals(new Decimal(String(stored)))).toBe(true);
    same('TaxExclusiveAmount', invoice.net);
    same('TaxInclusiveAmount', invoice.total);
    if (new Decimal(String(invoice.total)).gte(0)) same('PayableAmount', invoice.amountDue);
  });

  it('follows them for a month without costs', async () => {
    const october = contextAt(new TestClock('2026-10-05T00:00:00Z'));
    const account = await anAccount(october, { currency: 'EUR' });
    await createGroup(october, { accountId: account._id, name: 'Empty' });
    await setParties(account._id);
    const { number = '', lineCount } = await closeOnly(ctx, account._id);
    expect(lineCount).toBe(0);
    expect(broken(await xmlOf(account, number))).toEqual([]);
  });

  it('states the tax in the seller’s currency if the invoice is in another, frozen at the close', async () => {
    const kind = KINDS.find(([name]) => name === 'foreign currency')?.[1];
    if (!kind) throw new Error('no such kind');
    const { account, invoice } = await closed(kind);
    // EUR 1,000 are USD 1,083.40; 19 % of them USD 205.85, which are EUR 190.00 again
    expect([invoice.net, invoice.tax].map(String)).toEqual(['1083.4', '205.85']);
    await setRate(ctx, { accountId: account._id, base: 'EUR', currency: 'USD', rate: '2', date: '2026-11-01' });
    const root = await xmlOf(account, invoice.number);
    expect(text(root, 'TaxCurrencyCode')).toBe('EUR');
    expect(all(root, 'TaxTotal').map((one) => text(one, 'TaxAmount'))).toEqual(['205.85', '190.00']);
    const { text: words } = await readPdf((await invoiceDocument(ctx, account._id, invoice.number ?? '', 'pdf')).body);
    expect(words).toContain('1 EUR = 1.0834 USD');
    expect(words).toContain('Tax in EUR');
  });
});

describe('the documents of a credit memo', () => {
  it.each([
    ['whole, domestic', { taxes: [] }, undefined],
    ['whole, reverse charge', { buyer: PORTUGUESE, taxes: [] }, undefined],
    ['part of one line', { taxes: [] }, { 1: '10.01' }],
  ] as const)('follow the rules, with the memo’s own totals: %s', async (_, kind, amounts) => {
    const { account, invoice } = await closed(kind);
    const wish = { accountId: account._id, invoiceId: invoice._id, reason: 'Billed twice' };
    const memo = await createMemo(ctx, { ...wish, ...(amounts && { amounts }) });
    const file = async (format: 'xml' | 'pdf' | 'json' | 'csv') =>
      (await memoDocument(ctx, account._id, memo.number ?? '', format)).body;
    const root = readXml(String(await file('xml')));
    expect(root.name).toBe('CreditNote');
    expect(broken(root)).toEqual([]);
    expect(text(root, 'BillingReference/InvoiceDocumentReference/ID')).toBe(invoice.number);
    expect(text(root, 'LegalMonetaryTotal/TaxInclusiveAmount')).toBe(memo.total.toFixed(2));
    const { text: words } = await readPdf(await file('pdf'));
    for (const said of ['Credit memo', memo.number ?? '', invoice.number ?? '', 'Billed twice', memo.total.toFixed(2)])
      expect(words).toContain(said);
    expect(JSON.parse(String(await file('json')))).toMatchObject({ kind: 'credit_memo', reason: 'Billed twice' });
    expect(String(await file('csv'))).toContain(memo.number);
    expect((await file('pdf')).equals(await file('pdf'))).toBe(true);
  });

  it('don’t exist for another account', async () => {
    const { account, invoice } = await closed({ taxes: [] });
    const memo = await createMemo(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'x' });
    const other = await anAccount(ctx);
    await expect(memoDocument(ctx, other._id, memo.number ?? '', 'pdf')).rejects.toMatchObject({
      code: 'credit_memo_not_found',
    });
  });
});
