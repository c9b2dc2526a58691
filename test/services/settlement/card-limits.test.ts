import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo, finishMemos, listMemos } from '../../../src/services/invoicing/credit-memos.ts';
import { getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import type { CardProvider } from '../../../src/services/settlement/card-provider.ts';
import { chargeAgain, chargeDue, recordChargeOutcome } from '../../../src/services/settlement/charges.ts';
import { requestBankTransfer } from '../../../src/services/settlement/invoice-life.ts';
import { setMethod } from '../../../src/services/settlement/payment-methods.ts';
import { listPayments } from '../../../src/services/settlement/payments.ts';
import { listRefunds, refundDue } from '../../../src/services/settlement/refunds.ts';
import { remindDue } from '../../../src/services/settlement/reminders.ts';
import { Events } from '../../../src/store/events/events.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, issuedFor, OCTOBER, payByCard } from '../../support/invoices/invoices.ts';
import { cardsOf, type StripeStandIn, startStripe } from '../../support/stripe.ts';

useDatabase(migrate);

const NOVEMBER = toPeriod('2026-11');
const CARD = 'cus_1/pm_visa_of_tests';
let clock: TestClock;
let ctx: ReturnType<typeof contextAt>;
let stripe: StripeStandIn;
let cards: CardProvider;

beforeAll(async () => {
  stripe = await startStripe();
  cards = cardsOf(stripe);
});
afterAll(() => stripe.close());
beforeEach(async () => {
  clock = new TestClock('2026-11-02T12:00:00Z');
  ctx = contextAt(clock);
  await Charges.deleteMany({});
  await Invoices.deleteMany({ state: 'due' });
  stripe.faults.length = 0;
  stripe.charged.length = 0;
});

const lifeOf = async (id: string) => {
  const { state, life } = await Invoices.findById(id).orFail().lean();
  return { state, notCharged: life?.notCharged, failure: life?.failure };
};
const told = async (invoiceId: string, type: EventType) =>
  (await Events.find({ invoiceId, type }).sort({ _id: 1 }).lean()).map(({ description }) => description);
const intentOf = (invoiceId: string) => {
  const intent = [...stripe.intents.values()].find(({ metadata }) => metadata.invoiceId === invoiceId);
  if (!intent) throw new Error('no intent');
  return intent;
};

describe('an amount below the minimum card charge', () => {
  it('is carried over without an attempted charge, a failure or a reminder', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('0.20')], { card: CARD });
    await Promise.all([chargeDue(ctx, cards), chargeDue(ctx, cards)]);
    await chargeDue(ctx, cards);
    const notCharged =
      'EUR 0.24 is below the minimum card charge of EUR 0.50. It will be charged together with the next invoice.';
    expect(await lifeOf(invoice._id)).toEqual({ state: 'due', notCharged, failure: undefined });
    expect(await told(invoice._id, 'payment_carried_over')).toEqual([
      `Carried over EUR 0.24 of invoice ${invoice.number} to the next card charge: EUR 0.24 is below the minimum card charge of EUR 0.50.`,
    ]);
    expect(await getInvoice(ctx, account._id, { id: invoice._id })).toMatchObject({ notCharged });
    clock.set('2026-11-20T12:00:00Z');
    await remindDue(ctx);
    expect(await told(invoice._id, 'invoice_reminded')).toEqual([]);
    expect(await told(invoice._id, 'payment_failed')).toEqual([]);
    expect([stripe.intents.size, await Charges.countDocuments({})]).toEqual([0, 0]);
  });

  it('is charged together with the next invoice, once, and each invoice gets its own part', async () => {
    const rows = [costRow('0.20'), costRow('0.30', { day: '2026-11-10' })];
    const { account, group, invoice } = await issuedFor(ctx, rows, { card: CARD });
    await chargeDue(ctx, cards);
    clock.set('2026-12-02T12:00:00Z');
    await closeInvoice(ctx, group, NOVEMBER);
    const next = await Invoices.findOne({ billingGroupId: group._id, period: NOVEMBER }).orFail().lean();
    await Promise.all([1, 2, 3].map(() => chargeDue(ctx, cards)));
    expect(stripe.charged).toHaveLength(1);
    expect(intentOf(next._id)).toMatchObject({ amount: 60 });
    for (const [one, amount] of [
      [invoice, '0.24'],
      [next, '0.36'],
    ] as const) {
      expect(await lifeOf(one._id)).toEqual({ state: 'paid', notCharged: undefined, failure: undefined });
      const payments = await listPayments(ctx, account._id, one._id);
      expect(payments.map((payment) => payment.amount.toFixed(2))).toEqual([amount]);
    }
    // each part can be refunded separately
    await createMemo(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'Wrong' });
    await refundDue(ctx, cards);
    expect([...stripe.refunds.values()].at(-1)).toMatchObject({ amount: 24, payment_intent: stripe.charged[0] });
  });

  it('keeps waiting when the next invoice’s charge fails, and is part of the next attempt', async () => {
    const rows = [costRow('0.20'), costRow('10', { day: '2026-11-10' })];
    const { account, group, invoice } = await issuedFor(ctx, rows, { card: CARD });
    await chargeDue(ctx, cards);
    clock.set('2026-12-02T12:00:00Z');
    await payByCard(ctx, group, 'pm_declined');
    await closeInvoice(ctx, group, NOVEMBER);
    const next = await Invoices.findOne({ billingGroupId: group._id, period: NOVEMBER }).orFail().lean();
    await chargeDue(ctx, cards);
    expect(await lifeOf(next._id)).toMatchObject({ state: 'failed_credit_card_charge' });
    expect(await lifeOf(invoice._id)).toMatchObject({ state: 'due', failure: undefined });
    await payByCard(ctx, group, CARD);
    await chargeAgain(ctx, { accountId: account._id, invoiceId: next._id });
    await expect(requestBankTransfer(ctx, { accountId: account._id, invoiceId: invoice._id })).rejects.toMatchObject({
      code: 'being_charged',
    });
    await chargeDue(ctx, cards);
    expect([(await lifeOf(next._id)).state, (await lifeOf(invoice._id)).state]).toEqual(['paid', 'paid']);
  });

  it('is requested by bank transfer if the account says so, or once the group no longer pays by card', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('0.20')], { card: CARD });
    await chargeDue(ctx, cards);
    await updateSettings(ctx, account._id, { settings: { smallCardAmounts: 'bank_transfer' } });
    await chargeDue(ctx, cards);
    expect(await lifeOf(invoice._id)).toMatchObject({ state: 'mailed' });
    expect(await told(invoice._id, 'invoice_transfer_asked')).toEqual([
      `Requested a bank transfer of EUR 0.24 for invoice ${invoice.number}, due on 16 November 2026: EUR 0.24 is below the minimum card charge of EUR 0.50.`,
    ]);
    const other = await issuedFor(ctx, [costRow('0.20')], { card: CARD });
    await chargeDue(ctx, cards);
    const of = { accountId: other.account._id, billingGroupId: other.group._id };
    await setMethod(ctx, { ...of, paymentMethodId: null });
    await chargeDue(ctx, cards);
    expect(await lifeOf(other.invoice._id)).toMatchObject({ state: 'mailed' });
  });

  it('that only the provider rejects as too small isn’t tried twice', async () => {
    // ILS has no minimum in the table
    const { invoice } = await issuedFor(ctx, [costRow('0.20', { currency: 'ILS' })], {
      ...{ card: CARD, currency: 'ILS', countryCode: '' },
    });
    stripe.minimums.set('ils', 200);
    await chargeDue(ctx, cards);
    await chargeDue(ctx, cards);
    expect(await lifeOf(invoice._id)).toMatchObject({ state: 'due', failure: undefined });
    expect(await Charges.countDocuments({ invoiceId: invoice._id })).toBe(1);
    expect(await told(invoice._id, 'payment_failed')).toEqual([]);
  });

  it('is noted on the invoice when it is issued, if a provider is connected', async () => {
    const charging = { ...ctx, cardObstacle: cards.obstacle };
    const { account, group } = await groupWithCosts(ctx, [costRow('0.20')]);
    await payByCard(ctx, group, CARD);
    await closeInvoice(charging, group, OCTOBER);
    const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    expect(invoice).toMatchObject({ state: 'due', snapshot: { notCharged: expect.stringContaining('next invoice') } });
    const { body } = await invoiceDocument(ctx, account._id, invoice.number ?? '', 'json');
    expect(body.toString()).toContain('is below the minimum card charge of EUR 0.50');
  });
});

describe('an amount that a card can’t be charged exactly', () => {
  it('is requested by bank transfer, in full, without a charge', async () => {
    const { invoice } = await issuedFor(ctx, [costRow('12.345', { currency: 'KWD' })], {
      ...{ card: CARD, currency: 'KWD', countryCode: '' },
    });
    await chargeDue(ctx, cards);
    expect(await lifeOf(invoice._id)).toEqual({
      state: 'mailed',
      notCharged: 'KWD 12.345 can’t be charged to a card exactly. Payment is requested by bank transfer.',
      failure: undefined,
    });
    expect(await told(invoice._id, 'payment_failed')).toEqual([]);
    expect(await Charges.countDocuments({ invoiceId: invoice._id })).toBe(0);
  });

  it('is issued for bank transfer if a provider is connected', async () => {
    const charging = { ...ctx, cardObstacle: cards.obstacle };
    const { group } = await groupWithCosts(ctx, [costRow('12.345', { currency: 'KWD' })], {
      ...{ currency: 'KWD', countryCode: '' },
    });
    await payByCard(ctx, group, CARD);
    await closeInvoice(charging, group, OCTOBER);
    expect(await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).lean()).toMatchObject({
      state: 'mailed',
      snapshot: { paymentMethod: { kind: 'bank_transfer', termsDays: 14 } },
    });
  });
});

describe('a card with a simultaneous charge and credit memo', () => {
  /** Reads the time this often, and then stops like a killed process. */
  const dyingAfter = (most: number) => {
    let readings = 0;
    return contextAt({
      now() {
        readings += 1;
        if (readings > most) throw new Error('killed');
        return clock.now();
      },
    });
  };

  it('isn’t charged while a credit memo is in progress, so that nothing is overpaid', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_slowly' });
    const of = { accountId: account._id, invoiceId: invoice._id };
    const draft = { invoiceId: invoice._id, state: 'draft' as const };
    for (let most = 1; most < 10 && (await CreditMemos.countDocuments(draft)) === 0; most++)
      await expect(createMemo(dyingAfter(most), { ...of, reason: 'Wrong' })).rejects.toThrow('killed');
    expect(await CreditMemos.countDocuments(draft)).toBe(1);
    await chargeDue(ctx, cards);
    await expect(chargeAgain(ctx, of)).rejects.toMatchObject({ code: 'being_credited' });
    await finishMemos(ctx);
    const intent = [...stripe.intents.values()].find(({ metadata }) => metadata.invoiceId === invoice._id);
    if (intent) {
      intent.status = 'succeeded';
      await recordChargeOutcome(ctx, cards, intent.id);
    }
    expect(await listPayments(ctx, account._id, invoice._id)).toEqual([]);
    expect(await lifeOf(invoice._id)).toMatchObject({ state: 'paid' });
  });

  it('ends with the right amount paid, in either order', async () => {
    for (let round = 0; round < 6; round++) {
      const { account, invoice } = await issuedFor(ctx, [costRow('100')], { card: CARD });
      const of = { accountId: account._id, invoiceId: invoice._id };
      await Promise.allSettled([
        createMemo(ctx, { ...of, reason: 'Wrong', amounts: { 1: '40' } }),
        ...[1, 2].map(() => chargeDue(ctx, cards)),
      ]);
      await finishMemos(ctx);
      await chargeDue(ctx, cards);
      await refundDue(ctx, cards);
      const paid = await listPayments(ctx, account._id, invoice._id);
      const memos = await listMemos(ctx, account._id, invoice._id);
      const refunds = memos.map((memo) => memo.refund);
      const sumOf = (all: readonly Decimal[]) => all.reduce((total, one) => total.plus(one), new Decimal(0));
      const kept = sumOf(paid.map((payment) => payment.amount)).minus(sumOf(refunds));
      expect(kept.toFixed(2)).toBe(new Decimal('119').minus(sumOf(memos.map((memo) => memo.total))).toFixed(2));
    }
  });

  it('gets any overpayment back, however it happened', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_slowly' });
    await chargeDue(ctx, cards);
    // as an earlier version left it: a memo was settled while the charge was open
    await Invoices.updateOne({ _id: invoice._id }, { $set: { 'life.offset': '47.60' } });
    const intent = intentOf(invoice._id);
    intent.status = 'succeeded';
    await recordChargeOutcome(ctx, cards, intent.id);
    await recordChargeOutcome(ctx, cards, intent.id);
    expect(await told(invoice._id, 'invoice_paid')).toEqual([
      `Recorded EUR 119.00 for invoice ${invoice.number}, by card: it is paid, and the overpaid EUR 47.60 will be refunded`,
    ]);
    await refundDue(ctx, cards);
    expect(await listRefunds(ctx, account._id, invoice._id)).toMatchObject([
      { way: 'card', state: 'made', amount: 'EUR 47.60' },
    ]);
  });
});
