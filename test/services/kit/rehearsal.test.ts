import { describe, expect, it } from '@jest/globals';
import { rehearsed } from '../../../src/services/kit/account-change.ts';
import type { Tick } from '../../../src/services/kit/context.ts';
import { asRequest, DoneBefore } from '../../../src/services/kit/request-keys.ts';
import { listPayments, recordPayment } from '../../../src/services/settlement/payments.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const nudged: Tick[] = [];
const ctx = { ...contextAt(new TestClock('2026-11-02T12:00:00Z')), nudge: (tick: Tick) => void nudged.push(tick) };

async function world() {
  const { account, invoice } = await issuedFor(ctx, [costRow('100')], { countryCode: '' });
  const payment = { accountId: account._id, invoiceId: invoice._id, date: '2026-11-01', reference: '' };
  return { invoice, payment: { ...payment, amount: '30' } };
}

describe('a rehearsed change', () => {
  it('shows its effect and saves nothing, even with many at once', async () => {
    const { invoice, payment } = await world();
    const before = await Invoices.findById(invoice._id).lean();
    const events = await Events.countDocuments({});
    nudged.length = 0;
    const rehearsals = [1, 2, 3, 4].map(() => rehearsed(ctx, (dry) => recordPayment(dry, payment)));
    for (const { amount, open } of await Promise.all(rehearsals)) {
      expect([amount.toFixed(2), open.toFixed(2)]).toEqual(['30.00', '70.00']);
    }
    expect(await listPayments(ctx, payment.accountId, payment.invoiceId)).toEqual([]);
    expect(await Invoices.findById(invoice._id).lean()).toEqual(before);
    expect([await Events.countDocuments({}), nudged]).toEqual([events, []]);
    expect((await recordPayment(ctx, payment)).open.toFixed(2)).toBe('70.00');
  });

  it('is refused for the same reasons as the change itself', async () => {
    const { payment } = await world();
    await expect(rehearsed(ctx, (dry) => recordPayment(dry, { ...payment, amount: '1,000' }))).rejects.toMatchObject({
      data: { fields: { amount: 'Do you mean 1000.00 or 1.00?' } },
    });
    await recordPayment(ctx, payment);
    await expect(rehearsed(ctx, (dry) => recordPayment(dry, payment))).rejects.toMatchObject({
      code: 'payment_recorded',
    });
  });

  it('leaves its request free to make the change, once', async () => {
    const { payment } = await world();
    const rehearse = (by: string) =>
      asRequest('a form', by, async () => void (await rehearsed(ctx, (dry) => recordPayment(dry, payment))));
    const record = (by: string) => asRequest('a form', by, async () => void (await recordPayment(ctx, payment)));
    expect([await rehearse('1'), await rehearse('2'), await record('3')]).toEqual([false, false, true]);
    await expect(record('4')).rejects.toBeInstanceOf(DoneBefore);
    await expect(rehearse('5')).rejects.toBeInstanceOf(DoneBefore);
  });
});
