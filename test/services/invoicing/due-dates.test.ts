import { describe, expect, it } from '@jest/globals';
import { startOfDay } from '../../../src/billing/period/day.ts';
import { paymentsToFollowUp } from '../../../src/services/accounts/home-visits.ts';
import { listCredits } from '../../../src/services/credits/credits.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import { remindDue } from '../../../src/services/settlement/reminders.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { creditText } from '../../../views/group/credits.ts';
import { dueDay } from '../../../views/kit/figures.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const timeZone = 'America/New_York';

describe('a due date', () => {
  it('is a calendar day of the account, and the invoice is overdue only after that day', async () => {
    // half past midnight in New York, on the day on which the clocks go back an hour
    const clock = new TestClock('2026-11-01T04:30:00Z');
    const ctx = contextAt(clock);
    const { account, invoice } = await issuedFor(ctx, [costRow('100')], { timeZone });
    const { termsDays } = { termsDays: 14, ...invoice.snapshot?.paymentMethod };
    expect(termsDays).toBe(14);
    const summary = await getInvoice(ctx, account._id, { id: invoice._id });
    expect([summary.dueDay, dueDay(summary)]).toEqual(['2026-11-15', '15 November 2026']);
    expect(summary.overdueFrom).toEqual(startOfDay('2026-11-16', timeZone));

    const overdueAt = async (instant: string) => {
      clock.set(instant);
      return (await paymentsToFollowUp(ctx, account._id)).unpaid.length;
    };
    expect(await overdueAt('2026-11-15T23:00:00Z')).toBe(0);
    expect(await overdueAt('2026-11-16T04:59:59Z')).toBe(0);
    expect(await overdueAt('2026-11-16T05:00:00Z')).toBe(1);

    clock.set('2026-11-15T15:00:00Z');
    expect(await remindDue(ctx)).toBe(1);
    const [reminder] = await Events.find({ accountId: account._id, type: 'invoice_reminded' }).lean();
    expect(reminder?.description).toContain('is due today');
  });

  it('counts days as credits do, which are valid through their last day in the account’s time zone', async () => {
    const ctx = contextAt(new TestClock('2026-10-20T12:00:00Z'));
    const { account, group } = await issuedFor(ctx, [costRow('100')], { timeZone: 'America/Havana' });
    await creditFor(group, '40', { expireTime: new Date('2026-11-01T04:00:00Z') });
    const { items } = await listCredits(ctx, account._id, { page: 1, size: 10, billingGroupId: group._id });
    expect(items.map(creditText).join()).toContain('valid until 31 October 2026');
  });
});
