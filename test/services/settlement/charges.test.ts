import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import type { CardProvider } from '../../../src/services/settlement/card-provider.ts';
import { beginCardSetup, storeNewCards } from '../../../src/services/settlement/card-setups.ts';
import { chargeAgain, chargeDue, recordChargeOutcome } from '../../../src/services/settlement/charges.ts';
import { requestBankTransfer } from '../../../src/services/settlement/invoice-life.ts';
import { setMethod } from '../../../src/services/settlement/payment-methods.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { listRefunds, refundDue, refundMade } from '../../../src/services/settlement/refunds.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { CardSetups } from '../../../src/store/settlement/card-setups.ts';
import { PaymentMethods } from '../../../src/store/settlement/payment-methods.ts';
import { Charges } from '../../../src/store/settlement/payments.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor, payByCard } from '../../support/invoices/invoices.ts';
import { cardsOf, type StripeStandIn, startStripe } from '../../support/stripe.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
let stripe: StripeStandIn;
let cards: CardProvider;

beforeAll(async () => {
  stripe = await startStripe();
  cards = cardsOf(stripe);
});
afterAll(() => stripe.close());
// an earlier test's invoices must not be charged in the next
beforeEach(async () => {
  await Charges.deleteMany({});
  await Invoices.deleteMany({ state: 'due' });
  stripe.faults.length = 0;
  stripe.charged.length = 0;
});

const stateOf = async (id: string) => (await Invoices.findById(id).orFail().lean()).state;
const told = async (invoiceId: string, type: EventType) =>
  (await Events.find({ invoiceId, type }).sort({ _id: 1 }).lean()).map(({ description }) => description);

describe('a card invoice', () => {
  it('stays due while there is no provider', async () => {
    const { invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_visa_of_tests' });
    expect(invoice.state).toBe('due');
  });

  it('is charged once by five simultaneous ticks, and is paid', async () => {
    const { invoice } = await issuedFor(ctx, [costRow('100')], { card: 'cus_1/pm_visa_of_tests' });
    await Promise.all([1, 2, 3, 4, 5].map(() => chargeDue(ctx, cards)));
    expect(await stateOf(invoice._id)).toBe('paid');
    expect(stripe.charged).toHaveLength(1);
    const intent = stripe.intents.get(stripe.charged[0] ?? '');
    expect(intent).toMatchObject({
      amount: 11_900,
      currency: 'eur',
      metadata: { charge: `${invoice._id}:1`, accountId: invoice.accountId, invoiceId: invoice._id },
    });
    expect(await told(invoice._id, 'invoice_paid')).toEqual([
      `Recorded EUR 119.00 for invoice ${invoice.number}, by card: it is paid`,
    ]);
    await chargeDue(ctx, cards);
    expect(stripe.charged).toHaveLength(1);
  });

  it.each([
    ['before the payment is made', /payment_intents$/, 'drop_before'],
    ['after the payment is made', /payment_intents$/, 'drop_after'],
    ['before it is confirmed', /confirm$/, 'drop_before'],
    ['after it is confirmed', /confirm$/, 'drop_after'],
    ['with a Stripe error', /confirm$/, 'error'],
  ] as const)('is charged once when the connection breaks %s', async (_when, path, kind) => {
    const { invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_visa_of_tests' });
    // the client itself tries twice
    stripe.faults.push({ path, kind, times: 2 });
    await expect(chargeDue(ctx, cards)).rejects.toThrow();
    expect(await stateOf(invoice._id)).toBe('due');
    await chargeDue(ctx, cards);
    expect(await stateOf(invoice._id)).toBe('paid');
    expect(stripe.charged).toHaveLength(1);
  });

  it('fails when the card is declined, says why, and can be charged to another card', async () => {
    const { account, group, invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_declined' });
    const of = { accountId: account._id, invoiceId: invoice._id };
    await chargeDue(ctx, cards);
    expect(await Invoices.findById(invoice._id).lean()).toMatchObject({
      state: 'failed_credit_card_charge',
      life: { failure: 'Your card was declined.' },
    });
    expect(await told(invoice._id, 'payment_failed')).toEqual([
      `The charge of EUR 119.00 for invoice ${invoice.number} failed: Your card was declined.`,
    ]);
    await payByCard(ctx, group, 'pm_visa_of_tests');
    expect(await chargeAgain(ctx, of)).toBe(invoice.number);
    await expect(chargeAgain(ctx, of)).rejects.toMatchObject({ code: 'being_charged' });
    const payment = { ...of, amount: '1', date: '2026-11-01', reference: '' };
    await expect(recordPayment(ctx, payment)).rejects.toMatchObject({ code: 'being_charged' });
    await expect(createMemo(ctx, { ...of, reason: 'x' })).rejects.toMatchObject({ code: 'being_charged' });
    await chargeDue(ctx, cards);
    expect(await stateOf(invoice._id)).toBe('paid');
    await expect(chargeAgain(ctx, of)).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('fails when the holder would have to confirm, and nobody can complete that later unnoticed', async () => {
    const { invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_action' });
    await chargeDue(ctx, cards);
    expect(await stateOf(invoice._id)).toBe('failed_credit_card_charge');
    const statuses = [...stripe.intents.values()].filter(({ metadata }) => metadata.invoiceId === invoice._id);
    expect(statuses.map(({ status }) => status)).toEqual(['canceled']);
  });

  it('waits while the provider is processing it, and is paid once that confirms', async () => {
    const { invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_slowly' });
    await chargeDue(ctx, cards);
    expect(await stateOf(invoice._id)).toBe('due');
    const intent = [...stripe.intents.values()].find(({ metadata }) => metadata.invoiceId === invoice._id);
    if (!intent) throw new Error('no intent');
    intent.status = 'succeeded';
    await recordChargeOutcome(ctx, cards, intent.id);
    await recordChargeOutcome(ctx, cards, intent.id);
    await recordChargeOutcome(ctx, cards, 'pi_of_somebody_else');
    expect(await stateOf(invoice._id)).toBe('paid');
  });

  it('fails if the provider doesn’t know the card, or there is none', async () => {
    const gone = await issuedFor(ctx, [costRow('100')], { card: 'pm_vanished' });
    await chargeDue(ctx, cards);
    expect(await told(gone.invoice._id, 'payment_failed')).toEqual([
      `The charge of EUR 119.00 for invoice ${gone.invoice.number} failed: Stripe says: No such PaymentMethod.`,
    ]);
    const none = await issuedFor(ctx, [costRow('100')], { card: 'pm_visa_of_tests' });
    const of = { accountId: none.account._id, billingGroupId: none.group._id };
    await setMethod(ctx, { ...of, paymentMethodId: null });
    await chargeDue(ctx, cards);
    expect(await stateOf(none.invoice._id)).toBe('failed_no_credit_card');
    const again = { accountId: none.account._id, invoiceId: none.invoice._id };
    await expect(chargeAgain(ctx, again)).rejects.toMatchObject({ code: 'no_card' });
    await requestBankTransfer(ctx, again);
    expect(await stateOf(none.invoice._id)).toBe('mailed');
  });
});

describe('a card', () => {
  it('is entered on the provider’s page, and saved once, for the person who requested the page', async () => {
    const account = await anAccount(ctx);
    const owner = contextAt(clock, person('U_OWNER'));
    await expect(beginCardSetup(owner, undefined, account._id)).rejects.toMatchObject({ code: 'no_card_provider' });
    const url = await beginCardSetup(owner, cards, account._id);
    const session = stripe.sessions.get(url.split('/').at(-1) ?? '');
    if (!session) throw new Error('no page');
    expect(await storeNewCards(ctx, cards)).toBe(0);
    Object.assign(session, { status: 'complete', customer: 'cus_9', card: 'pm_visa_of_tests' });
    await Promise.all([storeNewCards(ctx, cards), storeNewCards(ctx, cards)]);
    expect(await storeNewCards(ctx, cards)).toBe(0);
    const made = await PaymentMethods.find({ accountId: account._id }).lean();
    expect(made).toMatchObject([{ token: 'cus_9/pm_visa_of_tests', method: { brand: 'visa', last4: '4242' } }]);
    const event = await Events.findOne({ accountId: account._id, type: 'payment_method_created' }).lean();
    expect(event?.actor).toBe('U_OWNER');
    expect(JSON.stringify(event)).not.toContain('pm_visa');
  });

  it('isn’t saved from an expired page', async () => {
    const account = await anAccount(ctx);
    const url = await beginCardSetup(ctx, cards, account._id);
    Object.assign(stripe.sessions.get(url.split('/').at(-1) ?? '') ?? {}, { status: 'expired' });
    expect(await storeNewCards(ctx, cards)).toBe(0);
    expect(await CardSetups.countDocuments({ accountId: account._id, state: 'expired' })).toBe(1);
  });
});

describe('a refund to a card', () => {
  it('is made once, however often it is tried and whatever breaks', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')], { card: 'pm_visa_of_tests' });
    await chargeDue(ctx, cards);
    await createMemo(ctx, { accountId: account._id, invoiceId: invoice._id, reason: 'Wrong', amounts: { 1: '10' } });
    stripe.faults.push({ path: /refunds$/, kind: 'drop_after', times: 4 });
    await expect(refundDue(ctx, cards)).rejects.toThrow();
    stripe.faults.length = 0;
    await Promise.all([refundDue(ctx, cards), refundDue(ctx, cards)]);
    const made = [...stripe.refunds.values()].filter((one) => one.payment_intent === stripe.charged[0]);
    expect(made.map(({ amount }) => amount)).toEqual([1_190]);
    expect(await listRefunds(ctx, account._id, invoice._id)).toMatchObject([
      { way: 'card', state: 'made', amount: 'EUR 11.90' },
    ]);
    expect(await told(invoice._id, 'payment_refunded')).toEqual([
      `Refunded EUR 11.90 of invoice ${invoice.number} to the card`,
    ]);
  });

  it('for a payment by transfer waits for a person, who records it once', async () => {
    const { account, invoice } = await issuedFor(ctx, [costRow('100')]);
    const of = { accountId: account._id, invoiceId: invoice._id };
    await recordPayment(ctx, { ...of, amount: '119', date: '2026-11-01', reference: 'x' });
    await createMemo(ctx, { ...of, reason: 'Wrong' });
    expect(await refundDue(ctx, cards)).toBe(0);
    const [refund] = await listRefunds(ctx, account._id, invoice._id);
    expect(refund).toMatchObject({ way: 'transfer', state: 'open', amount: 'EUR 119.00' });
    await Promise.all([1, 2, 3].map(() => refundMade(ctx, account._id, refund?.id ?? '')));
    expect(await told(invoice._id, 'payment_refunded')).toHaveLength(1);
  });
});
