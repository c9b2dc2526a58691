import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { claimCredit, expireCredits, listCredits, remainingCredits } from '../../../src/services/credits/credits.ts';
import { setCurrency } from '../../../src/services/groups/billing-information.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { projectsIn } from '../../../src/services/projects/group-projects.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor, leftOf } from '../../support/invoices/credits.ts';
import { costRow, groupWithCosts } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T01:00:00Z');
const ctx = contextAt(clock);
const endOf = (month: string) => new Date(`${month}-01T00:00:00Z`);

async function issued(billingGroupId: string, month: string) {
  const period = toPeriod(month);
  expect((await closeInvoice(ctx, await Groups.findById(billingGroupId).orFail().lean(), period)).outcome).toBe(
    'issued',
  );
  return Invoices.findOne({ billingGroupId, period }).orFail().lean();
}

const figures = ({ net, tax, total, amountDue }: Awaited<ReturnType<typeof issued>>) =>
  [net, tax, total, amountDue].map((amount) => fromDecimal128(amount).toFixed(2));

describe('a credit that expires with its month', () => {
  it('pays that month’s invoice, and expires only once it is issued', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
    const credit = await creditFor(group, '40', { type: 'promotion', expireTime: endOf('2026-11') });
    const page = { page: 1, size: 10, billingGroupId: group._id };
    expect(await expireCredits(ctx)).toBe(0);
    expect((await remainingCredits(ctx, account._id, group._id)).toFixed(2)).toBe('40.00');
    expect((await listCredits(ctx, account._id, page)).items[0]?.standing).toBe('active');
    expect(figures(await issued(group._id, '2026-10'))).toEqual(['60.00', '11.40', '71.40', '71.40']);
    expect(await leftOf(credit._id)).toBe('0.00');
    expect(await expireCredits(ctx)).toBe(1);
    expect((await listCredits(ctx, account._id, page)).items[0]?.standing).toBe('expired');
  });

  it('doesn’t keep other credits from expiring while its invoice is held back', async () => {
    const { group } = await groupWithCosts(ctx, [costRow('100')]);
    await Promise.all(
      Array.from({ length: 5 }, () => creditFor(group, '1', { type: 'promotion', expireTime: endOf('2026-11') })),
    );
    const over = await creditFor(group, '1', { type: 'promotion', expireTime: new Date('2026-10-31T12:00:00Z') });
    expect(await expireCredits(ctx)).toBe(1);
    expect(await Credits.findById(over._id).lean()).toMatchObject({ state: 'expired' });
  });
});

describe('the amount returned by a credit memo', () => {
  it('extends a purchased credit that has since expired by 90 days', async () => {
    clock.set('2026-11-02T01:00:00Z');
    const rows = [costRow('100'), costRow('80', { day: '2026-12-10' })];
    const { account, group } = await groupWithCosts(ctx, rows);
    const credit = await creditFor(group, '50', { expireTime: endOf('2026-12') });
    const october = await issued(group._id, '2026-10');
    const of = { accountId: account._id, invoiceId: october._id };
    await recordPayment(ctx, { ...of, amount: '69', date: '2026-11-01', reference: '' });
    clock.set('2026-12-02T01:00:00Z');
    await issued(group._id, '2026-11');
    await expireCredits(ctx);
    expect(await Credits.findById(credit._id).lean()).toMatchObject({ state: 'expired' });
    clock.set('2026-12-15T12:00:00Z');
    const memo = await createMemo(ctx, { ...of, reason: 'Outage' });
    expect([memo.refund, memo.returned].map((one) => one.toFixed(2))).toEqual(['69.00', '50.00']);
    const [event] = await Events.find({ accountId: account._id, type: 'credit_returned' }).lean();
    expect(event?.description).toBe(
      `Returned EUR 50.00 to credit ${credit.code}, which had expired and is now valid until 15 March 2027`,
    );
    clock.set('2027-01-02T01:00:00Z');
    expect(figures(await issued(group._id, '2026-12'))).toEqual(['80.00', '15.20', '95.20', '45.20']);
    clock.set('2026-11-02T01:00:00Z');
  });

  it('goes to each credit only up to what it paid, over several memos', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100'), costRow('100', { day: '2026-11-03' })]);
    const first = await creditFor(group, '30', { expireTime: endOf('2027-05') });
    const second = await creditFor(group, '200', { expireTime: endOf('2027-06') });
    const october = await issued(group._id, '2026-10');
    clock.set('2026-12-02T01:00:00Z');
    await issued(group._id, '2026-11');
    expect([await leftOf(first._id), await leftOf(second._id)]).toEqual(['0.00', '0.00']);
    const of = { accountId: account._id, invoiceId: october._id, reason: 'Outage' };
    await createMemo(ctx, { ...of, amounts: { 1: '80' } });
    await createMemo(ctx, of);
    // 30.00 and 89.00 of October's 119.00; November took 111.00 of the second
    expect([await leftOf(first._id), await leftOf(second._id)]).toEqual(['30.00', '89.00']);
    clock.set('2026-11-02T01:00:00Z');
  });

  it('goes to a promotional credit once the whole invoice is credited', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
    const credit = await creditFor(group, '40', { type: 'promotion' });
    const october = await issued(group._id, '2026-10');
    const of = { accountId: account._id, invoiceId: october._id, reason: 'Outage' };
    await createMemo(ctx, { ...of, amounts: { 1: '20' } });
    expect(await leftOf(credit._id)).toBe('0.00');
    const memo = await createMemo(ctx, of);
    expect(memo.total.toFixed(2)).toBe('47.60');
    expect(await leftOf(credit._id)).toBe('40.00');
  });
});

describe('the currency of a group', () => {
  it('can’t change while a credit in the old one has a balance', async () => {
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
    const group = await createGroup(ctx, { accountId, name: 'Blue' });
    const credit = await creditFor(group, '50');
    const change = { accountId, billingGroupId: group._id, currency: 'USD' };
    await expect(setCurrency(ctx, change)).rejects.toMatchObject({
      code: 'currency_in_use',
      data: { because: 'credit', group: 'Blue', code: credit.code, currency: 'EUR' },
    });
    await Credits.updateOne({ _id: credit._id }, { $set: { remaining: '0' } });
    await setCurrency(ctx, change);
  });

  it('never changes during a claim of a credit in the old one', async () => {
    const owner = contextAt(clock, person('U_OWNER'));
    const campaign = {
      name: 'Spring',
      type: 'promotion',
      value: '40',
      currency: 'EUR',
      claimsPerCode: 1,
      codes: 1,
    } as const;
    for (let round = 0; round < 4; round++) {
      const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
      const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'Blue' });
      const { codes } = await createCampaign(owner, accountId, {
        ...campaign,
        startDay: null,
        endDay: null,
        ownCode: null,
      });
      const [claimed, changed] = await Promise.allSettled([
        claimCredit(owner, { accountId, billingGroupId, code: codes[0] ?? '' }),
        setCurrency(ctx, { accountId, billingGroupId, currency: 'USD' }),
      ]);
      expect([claimed.status, changed.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });

  it('is the only one in which its credits are added up', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100')]);
    const of = { accountId: account._id, billingGroupId: group._id };
    const [project] = (await projectsIn(ctx, of, {})).items;
    const own = { projectId: project?.id ?? '' };
    await creditFor(group, '50', own);
    await creditFor(group, '7', { ...own, currency: 'USD' });
    expect((await remainingCredits(ctx, account._id, group._id)).toFixed(2)).toBe('50.00');
    expect((await projectsIn(ctx, of, {})).items[0]?.credits.toFixed(2)).toBe('50.00');
  });
});
