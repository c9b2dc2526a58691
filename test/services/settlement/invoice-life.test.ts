import { describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { INVOICE_STATES } from '../../../src/billing/invoice/invoice.ts';
import { canTransition } from '../../../src/billing/invoice/invoice-life.ts';
import { requestBankTransfer, waiveInvoice, writeOffInvoice } from '../../../src/services/settlement/invoice-life.ts';
import { listPayments, recordPayment } from '../../../src/services/settlement/payments.ts';
import { remindDue } from '../../../src/services/settlement/reminders.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Mails } from '../../../src/store/notices/mails.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);

const stateOf = async (id: string) => (await Invoices.findById(id).orFail().lean()).state;
const told = async (invoiceId: string, type: EventType) =>
  (await Events.find({ invoiceId, type }).sort({ _id: 1 }).lean()).map(({ description }) => description);

describe('invoice states', () => {
  it('lead only where domain.md says', () => {
    const ways = INVOICE_STATES.flatMap((from) =>
      INVOICE_STATES.filter((to) => canTransition(from, to)).map((to) => `${from} > ${to}`),
    );
    expect(ways).toEqual([
      'estimate > draft',
      'draft > due',
      'draft > mailed',
      'draft > failed_no_credit_card',
      'draft > no_payment_expected',
      'due > failed_credit_card_charge',
      'due > failed_no_credit_card',
      'due > paid',
      'due > waived',
      'mailed > paid',
      'mailed > waived',
      'mailed > uncollectible',
      'failed_credit_card_charge > mailed',
      'failed_credit_card_charge > paid',
      'failed_credit_card_charge > waived',
      'failed_credit_card_charge > uncollectible',
      'failed_no_credit_card > mailed',
      'failed_no_credit_card > paid',
      'failed_no_credit_card > waived',
      'failed_no_credit_card > uncollectible',
      'uncollectible > paid',
    ]);
  });
});

describe('payments', () => {
  it('are recorded in parts until the invoice is paid, each with its event', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const of = { accountId: account._id, invoiceId: invoice._id, date: '2026-11-01' };
    const first = await recordPayment(ctx, { ...of, amount: '100,00', reference: 'A' });
    expect(first.open.toFixed(2)).toBe('19.00');
    expect(await stateOf(invoice._id)).toBe('mailed');
    const second = await recordPayment(ctx, { ...of, amount: '19.00', reference: 'B' });
    expect(second.open.toFixed(2)).toBe('0.00');
    expect(await stateOf(invoice._id)).toBe('paid');
    expect(await told(invoice._id, 'payment_recorded')).toEqual([
      `Recorded EUR 100.00 for invoice ${invoice.number}, received 1 November 2026 (A): EUR 19.00 left to pay`,
    ]);
    expect(await told(invoice._id, 'invoice_paid')).toEqual([
      `Recorded EUR 19.00 for invoice ${invoice.number}, received 1 November 2026 (B): it is paid`,
    ]);
    const listed = await listPayments(ctx, account._id, invoice._id);
    expect(listed.map(({ amount, reference }) => `${amount.toFixed(2)} ${reference}`)).toEqual(['100.00 A', '19.00 B']);
  });

  it('sent ten times at once are recorded once', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const payment = {
      ...{ accountId: account._id, invoiceId: invoice._id, date: '2026-11-01' },
      ...{ amount: '50', reference: 'Same' },
    };
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => recordPayment(ctx, payment)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'payment_recorded' });
    }
    const { life } = await Invoices.findById(invoice._id).orFail().lean();
    expect(life?.paid && fromDecimal128(life.paid).toFixed(2)).toBe('50.00');
  });

  it.each([
    [{ amount: '119.01' }, { amount: 'Only EUR 119.00 is left to pay on this invoice.' }],
    [{ amount: '0' }, { amount: 'Enter an amount above 0, with at most 2 decimals.' }],
    [{ amount: '1.001' }, { amount: 'Enter an amount above 0, with at most 2 decimals.' }],
    [{ amount: 'much' }, { amount: 'Enter an amount above 0, with at most 2 decimals.' }],
    [{ date: '2026-11-03' }, { date: 'The date can’t be in the future.' }],
    [{ date: '2026-02-30' }, { date: 'Enter a valid date, such as 2026-10-31.' }],
    [{ reference: 'x'.repeat(141) }, { reference: 'Use at most 140 characters.' }],
  ])('with %j are refused at the field', async (wrong, fields) => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const input = { accountId: account._id, invoiceId: invoice._id, amount: '1', date: '2026-11-02', reference: '' };
    await expect(recordPayment(ctx, { ...input, ...wrong })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { fields },
    });
    expect(await stateOf(invoice._id)).toBe('mailed');
  });

  it('are only for those who may issue, and nobody else learns of the invoice', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const input = { accountId: account._id, invoiceId: invoice._id, amount: '1', date: '2026-11-02', reference: '' };
    await expect(recordPayment(contextAt(clock, person('U_NOBODY')), input)).rejects.toMatchObject({
      code: 'account_not_found',
    });
    const other = await issuedFor(ctx, [costRow('1')]);
    await expect(recordPayment(ctx, { ...input, accountId: other.account._id })).rejects.toMatchObject({
      code: 'invoice_not_found',
    });
  });
});

describe('an unpaid invoice', () => {
  it('can be waived or written off with a reason, once, and can still be paid after a write-off', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const of = { accountId: account._id, invoiceId: invoice._id };
    await expect(waiveInvoice(ctx, { ...of, reason: ' ' })).rejects.toMatchObject({
      data: { fields: { reason: expect.stringContaining('reason') } },
    });
    await writeOffInvoice(ctx, { ...of, reason: 'Insolvent' });
    expect(await told(invoice._id, 'invoice_written_off')).toEqual([
      `Wrote off invoice ${invoice.number}, EUR 119.00 open: Insolvent`,
    ]);
    await expect(waiveInvoice(ctx, { ...of, reason: 'x' })).rejects.toMatchObject({ code: 'wrong_state' });
    await recordPayment(ctx, { ...of, amount: '19', date: '2026-11-01', reference: 'part' });
    expect(await stateOf(invoice._id)).toBe('uncollectible');
    await recordPayment(ctx, { ...of, amount: '100', date: '2026-11-01', reference: 'rest' });
    expect(await stateOf(invoice._id)).toBe('paid');
    await expect(recordPayment(ctx, { ...of, amount: '1', date: '2026-11-01', reference: '' })).rejects.toMatchObject({
      code: 'wrong_state',
      data: { number: invoice.number, state: 'paid', action: 'mark_paid' },
    });
  });

  it('can be switched to a transfer only after a card has failed', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    await expect(requestBankTransfer(ctx, { accountId: account._id, invoiceId: invoice._id })).rejects.toMatchObject({
      code: 'wrong_state',
    });
  });
});

describe('reminders', () => {
  it('are sent once for each scheduled day, only the latest after downtime, and none once it is paid', async () => {
    const { account, group, invoice } = await issuedFor(ctx, [costRow('100')]);
    await Groups.updateOne({ _id: group._id }, { $set: { 'billing.contactEmails': ['a@example.com'] } });
    await Invoices.updateOne({ _id: invoice._id }, { $set: { 'snapshot.buyer.contactEmails': ['a@example.com'] } });
    const told2 = () => told(invoice._id, 'invoice_reminded');
    const at = async (instant: string) => {
      clock.set(instant);
      await Promise.all([remindDue(ctx), remindDue(ctx)]);
    };
    // due on 16 November
    await at('2026-11-12T12:00:00Z');
    expect(await told2()).toEqual([]);
    await at('2026-11-13T08:59:00Z');
    expect(await told2()).toEqual([]);
    await at('2026-11-13T09:00:00Z');
    expect(await told2()).toEqual([`Invoice ${invoice.number}, EUR 119.00 open, is due in 3 days`]);
    // downtime over the day itself and a week after it
    await at('2026-11-24T10:00:00Z');
    expect(await told2()).toHaveLength(2);
    expect((await told2())[1]).toBe(`Invoice ${invoice.number}, EUR 119.00 open, is 8 days overdue`);
    const mails = await Mails.find({ invoiceId: invoice._id, kind: 'reminder' }).sort({ days: 1 }).lean();
    expect(mails.map(({ days, to }) => [days, ...to])).toEqual([
      [-3, 'a@example.com'],
      [7, 'a@example.com'],
    ]);
    const payment = { accountId: account._id, invoiceId: invoice._id, amount: '119', date: '2026-11-20' };
    await recordPayment(ctx, { ...payment, reference: '' });
    await at('2026-12-24T10:00:00Z');
    expect(await told2()).toHaveLength(2);
    clock.set('2026-11-02T12:00:00Z');
  });

  it('follow the account’s own schedule, which can be empty', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    await Accounts.updateOne({ _id: account._id }, { $set: { reminderDays: [] } });
    clock.set('2026-12-24T10:00:00Z');
    await remindDue(ctx);
    expect(await told(invoice._id, 'invoice_reminded')).toEqual([]);
    await Accounts.updateOne({ _id: account._id }, { $set: { reminderDays: [30] } });
    await remindDue(ctx);
    expect(await told(invoice._id, 'invoice_reminded')).toHaveLength(1);
    clock.set('2026-11-02T12:00:00Z');
  });
});
