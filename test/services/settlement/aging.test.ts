import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { agingCsv } from '../../../src/documents/csv/aging-csv.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { getInvoice, listInvoices } from '../../../src/services/invoicing/invoice-reading.ts';
import { agingReport } from '../../../src/services/settlement/aging.ts';
import { waiveInvoice, writeOffInvoice } from '../../../src/services/settlement/invoice-life.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { checkBlocks } from '../../../src/slack/limits/check-view.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { agingReply } from '../../../views/invoices/aging.ts';
import { invoicesReply } from '../../../views/invoices/invoice-list.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);

describe('the list of open invoices', () => {
  it('groups them by age and shows what is left, without paid, waived or written-off ones', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const { account, invoice, group } = await issuedFor(ctx, [costRow('100')]);
    const of = { accountId: account._id, invoiceId: invoice._id };
    await recordPayment(ctx, { ...of, date: '2026-11-01', amount: '100.00', reference: 'A' });
    const due = String((await getInvoice(ctx, account._id, { id: invoice._id })).dueDay);
    expect((await agingReport(ctx, account._id)).invoices).toMatchObject([
      { number: invoice.number, billingGroupName: group.name, dueDay: due, daysOverdue: 0 },
    ]);
    clock.set('2027-01-15T12:00:00Z');
    const { currencies, invoices, today } = await agingReport(ctx, account._id);
    expect(today).toBe('2027-01-15');
    const days = Math.round((Date.parse('2027-01-15') - Date.parse(due)) / 86_400_000);
    expect(invoices.map((one) => [one.open.toFixed(2), one.total.toFixed(2), one.daysOverdue])).toEqual([
      ['19.00', '119.00', days],
    ]);
    expect(currencies.map(({ currency, total }) => [currency, total.toFixed(2)])).toEqual([['EUR', '19.00']]);
    const reply = await agingReply(ctx, account._id);
    expect(checkBlocks('message', reply.blocks ?? [])).toEqual([]);
    expect(JSON.stringify(reply.blocks)).toContain(`EUR 19.00 of 119.00 open · *${days} days overdue*`);
    const rows = parse(agingCsv(invoices), { columns: true, bom: true }) as Record<string, string>[];
    expect(rows).toMatchObject([{ invoice_number: invoice.number, days_overdue: String(days), open_amount: '19.00' }]);
    await writeOffInvoice(ctx, { ...of, reason: 'gone' });
    expect((await agingReport(ctx, account._id)).invoices).toEqual([]);
    expect((await agingReply(ctx, account._id)).text).toContain('none');
  });

  it('has the earliest due date first, and every invoice on one page', async () => {
    clock.set('2026-10-02T12:00:00Z');
    const account = await anAccount(ctx, { currency: 'EUR' });
    const group = await createGroup(ctx, { accountId: account._id, name: 'Blue' });
    const months = ['2026-10', '2026-11', '2026-12', '2027-01'];
    for (const [at, period] of months.entries()) {
      clock.set(`2027-02-0${at + 2}T12:00:00Z`);
      await closeInvoice(ctx, group, toPeriod(period));
    }
    const all = (await listInvoices(ctx, account._id, { page: 1, size: 10 })).items;
    expect(all.map(({ state }) => state)).not.toContain('mailed');
    const pages = [1, 2, 3].map(async (page) => (await listInvoices(ctx, account._id, { page, size: 2 })).items);
    const listed = (await Promise.all(pages)).flat().map(({ id }) => id);
    expect(listed).toEqual(all.map(({ id }) => id));
  });

  it('never shows a waived amount as open', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    clock.set('2027-01-15T12:00:00Z');
    const before = await invoicesReply(ctx, account._id, { page: 1 });
    expect(JSON.stringify(before.blocks)).toMatch(/EUR 119\.00 open · \*\d+ days overdue\*/);
    await waiveInvoice(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'goodwill' });
    const after = JSON.stringify((await invoicesReply(ctx, account._id, { page: 1 })).blocks);
    expect(after).toContain('EUR 119.00 · waived');
    expect(after).not.toContain('open');
  });
});
