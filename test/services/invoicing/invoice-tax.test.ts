import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import type { TaxOverride } from '../../../src/billing/tax/tax.ts';
import { setTaxRate } from '../../../src/services/accounts/invoice-settings.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { memoDocument } from '../../../src/services/documents/memo-document.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { dryRun } from '../../../src/services/invoicing/dry-run.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Rates } from '../../../src/store/costs/rates.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
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
const packed = (text: string) => text.replace(/\s+/g, '');
const textOf = async (pdf: string | Uint8Array) => packed((await readPdf(Buffer.from(pdf))).text);

async function anAccountWith(rows: readonly string[], parties: Parameters<typeof setParties>[1] = {}) {
  const account = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(ctx, account._id, rows);
  await setParties(account._id, parties);
  return account;
}

function override(over: Partial<TaxOverride>): TaxOverride {
  return { country: 'DE', category: 'S', rate: '16', from: '2026-01-01', serviceName: null, reason: null, ...over };
}

describe('two exemptions on one invoice', () => {
  it('both give their reason on the PDF, in the XML, and on a credit memo', async () => {
    const account = await anAccountWith([
      costRow('50', { service: 'Insurance' }),
      costRow('30', { service: 'Training' }),
      costRow('20', { service: 'Compute' }),
    ]);
    const reasons = ['Exempt, § 4 Nr. 10 UStG', 'Exempt, § 4 Nr. 21 UStG'];
    for (const [at, serviceName] of ['Insurance', 'Training'].entries()) {
      const own = override({ category: 'E', rate: '0', serviceName, reason: reasons[at] ?? null });
      await setTaxRate(ctx, account._id, own);
    }
    const invoice = await closeOnly(ctx, account._id);
    expect([invoice.net, invoice.tax, invoice.total].map(String)).toEqual(['100', '3.8', '103.8']);
    const memo = await createMemo(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'Cancelled' });
    const files = await Promise.all([
      invoiceDocument(ctx, account._id, invoice.number ?? '', 'pdf'),
      invoiceDocument(ctx, account._id, invoice.number ?? '', 'xml'),
      memoDocument(ctx, account._id, memo.number ?? '', 'pdf'),
      memoDocument(ctx, account._id, memo.number ?? '', 'xml'),
    ]);
    for (const { body, contentType } of files) {
      const text = contentType.includes('pdf') ? await textOf(body as Uint8Array) : packed(String(body));
      for (const reason of reasons) expect(text).toContain(packed(reason));
    }
  });
});

describe('the tax point', () => {
  it('of a late cost is its own period’s last day, and a credit memo keeps each line’s rate', async () => {
    clock.set('2026-10-02T12:00:00Z');
    const account = await anAccountWith([costRow('100', { day: '2026-09-10' })]);
    await setTaxRate(ctx, account._id, override({ from: '2026-10-01' }));
    const september = await closeOnly(ctx, account._id, toPeriod('2026-09'));
    expect(String(september.tax)).toBe('19');
    await importCosts(ctx, account._id, [costRow('200', { day: '2026-09-20' }), costRow('100')], 'late.csv');
    clock.set('2026-11-02T12:00:00Z');
    const october = await closeOnly(ctx, account._id);
    const lines = await Lines.find({ invoiceId: october._id }).sort({ place: 1 }).lean();
    expect(lines.map((line) => [line.lateFrom, String(line.taxRate), String(line.total)])).toEqual([
      [null, '16', '100'],
      ['2026-09', '19', '200'],
    ]);
    expect(october.taxes?.map(({ rate, amount }) => [rate, amount].map(String))).toEqual([
      ['19', '38'],
      ['16', '16'],
    ]);
    const memo = await createMemo(ctx, {
      ...{ accountId: account._id, invoiceId: october._id, reason: 'Late costs cancelled' },
      amounts: { 2: '200' },
    });
    expect(memo.tax.toFixed(2)).toBe('38.00');
  });
});

describe('the tax in the seller’s currency', () => {
  const ROWS = [costRow('100', { currency: 'USD' }), costRow('50', { currency: 'USD', service: 'Storage' })];

  async function aDollarGroup() {
    clock.set('2026-11-02T12:00:00Z');
    const account = await anAccountWith(ROWS);
    await Groups.updateMany({ accountId: account._id }, { $set: { currency: 'USD' } });
    return account;
  }

  it('holds back the invoice until its rate is available, and the dry run says so', async () => {
    const account = await aDollarGroup();
    const missing = 'No exchange rate to convert the tax from USD into EUR, the seller’s currency.';
    await expect(closeOnly(ctx, account._id)).rejects.toThrow(missing);
    expect((await dryRun(ctx, account._id)).entries[0]?.heldBack).toBe(missing);
    await setRate(ctx, { accountId: account._id, base: 'EUR', currency: 'USD', rate: '1.25', date: '2026-11-01' });
    const invoice = await closeOnly(ctx, account._id);
    const xml = String((await invoiceDocument(ctx, account._id, invoice.number ?? '', 'xml')).body);
    expect(xml).toContain('<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>');
    expect(xml).toContain('<cbc:TaxAmount currencyID="EUR">22.80</cbc:TaxAmount>');
    const pdf = await textOf((await invoiceDocument(ctx, account._id, invoice.number ?? '', 'pdf')).body as Uint8Array);
    expect(pdf).toContain(packed('Tax in EUR 22.80'));
  });

  it('is on credit memos too, at the invoice’s rate, and adds up to the invoice’s amount', async () => {
    const account = await aDollarGroup();
    const rate = { accountId: account._id, base: 'EUR', currency: 'USD' };
    await setRate(ctx, { ...rate, rate: '1.25', date: '2026-11-01' });
    const invoice = await closeOnly(ctx, account._id);
    await setRate(ctx, { ...rate, rate: '2', date: '2026-11-02' });
    const of = { accountId: account._id, invoiceId: invoice._id, reason: 'Cancelled' };
    const xmlOf = async (number: string | null) =>
      String((await memoDocument(ctx, account._id, number ?? '', 'xml')).body);
    const part = await createMemo(ctx, { ...of, amounts: { 1: '33.33' } });
    expect(await xmlOf(part.number)).toContain('<cbc:TaxAmount currencyID="EUR">5.06</cbc:TaxAmount>');
    const rest = await createMemo(ctx, of);
    const xml = await xmlOf(rest.number);
    expect(xml).toContain('<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>');
    expect(xml).toContain('<cbc:TaxAmount currencyID="EUR">17.74</cbc:TaxAmount>');
  });

  it('uses the memo’s rate if the invoice stored none, and the memo is refused without one', async () => {
    const account = await aDollarGroup();
    await setRate(ctx, { accountId: account._id, base: 'EUR', currency: 'USD', rate: '1.25', date: '2026-11-01' });
    const invoice = await closeOnly(ctx, account._id);
    await Invoices.updateOne({ _id: invoice._id }, { $unset: { 'snapshot.taxAtHome': true } });
    await Rates.deleteMany({ accountId: account._id });
    const of = { accountId: account._id, invoiceId: invoice._id, reason: 'Cancelled' };
    await expect(createMemo(ctx, of)).rejects.toMatchObject({ code: 'rate_missing' });
  });
});

describe('tax that can’t be invoiced', () => {
  it('holds back the invoice with its reason: an unknown rate, and costs outside the scope beside others', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const seller = { ...GERMAN_SELLER, countryCode: 'BR', vatId: '12345678000195' };
    const buyer = { ...GERMAN_BUYER, countryCode: 'BR', vatId: '', vatState: 'none' as const };
    const account = await anAccountWith([costRow('50'), costRow('30', { service: 'Training' })], { seller, buyer });
    await expect(closeOnly(ctx, account._id)).rejects.toThrow('The tax rate of Brazil on 31 October 2026 isn’t known.');
    await setTaxRate(ctx, account._id, override({ country: 'BR', rate: '17' }));
    expect(String((await closeOnly(ctx, account._id)).tax)).toBe('13.6');

    const us = await anAccountWith([costRow('50'), costRow('30', { service: 'Training' })], {
      seller: { ...seller, countryCode: 'US' },
      buyer: { ...buyer, countryCode: 'US' },
    });
    await setTaxRate(ctx, us._id, override({ country: 'US', rate: '8', serviceName: 'Training' }));
    await expect(closeOnly(ctx, us._id)).rejects.toThrow('BR-O-11');
    await refreshEstimates(ctx);
    expect((await dryRun(ctx, us._id)).entries[0]?.heldBack).toContain('BR-O-11');
  });

  it('isn’t charged without a VAT ID, unless the account states that its tax number is sufficient', async () => {
    const seller = { ...GERMAN_SELLER, vatId: '' };
    const account = await anAccountWith([costRow('100')], { seller });
    await refreshEstimates(ctx);
    const taxOf = async () => String((await Invoices.findOne({ accountId: account._id }).orFail().lean()).tax);
    expect(await taxOf()).toBe('0');
    await Accounts.updateOne({ _id: account._id }, { $set: { isTaxNumberSufficient: true } });
    expect(String((await closeOnly(ctx, account._id)).tax)).toBe('19');
  });

  it('follows the territory in the group’s address: Heligoland is outside the scope', async () => {
    const account = await anAccountWith([costRow('100')], {
      buyer: { ...GERMAN_BUYER, zipCode: '27498', city: 'Helgoland' },
    });
    const invoice = await closeOnly(ctx, account._id);
    expect(invoice.taxes?.map(({ category, amount }) => `${category} ${amount}`)).toEqual(['O 0']);
  });
});
