import { describe, expect, it } from '@jest/globals';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { reversePayment } from '../../../src/services/settlement/payment-reversal.ts';
import { listPayments, recordPayment } from '../../../src/services/settlement/payments.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);

describe('a reversed payment', () => {
  it('is open on its invoice again, once, with its event, and can be recorded again', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const payment = {
      accountId: account._id,
      invoiceId: invoice._id,
      amount: '119',
      date: '2026-11-01',
      reference: '',
    };
    const { paymentId } = await recordPayment(ctx, payment);
    await Promise.all([1, 2, 3].map(() => reversePayment(ctx, account._id, paymentId)));
    expect((await Invoices.findById(invoice._id).orFail().lean()).state).toBe('mailed');
    expect(await listPayments(ctx, account._id, invoice._id)).toEqual([]);
    const events = await Events.find({ invoiceId: invoice._id, type: 'payment_reversed' }).lean();
    expect(events.map(({ description }) => description)).toEqual([
      `Reversed payment of EUR 119.00 for invoice ${invoice.number}, received 1 November 2026: EUR 119.00 left to pay`,
    ]);
    expect((await recordPayment(ctx, payment)).open.isZero()).toBe(true);
  });

  it('must belong to this account, have nothing that depends on it, and be reversed with permission', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const of = { accountId: account._id, invoiceId: invoice._id };
    const { paymentId } = await recordPayment(ctx, { ...of, amount: '119', date: '2026-11-01', reference: '' });
    await expect(reversePayment(contextAt(clock, person('U_NOBODY')), account._id, paymentId)).rejects.toMatchObject({
      code: 'account_not_found',
    });
    await expect(reversePayment(ctx, account._id, 'pay_none')).rejects.toMatchObject({ code: 'payment_not_found' });
    await createMemo(ctx, { ...of, reason: 'Wrong' });
    await expect(reversePayment(ctx, account._id, paymentId)).rejects.toMatchObject({ code: 'payment_used' });
  });
});
