import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { numberingNow, setNumbering } from '../../../src/services/accounts/invoice-settings.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-02T12:00:00Z'));

describe('invoice numbers', () => {
  it('follow the account’s format, and restart each year if it wants', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('1')], { countryCode: '' });
    await setNumbering(ctx, account._id, { format: '{prefix}-{year}-{seq:4}', isYearly: true });
    const numbers: unknown[] = [];
    for (const [period, now] of [
      ['2026-10', '2026-11-02T12:00:00Z'],
      ['2026-11', '2026-12-02T12:00:00Z'],
      ['2026-12', '2027-01-02T12:00:00Z'],
      ['2027-01', '2027-02-02T12:00:00Z'],
    ] as const) {
      await closeInvoice(contextAt(new TestClock(now)), group, toPeriod(period));
      numbers.push((await Invoices.findOne({ billingGroupId: group._id, period: toPeriod(period) }).lean())?.number);
    }
    const prefix = account.invoicePrefix;
    expect(numbers).toEqual(['2026-0001', '2026-0002', '2027-0001', '2027-0002'].map((end) => `${prefix}-${end}`));
    // counting the same numbers differently would assign them twice
    await expect(
      setNumbering(ctx, account._id, { format: '{prefix}-{year}-{seq}', isYearly: false }),
    ).rejects.toMatchObject({ code: 'numbers_taken' });
    await setNumbering(ctx, account._id, { format: 'R-{seq}', isYearly: false });
  });

  it('can be typed without prefix and leading zeros if only one invoice matches', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('1')], { countryCode: '' });
    await setNumbering(ctx, account._id, { format: '{prefix}-{year}-{seq:4}', isYearly: true });
    const prefix = account.invoicePrefix;
    expect((await numberingNow(ctx, account._id)).next).toBe(`${prefix}-2026-0001`);
    await closeInvoice(contextAt(new TestClock('2026-11-02T12:00:00Z')), group, OCTOBER);
    expect((await numberingNow(ctx, account._id)).next).toBe(`${prefix}-2026-0002`);
    for (const typed of ['1', '0001', '2026-1', '2026-0001', '#2026-0001', `${prefix}-2026-0001`.toLowerCase()]) {
      expect((await getInvoice(ctx, account._id, { number: typed })).number).toBe(`${prefix}-2026-0001`);
    }
    for (const typed of ['01-1', '6-0001', '11', '1$', '.*', '', '-']) {
      await expect(getInvoice(ctx, account._id, { number: typed })).rejects.toMatchObject({
        code: 'invoice_not_found',
      });
    }
    await closeInvoice(contextAt(new TestClock('2026-12-02T12:00:00Z')), group, toPeriod('2026-11'));
    await closeInvoice(contextAt(new TestClock('2027-01-02T12:00:00Z')), group, toPeriod('2026-12'));
    await expect(getInvoice(ctx, account._id, { number: '1' })).rejects.toMatchObject({
      code: 'ambiguous_name',
      data: { kind: 'invoice', candidates: [`${prefix}-2026-0001`, `${prefix}-2027-0001`], hasMore: false },
    });
    expect((await getInvoice(ctx, account._id, { number: '2' })).number).toBe(`${prefix}-2026-0002`);
  });

  it('are gapless and unique, however many are assigned at the same time', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('1')], { countryCode: '' });
    await setNumbering(ctx, account._id, { format: '{prefix}/{year}/{seq:3}', isYearly: true });
    const groups = [group];
    for (let at = 0; at < 11; at++) {
      groups.push(
        await createGroup(contextAt(new TestClock('2026-10-02T00:00:00Z')), { accountId: account._id, name: `G${at}` }),
      );
    }
    await Promise.all(groups.map((one) => closeInvoice(ctx, one, OCTOBER)));
    const drawn = await Invoices.find({ accountId: account._id, number: { $exists: true } })
      .sort({ seq: 1 })
      .lean();
    expect(drawn.map(({ seq }) => seq)).toEqual(groups.map((_one, at) => at + 1));
    expect(new Set(drawn.map(({ number }) => number)).size).toBe(12);
  });
});
