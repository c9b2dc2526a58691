import { beforeEach, describe, expect, it } from '@jest/globals';
import { chargesJob } from '../../../jobs/charges.ts';
import type { EventType } from '../../../src/billing/event/event.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { claimCredit, expireCredits } from '../../../src/services/credits/credits.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { checkVatIds } from '../../../src/services/groups/billing-information.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { createMemo, finishMemos } from '../../../src/services/invoicing/credit-memos.ts';
import { announceDryRuns } from '../../../src/services/invoicing/dry-run.ts';
import { refreshEstimates, touchOpenEstimates } from '../../../src/services/invoicing/estimates.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { tendMoves } from '../../../src/services/moves/move-tend.ts';
import { type CardProvider, ProviderRefusal } from '../../../src/services/settlement/card-provider.ts';
import { beginCardSetup } from '../../../src/services/settlement/card-setups.ts';
import { announceCards } from '../../../src/services/settlement/payment-methods.ts';
import { remindDue } from '../../../src/services/settlement/reminders.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { CardSetups } from '../../../src/store/settlement/card-setups.ts';
import { PaymentMethods } from '../../../src/store/settlement/payment-methods.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, issuedFor, OCTOBER, payByCard } from '../../support/invoices/invoices.ts';
import { ask, clock as movesClock, ctx as movesCtx, START, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

/** What an earlier version, or a manual change, can leave in the database: an unknown currency. */
const BROKEN = { currency: 'QQQ' };
const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);

beforeEach(async () => {
  clock.set('2026-10-20T12:00:00Z');
  const left = [Accounts, Groups, Invoices, Credits, Events, Moves, PaymentMethods, CardSetups, ItemFailures];
  await Promise.all(left.map((model) => model.collection.deleteMany({})));
});

/** Runs a tick as the scheduler does, which only logs errors. */
const tick = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
const eventsOf = async (accountId: string, type: EventType) => Events.countDocuments({ accountId, type });

describe('a failure in one account doesn’t affect another', () => {
  it('an estimate, even if the failing ones are the oldest and fill a whole batch', async () => {
    const bad = await groupWithCosts(ctx, [costRow('7')]);
    await Groups.updateOne({ _id: bad.group._id }, { $set: BROKEN });
    const [blank] = await Invoices.find({ accountId: bad.account._id, period: OCTOBER }).lean();
    const copies = Array.from({ length: 220 }, (_, at) => ({
      ...blank,
      _id: `inv_bad_${at}`,
      period: toPeriod(`${1700 + at}-01`),
      touchedAt: new Date('2026-10-01'),
    }));
    await Invoices.insertMany(copies);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    await tick(refreshEstimates(ctx));
    await tick(refreshEstimates(ctx));
    await tick(refreshEstimates(ctx));
    const estimate = await Invoices.findOne({ accountId: good.account._id, period: OCTOBER }).orFail().lean();
    expect(estimate).toMatchObject({ touchedAt: null });
    expect(String(estimate.net)).toBe('100');
  });

  it('a close', async () => {
    const bad = await groupWithCosts(ctx, [costRow('7')]);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    await Groups.updateOne({ _id: bad.group._id }, { $set: BROKEN });
    clock.set('2026-11-02T12:00:00Z');
    await tick(closeDue(ctx));
    expect(await eventsOf(good.account._id, 'invoice_issued')).toBe(1);
    expect(await eventsOf(bad.account._id, 'invoice_issued')).toBe(0);
  });

  it('a card that its provider no longer knows: charges, memos and refunds continue', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const bad = await issuedFor(ctx, [costRow('5')], { card: 'pm_gone_for_good' });
    const good = await issuedFor(ctx, [costRow('100')], { card: 'pm_there_still' });
    const provider = cards();
    await beginCardSetup(ctx, provider, bad.account._id);
    await tick(chargesJob(provider).run(ctx));
    expect((await Invoices.findById(good.invoice._id).orFail().lean()).state).toBe('paid');
    expect((await CardSetups.findOne({ accountId: bad.account._id }).orFail().lean()).state).toBe('expired');
  });

  it.each<[string, (accountId: string) => Promise<unknown>]>([
    ['ended', (accountId) => Credits.collection.updateOne({ accountId }, { $unset: { remaining: 1 } })],
    [
      'told from those still in use',
      (accountId) => Groups.updateOne({ accountId }, { $set: { nextPeriod: 'broken' } }),
    ],
    ['dated', (accountId) => Accounts.updateOne({ _id: accountId }, { $set: { timeZone: 'Nowhere/Land' } })],
  ])('a credit that can’t be %s', async (_what, poison) => {
    const owner = contextAt(clock, person('U_OWNER'));
    const claimed = [];
    for (const cost of ['7', '100']) {
      const { account, group } = await groupWithCosts(ctx, [costRow(cost)]);
      const { codes } = await createCampaign(owner, account._id, {
        ...{ name: 'Spring', type: 'promotion', value: '400.00', currency: 'EUR' },
        ...{ startDay: null, endDay: '2026-10-25', claimsPerCode: 1, codes: 1, ownCode: null },
      });
      await claimCredit(owner, { accountId: account._id, code: codes[0] ?? '', billingGroupId: group._id });
      claimed.push(account._id);
    }
    const [bad = '', good = ''] = claimed;
    await poison(bad);
    await Credits.updateOne({ accountId: bad }, { $set: { expireTime: new Date('2026-10-21') } });
    clock.set('2026-12-28T12:00:00Z');
    await Invoices.updateMany({}, { $set: { state: 'paid' } });
    await tick(expireCredits(ctx));
    expect(await eventsOf(good, 'credit_expired')).toBe(1);
  });

  it('the announcement of a close', async () => {
    const bad = await groupWithCosts(ctx, [costRow('7')]);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    await tick(refreshEstimates(ctx));
    await Accounts.updateOne({ _id: bad.account._id }, { $set: { timeZone: 'Nowhere/Land' } });
    clock.set('2026-10-31T12:00:00Z');
    await tick(announceDryRuns(ctx));
    expect(await eventsOf(good.account._id, 'close_dry_run')).toBe(1);
  });

  it('a reminder', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const bad = await issuedFor(ctx, [costRow('5')]);
    const good = await issuedFor(ctx, [costRow('100')]);
    await Accounts.deleteOne({ _id: bad.account._id });
    clock.set('2027-01-20T12:00:00Z');
    await tick(remindDue(ctx));
    expect(await eventsOf(good.account._id, 'invoice_reminded')).toBe(1);
  });

  it('a card that expires soon', async () => {
    const bad = await groupWithCosts(ctx, [costRow('5')]);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    for (const { group } of [bad, good]) await payByCard(ctx, group, 'pm_of_tests');
    const soon = { 'method.expYear': 2026, 'method.expMonth': 10 };
    await PaymentMethods.updateMany({}, { $set: soon });
    await PaymentMethods.collection.updateOne({ accountId: bad.account._id }, { $unset: { accountId: 1 } });
    await tick(announceCards(ctx));
    expect(await eventsOf(good.account._id, 'payment_card_expiring')).toBe(1);
  });

  it('an entry that can’t get its place in the log', async () => {
    const bad = await groupWithCosts(ctx, [costRow('5')]);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    const first = { accountId: bad.account._id, waiting: true };
    await Events.collection.updateMany(first, { $unset: { createTime: 1 } });
    await tick(numberEvents(ctx));
    expect(await Events.countDocuments({ accountId: good.account._id, waiting: true })).toBe(0);
  });

  it('a request that can’t be ended', async () => {
    movesClock.set(START);
    const [bad, good] = [await world('receiving'), await world('receiving')];
    await ask(bad);
    await ask(good);
    await Moves.collection.updateOne({ accountId: bad.account._id }, { $unset: { projects: 1 } });
    movesClock.set('2026-06-20T12:00:00Z');
    await tick(tendMoves(movesCtx));
    expect(await eventsOf(good.account._id, 'move_expired')).toBe(1);
  });

  it('a VAT ID for which the tax office’s server fails', async () => {
    const due = { vatCheckAt: new Date('2026-10-01'), 'billing.countryCode': 'DE' };
    const groups = [];
    for (const vatId of ['DE111111111', 'DE222222222']) {
      const { account } = await groupWithCosts(ctx, [costRow('5')]);
      const group = await createGroup(ctx, { accountId: account._id, name: 'Taxed' });
      await Groups.updateOne({ _id: group._id }, { $set: { ...due, 'billing.vatId': vatId } });
      groups.push(group._id);
    }
    const check = async (_country: string, vatId: string) => {
      if (vatId === 'DE111111111') throw new Error('not what was expected');
      return 'valid' as const;
    };
    await tick(checkVatIds(ctx, { check }));
    expect((await Groups.findById(groups[1]).orFail().lean()).billing.vatState).toBe('valid');
  });

  it('a credit memo left unfinished by a crash', async () => {
    clock.set('2026-11-02T12:00:00Z');
    const bad = await issuedFor(ctx, [costRow('5')]);
    const good = await issuedFor(ctx, [costRow('100')]);
    const [of, is] = [bad, good].map(({ account, invoice }) => ({ accountId: account._id, invoiceId: invoice._id }));
    for (const one of [of, is]) if (one) await createMemo(ctx, { ...one, reason: 'Wrong' });
    await CreditMemos.collection.updateMany({}, { $set: { state: 'draft' } });
    await CreditMemos.collection.updateOne({ ...of }, { $set: { invoiceId: 'inv_gone' } });
    await tick(finishMemos(ctx));
    expect(await CreditMemos.countDocuments({ ...is, state: { $ne: 'draft' } })).toBe(1);
  });
});

describe('a failing group', () => {
  it('is reported once to its account, and to no other', async () => {
    const bad = await groupWithCosts(ctx, [costRow('7')]);
    const good = await groupWithCosts(ctx, [costRow('100')]);
    await setMember(ctx, bad.account._id, 'U_ADMIN', 'billing_admin');
    await Groups.updateOne({ _id: bad.group._id }, { $set: BROKEN });
    for (const minute of ['00', '01', '02', '05', '10', '30']) {
      clock.set(`2026-10-20T12:${minute}:00Z`);
      await inTransaction(ctx, (tx) => touchOpenEstimates(tx, { accountId: good.account._id }));
      await tick(refreshEstimates(ctx));
    }
    expect(await eventsOf(bad.account._id, 'background_task_failed')).toBe(1);
    expect(await eventsOf(good.account._id, 'background_task_failed')).toBe(0);
  });
});

/** A provider that knows only one card, and no page. */
function cards(): CardProvider {
  return {
    async prepare({ token }) {
      if (token === 'pm_gone_for_good') throw new Error('no such payment method');
      return 'pi_1';
    },
    charge: async () => ({ state: 'succeeded' }),
    openSetup: async () => ({ id: 'cs_gone', url: 'https://checkout.stripe.com/cs_gone' }),
    async setupOutcome() {
      throw new ProviderRefusal('Stripe says: No such checkout session.');
    },
    refund: async () => ({ state: 'succeeded' }),
  };
}
