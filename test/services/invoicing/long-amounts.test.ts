import { describe, expect, it } from '@jest/globals';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { costOverview } from '../../../src/services/costs/cost-overview.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Rates } from '../../../src/store/costs/rates.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-02T12:00:00Z'));
/** Added to the large amounts, these make sums with 40 or more digits. */
const LARGE = ['900000000000000.01', '900000000000000.02', '900000000000000.03'];
const SMALL = [`0.00${'0'.repeat(26)}1234567`, `0.00${'0'.repeat(30)}89`];

describe('costs whose sum has more than 34 digits', () => {
  it('are estimated and invoiced to the cent', async () => {
    const rows = [...LARGE, ...SMALL].map((amount) => costRow(amount));
    const { account, group } = await groupWithCosts(ctx, rows);
    expect(sum([...LARGE, ...SMALL].map((one) => new Decimal(one))).precision()).toBeGreaterThan(40);
    await refreshEstimates(ctx);
    const { outcome } = await closeInvoice(ctx, group, OCTOBER);
    expect(outcome).toBe('issued');
    const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    expect(fromDecimal128(invoice.net).toFixed(2)).toBe('2700000000000000.06');
    expect(fromDecimal128(invoice.tax).toFixed(2)).toBe('513000000000000.01');
    expect(fromDecimal128(invoice.exact).toFixed(32)).toBe(`2700000000000000.06${'0'.repeat(30)}`);
    const overview = await costOverview(ctx, account._id, OCTOBER);
    expect(overview.byProject[0]?.amount.toFixed(2)).toBe('2700000000000000.06');
  });

  it('are converted by a rate of 34 digits', async () => {
    const rows = [...LARGE, ...SMALL].map((amount, at) => costRow(amount, { currency: 'USD', service: `s${at}` }));
    const { account, group } = await groupWithCosts(ctx, rows);
    const rate = toDecimal128(new Decimal(`0.9${'1'.repeat(33)}`));
    await Rates.create([
      { accountId: account._id, base: 'USD', currency: 'EUR', date: '2026-11-02', rate, source: 'manual' },
    ]);
    expect((await closeInvoice(ctx, group, OCTOBER)).outcome).toBe('issued');
    const lines = await Lines.find({ projectName: 'p1' }).lean();
    const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    const own = lines.filter(({ invoiceId }) => invoiceId === invoice._id);
    expect(sum(own.map(({ total }) => fromDecimal128(total))).equals(fromDecimal128(invoice.net))).toBe(true);
    expect(fromDecimal128(invoice.net).toFixed(2)).toBe('2460000000000000.05');
  });
});
