import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { setNumbering } from '../../../src/services/accounts/invoice-settings.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo, finishMemos, listMemos, memoChoices } from '../../../src/services/invoicing/credit-memos.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { CreditMemoLines, CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, issuedFor, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const stateOf = async (id: string) => (await Invoices.findById(id).orFail().lean()).state;
const ROWS = [costRow('60'), costRow('40', { service: 'Storage' })];

describe('a credit memo', () => {
  it('for everything returns all amounts with tax, has its own number, and leaves nothing to pay', async () => {
    const { account, invoice } = await issuedFor(ctx, ROWS);
    const of = { accountId: account._id, invoiceId: invoice._id };
    const memo = await createMemo(ctx, { ...of, reason: 'Order cancelled' });
    expect(memo).toMatchObject({ state: 'ready', reason: 'Order cancelled', currency: 'EUR' });
    expect([memo.net, memo.tax, memo.total].map((one) => one.toFixed(2))).toEqual(['100.00', '19.00', '119.00']);
    expect([memo.offset, memo.refund, memo.returned].map((one) => one.toFixed(2))).toEqual(['119.00', '0.00', '0.00']);
    expect(memo.number).toBe(invoice.number?.replace(/-(\d+)$/, '-CN-1'));
    expect(await stateOf(invoice._id)).toBe('paid');
    const [event] = await Events.find({ invoiceId: invoice._id, type: 'credit_memo_issued' }).lean();
    expect(event?.description).toBe(
      `Issued credit memo ${memo.number} for invoice ${invoice.number}: EUR 119.00, nothing left to pay (Order cancelled)`,
    );
    await expect(createMemo(ctx, { ...of, reason: 'again' })).rejects.toMatchObject({ code: 'nothing_left' });
  });

  it('by line is limited to what is left of the line, says so at the line, and keeps the rest open', async () => {
    const { account, invoice } = await issuedFor(ctx, ROWS);
    const of = { accountId: account._id, invoiceId: invoice._id, reason: 'Too much' };
    const first = await createMemo(ctx, { ...of, amounts: { 1: '50,00' } });
    expect([first.net, first.tax].map((one) => one.toFixed(2))).toEqual(['50.00', '9.50']);
    await expect(createMemo(ctx, { ...of, amounts: { 1: '10.01' } })).rejects.toMatchObject({
      code: 'memo_amount_too_high',
      data: { limit: 'line', currency: 'EUR' },
      fields: ['line:1'],
    });
    await expect(createMemo(ctx, { ...of, amounts: { 1: '-1' } })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(createMemo(ctx, { ...of, amounts: { 2: '1.001' } })).rejects.toMatchObject({
      data: { fields: { 'line:2': 'Enter an amount with at most 2 decimals.' } },
    });
    const choices = await memoChoices(ctx, account._id, invoice._id, 10);
    expect(choices.lines.map(({ place, left }) => [place, left.toFixed(2)])).toEqual([
      [1, '10.00'],
      [2, '40.00'],
    ]);
    const rest = await createMemo(ctx, of);
    expect([rest.net, rest.tax].map((one) => one.toFixed(2))).toEqual(['50.00', '9.50']);
    expect((await listMemos(ctx, account._id, invoice._id)).map(({ total }) => total.toFixed(2))).toEqual([
      '59.50',
      '59.50',
    ]);
  });

  it('is created once for the same request, and many simultaneous ones are numbered without gaps', async () => {
    const { account, invoice } = await issuedFor(ctx, ROWS);
    const of = { accountId: account._id, invoiceId: invoice._id, reason: 'Too much' };
    const once = await Promise.allSettled(
      Array.from({ length: 6 }, () => createMemo(ctx, { ...of, amounts: { 1: '1' }, seen: 0 })),
    );
    expect(once.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const many = await Promise.allSettled(
      Array.from({ length: 6 }, () => createMemo(ctx, { ...of, amounts: { 1: '10' } })),
    );
    // 60.00 minus one refund leaves five times ten
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const seqs = (await CreditMemos.find({ accountId: account._id }).lean()).map(({ seq }) => seq);
    expect(seqs.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const lines = await CreditMemoLines.find({ invoiceId: invoice._id, place: 1 }).lean();
    const given = lines.reduce((sum, { amount }) => sum.plus(fromDecimal128(amount)), new Decimal(0));
    expect(given.toFixed(2)).toBe('51.00');
  });

  it('left by a crash without its number, or not issued, is finished by the next tick', async () => {
    const { account, invoice } = await issuedFor(ctx, ROWS);
    const of = { accountId: account._id, invoiceId: invoice._id, reason: 'Too much' };
    const memo = await createMemo(ctx, { ...of, amounts: { 1: '1' } });
    const unset = { seq: 1, number: 1, series: 1, issuedAt: 1 };
    await CreditMemos.updateOne({ _id: memo.id }, { $set: { state: 'draft' }, $unset: unset });
    expect(await finishMemos(ctx)).toBe(1);
    expect(await finishMemos(ctx)).toBe(0);
    expect(await CreditMemos.findById(memo.id).lean()).toMatchObject({ state: 'ready', seq: 1, number: memo.number });
  });

  it('first reduces the open amount, then refunds payments, then returns purchased credits', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
    const value = toDecimal128(new Decimal('19'));
    await Credits.create([
      {
        _id: 'crd_bought',
        ...{ accountId: account._id, campaignId: 'cam', codeId: 'code', code: 'BOUGHT', type: 'purchase' as const },
        ...{ currency: 'EUR', value, remaining: value, billingGroupId: group._id, projectId: null },
        ...{ claimedBy: 'U1', state: 'claimed' as const, claimedAt: clock.now() },
        ...{ startTime: new Date('2026-10-01T00:00:00Z'), expireTime: null },
      },
    ]);
    await closeInvoice(ctx, group, OCTOBER);
    const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    const of = { accountId: account._id, invoiceId: invoice._id };
    await recordPayment(ctx, { ...of, amount: '60', date: '2026-11-01', reference: '' });
    const parts = (memo: { offset: Decimal; refund: Decimal; returned: Decimal }) =>
      [memo.offset, memo.refund, memo.returned].map((one) => one.toFixed(2));
    // 119.00 in all: 19.00 by credit, 60.00 paid, 40.00 open
    expect(parts(await createMemo(ctx, { ...of, reason: 'a', amounts: { 1: '50' } }))).toEqual([
      '40.00',
      '19.50',
      '0.00',
    ]);
    expect(await stateOf(invoice._id)).toBe('paid');
    expect(parts(await createMemo(ctx, { ...of, reason: 'b' }))).toEqual(['0.00', '40.50', '19.00']);
    expect(fromDecimal128((await Credits.findById('crd_bought').orFail().lean()).remaining).toFixed(2)).toBe('19.00');
  });

  it('has its own number even if the account’s format has no prefix', async () => {
    const { account, invoice } = await issuedFor(ctx, ROWS);
    await setNumbering(ctx, account._id, { format: '{year}/{seq:4}', isYearly: true });
    const memo = await createMemo(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'x' });
    expect(memo.number).toBe('CN-2026/0001');
  });
});
