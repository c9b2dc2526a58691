import { describe, expect, it } from '@jest/globals';
import { Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { payOutBalance } from '../../../src/services/credits/balance-credits.ts';
import { invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { closeDue, closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import { mailText } from '../../../src/services/notices/mail-text.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { refundMade } from '../../../src/services/settlement/refunds.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { type InvoiceDoc, Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Payments, Refunds } from '../../../src/store/settlement/payments.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { setParties } from '../../support/invoices/closed.ts';
import { leftOf } from '../../support/invoices/credits.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
/** October with a refund larger than its charges, then a month with more costs. */
const ROWS = [costRow('20'), costRow('-80', { service: 'Refund' }), costRow('200', { day: '2026-11-10' })];
const two = (amount: InvoiceDoc['total']) => fromDecimal128(amount).toFixed(2);

async function issued(billingGroupId: string, month: string): Promise<InvoiceDoc> {
  const period = toPeriod(month);
  await closeInvoice(ctx, await Groups.findById(billingGroupId).orFail().lean(), period);
  return Invoices.findOne({ billingGroupId, period }).orFail().lean();
}

async function world(rows: readonly string[] = ROWS) {
  clock.set('2026-11-02T12:00:00Z');
  const { account, group } = await groupWithCosts(ctx, rows);
  const october = await issued(group._id, '2026-10');
  const of = { accountId: account._id, invoiceId: october._id };
  return { account, group, october, of, balance: `balance_${october._id}` };
}

describe('a negative total', () => {
  it('becomes a credit with its event, once however often it is closed, and pays the next invoice', async () => {
    const { account, group } = await groupWithCosts(ctx, ROWS);
    await Promise.all(Array.from({ length: 6 }, () => closeInvoice(ctx, group, OCTOBER)));
    const october = await issued(group._id, '2026-10');
    expect([two(october.net), two(october.tax), two(october.total), two(october.amountDue)]).toEqual([
      '-60.00',
      '-11.40',
      '-71.40',
      '0.00',
    ]);
    const code = `BALANCE-${october.number}`;
    expect(october).toMatchObject({ state: 'no_payment_expected', balance: { code } });
    const credits = await Credits.find({ billingGroupId: group._id }).lean();
    expect(credits).toMatchObject([{ code, type: 'purchase', currency: 'EUR', projectId: null, expireTime: null }]);
    expect(await Events.find({ accountId: account._id, type: 'balance_kept' }).lean()).toMatchObject([
      {
        description: `Kept EUR 71.40 of invoice ${october.number} as credit ${code} for billing group "${group.name}"`,
        invoiceId: october._id,
        actor: 'operator',
      },
    ]);
    clock.set('2026-12-02T12:00:00Z');
    const november = await issued(group._id, '2026-11');
    expect([two(november.total), two(november.amountDue), november.state]).toEqual(['238.00', '166.60', 'mailed']);
    expect(await leftOf(`balance_${october._id}`)).toBe('0.00');
  });

  it('has no due date, in the summary or in the files', async () => {
    const { account, of, october } = await world();
    const { dueAt, dueDay, overdueFrom } = await getInvoice(ctx, account._id, { id: of.invoiceId });
    expect([dueAt, dueDay, overdueFrom]).toEqual([null, null, null]);
    const { body } = await invoiceDocument(ctx, account._id, october.number ?? '', 'json');
    expect(JSON.parse(String(body)).due_date).toBeNull();
  });

  it('pays the following month even if both are closed late and a crash left the first without its number', async () => {
    clock.set('2026-12-05T12:00:00Z');
    const { group } = await groupWithCosts(ctx, ROWS);
    await closeInvoice(ctx, group, OCTOBER);
    const october = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    // as if the process had been killed before the number was assigned
    const unset = { seq: 1, number: 1, series: 1, issuedAt: 1, dueAt: 1, balance: 1 };
    await Invoices.updateOne({ _id: october._id }, { $set: { state: 'draft' }, $unset: unset });
    await Credits.deleteMany({ billingGroupId: group._id });
    await Promise.all([closeDue(ctx), closeInvoice(ctx, group, toPeriod('2026-11')), closeDue(ctx)]);
    const november = await issued(group._id, '2026-11');
    expect(two(november.amountDue)).toBe('166.60');
    expect(await Credits.countDocuments({ billingGroupId: group._id })).toBe(1);
  });

  it('is stated in the JSON, the email and the invoice’s summary, with nothing payable', async () => {
    const { account, october } = await world();
    await setParties(account._id);
    const number = october.number ?? '';
    const said = `EUR 71.40 in your favor, kept as credit BALANCE-${number}.`;
    const json = JSON.parse(String((await invoiceDocument(ctx, account._id, number, 'json')).body));
    expect(json).toMatchObject({ total_inc_vat: '-71.40', amount_due: '0.00' });
    expect(json.balance).toEqual({ code: `BALANCE-${number}`, amount: '71.40' });
    const pdf = await readPdf((await invoiceDocument(ctx, account._id, number, 'pdf')).body);
    // lines are wrapped
    const letters = pdf.text.replaceAll(' ', '');
    for (const words of [`Credit balance BALANCE-${number}`, said, 'It pays your next invoices automatically.']) {
      expect(letters).toContain(words.replaceAll(' ', ''));
    }
    expect(pdf.text).not.toContain('16 November');
    const mail = await mailText({
      ...{ accountId: account._id, kind: 'invoice', invoiceId: october._id, memoId: null, days: null },
    });
    expect(mail?.text).toContain(`${said} It pays the next invoices automatically.`);
    const summary = await getInvoice(ctx, account._id, { id: october._id });
    expect(summary.balance?.left.toFixed(2)).toBe('71.40');
  });

  it('is settled in the XML by a negative prepaid amount', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const { account, group } = await groupWithCosts(ctx, ROWS);
    await setParties(account._id);
    const { number = '' } = await issued(group._id, '2026-10');
    const xml = String((await invoiceDocument(ctx, account._id, number, 'xml')).body);
    const amounts = ['TaxInclusiveAmount', 'PrepaidAmount', 'PayableAmount'].map(
      (name) => new RegExp(`<cbc:${name} currencyID="EUR">([^<]*)<`).exec(xml)?.[1],
    );
    expect(amounts).toEqual(['-71.40', '-71.40', '0.00']);
    expect(xml).toContain(`EUR 71.40 in your favor, kept as credit BALANCE-${number}.`);
  });
});

describe('a balance', () => {
  it('is paid out once by bank transfer, and then pays no invoice, also for a deleted group', async () => {
    const { group, of, balance, account } = await world();
    await Groups.updateOne({ _id: group._id }, { $set: { state: 'deleted' } });
    const tries = await Promise.allSettled(Array.from({ length: 4 }, () => payOutBalance(ctx, of)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(payOutBalance(ctx, of)).rejects.toMatchObject({ code: 'no_balance' });
    const refunds = await Refunds.find({ invoiceId: of.invoiceId }).lean();
    expect(refunds.map(({ way, amount, state }) => [way, two(amount), state])).toEqual([['transfer', '71.40', 'open']]);
    await refundMade(ctx, account._id, refunds[0]?._id ?? '');
    expect(await Refunds.findOne({ invoiceId: of.invoiceId }).lean()).toMatchObject({ state: 'made' });
    expect(await leftOf(balance)).toBe('0.00');
    clock.set('2026-12-02T12:00:00Z');
    expect(two((await issued(group._id, '2026-11')).amountDue)).toBe('238.00');
    expect(await Events.countDocuments({ accountId: account._id, type: 'balance_paid_out' })).toBe(1);
  });

  it('goes first to cards that paid earlier invoices, up to what they paid', async () => {
    const { of } = await world();
    await Payments.create([
      {
        ...{ _id: 'pay_1', ...of, way: 'card', amount: toDecimal128(new Decimal(50)), currency: 'EUR' },
        ...{ date: '2026-10-02', reference: 'pi_1', identity: 'i1', recordedBy: 'automation', recordedAt: clock.now() },
      },
    ]);
    await payOutBalance(ctx, of);
    const refunds = await Refunds.find({ invoiceId: of.invoiceId }).sort({ way: 1 }).lean();
    expect(refunds.map(({ way, amount, providerPaymentId }) => [way, two(amount), providerPaymentId])).toEqual([
      ['card', '50.00', 'pi_1'],
      ['transfer', '21.40', null],
    ]);
  });

  it('is paid out only by billing admins and owners', async () => {
    const { of } = await world();
    await expect(payOutBalance(contextAt(clock, person('U_OTHER')), of)).rejects.toMatchObject({
      code: expect.stringMatching(/role_needed|account_not_found/),
    });
  });

  it('is taken back by a memo as far as it still has money', async () => {
    const { of, balance } = await world();
    await expect(createMemo(ctx, { ...of, reason: 'x', amounts: { 1: '5' } })).rejects.toMatchObject({
      code: 'below_zero',
    });
    await Credits.updateOne({ _id: balance }, { $set: { remaining: toDecimal128(new Decimal('30')) } });
    const memo = await createMemo(ctx, { ...of, reason: 'Refund was wrong' });
    expect([memo.net, memo.tax, memo.total].map((one) => one.toFixed(2))).toEqual(['-25.21', '-4.79', '-30.00']);
    expect(await leftOf(balance)).toBe('0.00');
    await expect(createMemo(ctx, { ...of, reason: 'again' })).rejects.toMatchObject({
      code: 'nothing_left',
      data: { isBalanceUsed: true },
    });
  });
});

describe('over several months', () => {
  it('costs and tax equal what was paid, what credits hold and what was paid out', async () => {
    const rows = [...ROWS, costRow('-500', { day: '2026-12-05' }), costRow('30', { day: '2027-01-02' })];
    const { account, group } = await world(rows);
    clock.set('2026-12-02T12:00:00Z');
    const november = await issued(group._id, '2026-11');
    const of = { accountId: account._id, invoiceId: november._id };
    await recordPayment(ctx, { ...of, amount: '166.60', date: '2026-12-01', reference: '' });
    // half of November is credited: money first, and what the balance paid stays paid
    await createMemo(ctx, { ...of, reason: 'Outage', amounts: { 1: '100' } });
    clock.set('2027-01-03T12:00:00Z');
    const december = await issued(group._id, '2026-12');
    expect([two(december.total), december.state]).toEqual(['-595.00', 'no_payment_expected']);
    clock.set('2027-02-03T12:00:00Z');
    const january = await issued(group._id, '2027-01');
    expect([two(january.total), two(january.amountDue)]).toEqual(['35.70', '0.00']);
    await payOutBalance(ctx, { accountId: account._id, invoiceId: december._id });
    const invoices = await Invoices.find({ billingGroupId: group._id, number: { $exists: true } }).lean();
    const memos = await CreditMemos.find({ billingGroupId: group._id }).lean();
    const charged = sum([
      ...invoices.map(({ total }) => fromDecimal128(total)),
      ...memos.map(({ total }) => fromDecimal128(total).neg()),
    ]);
    const ids = invoices.map(({ _id }) => _id);
    const received = sum(
      (await Payments.find({ invoiceId: { $in: ids } }).lean()).map((one) => fromDecimal128(one.amount)),
    );
    const refunded = sum(
      (await Refunds.find({ invoiceId: { $in: ids } }).lean()).map((one) => fromDecimal128(one.amount)),
    );
    const held = sum(
      (await Credits.find({ billingGroupId: group._id }).lean()).map((one) => fromDecimal128(one.remaining)),
    );
    const used = await Consumptions.find({ invoiceId: { $in: ids } }).lean();
    expect(used.map(({ amount }) => two(amount)).sort()).toEqual(['35.70', '71.40']);
    expect(held.equals(ZERO)).toBe(true);
    expect(refunded.toFixed(2)).toBe('678.30');
    expect(received.minus(refunded).minus(held).toFixed(2)).toBe(charged.toFixed(2));
    expect(charged.toFixed(2)).toBe('-511.70');
  });
});
