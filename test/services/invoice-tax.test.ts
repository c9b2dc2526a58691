import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period.ts';
import type { TaxOverride } from '../../src/billing/tax.ts';
import { createMemo } from '../../src/services/credit-memos.ts';
import { invoiceDocument } from '../../src/services/invoice-document.ts';
import { setTaxRate } from '../../src/services/invoice-settings.ts';
import { memoDocument } from '../../src/services/memo-document.ts';
import { Lines } from '../../src/store/invoices.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readPdf } from '../documents/pdf/read-pdf.ts';
import { closeOnly, costRow, importCosts, setParties } from '../support/closed.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

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
  it('both give their reason on the PDF and in the XML, and on a credit memo', async () => {
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
  it('of a late cost is the last day of its own period, and a credit memo keeps each line’s rate', async () => {
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
