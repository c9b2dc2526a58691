import { describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/billing/event/event.ts';
import { NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { setTaxRate } from '../../../src/services/accounts/invoice-settings.ts';
import { importRates, listRates, setRate } from '../../../src/services/costs/rates.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createAdjustment, endAdjustment, listAdjustments } from '../../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { eachLine, getInvoice } from '../../../src/services/invoicing/invoice-reading.ts';
import { explainLine, invoiceTrail } from '../../../src/services/invoicing/invoice-why.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { type GroupDoc, Groups, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
/** A German seller's account, and the group that pays for imported costs. */
const aGroup = (rows: readonly string[], countryCode = 'DE') => groupWithCosts(ctx, rows, { countryCode });

let made = 0;
async function aCredit(
  group: GroupDoc,
  amount: string,
  over: { type?: 'promotion' | 'purchase'; projectId?: string; expireTime?: Date } = {},
) {
  made += 1;
  const value = toDecimal128(new Decimal(amount));
  const { type = 'promotion', projectId = null, expireTime = null } = over;
  const [credit] = await Credits.create([
    {
      _id: `crd_${made}`,
      ...{
        accountId: group.accountId,
        campaignId: 'cam',
        codeId: `code ${made}`,
        code: `CODE-${made}`,
        type,
        projectId,
      },
      ...{
        currency: 'EUR',
        value,
        remaining: value,
        billingGroupId: group._id,
        claimedBy: 'U1',
        state: 'claimed' as const,
      },
      ...{ claimedAt: clock.now(), startTime: new Date('2026-10-01T00:00:00Z'), expireTime },
    },
  ]);
  if (!credit) throw new Error('no credit');
  return credit._id;
}

const left = async (creditId: string) =>
  fromDecimal128((await Credits.findById(creditId).orFail().lean()).remaining).toFixed();
const figures = (doc: { net: unknown; tax: unknown; total: unknown; amountDue: unknown }) =>
  [doc.net, doc.tax, doc.total, doc.amountDue].map((one) => new Decimal(String(one)).toFixed(2));
const events = async (accountId: string, type: EventType) =>
  (await Events.find({ accountId, type }).lean()).map((event) => event.description);

describe('an issued invoice', () => {
  it('has its charges, discounts, minimum, credits and tax, with the trail and each line’s costs', async () => {
    const { account, group } = await aGroup([costRow('60.004'), costRow('40'), costRow('20', { service: 'Storage' })]);
    const of = { accountId: account._id, billingGroupId: group._id };
    const project = await Projects.findOne({ accountId: account._id }).orFail().lean();
    await createAdjustment(ctx, {
      ...of,
      kind: 'discount',
      description: 'Partner',
      percentage: '10',
      serviceName: 'Compute',
    });
    await createAdjustment(ctx, { ...of, kind: 'charge', description: 'Setup', amount: '5', projectId: project._id });
    await createAdjustment(ctx, { ...of, kind: 'commitment', description: 'Plan', amount: '150' });
    const free = await aCredit(group, '30');
    const paid = await aCredit(group, '42.80', { type: 'purchase' });

    await refreshEstimates(ctx);
    const estimate = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    expect([estimate.state, ...figures(estimate)]).toEqual(['estimate', '120.00', '22.80', '142.80', '100.00']);
    expect([await left(free), await left(paid)]).toEqual(['30', '42.8']);

    expect(await closeInvoice(ctx, group, OCTOBER)).toMatchObject({ outcome: 'issued' });
    const issued = await Invoices.findById(estimate._id).orFail().lean();
    expect(figures(issued)).toEqual(['120.00', '22.80', '142.80', '100.00']);
    expect(issued.snapshot?.seller).toMatchObject({ countryCode: 'DE', iban: '' });
    expect(issued.snapshot?.buyer).toEqual(NO_BILLING_INFORMATION);
    expect([await left(free), await left(paid)]).toEqual(['0', '0']);
    expect(await events(account._id, 'credit_consumed')).toHaveLength(2);

    const invoice = await getInvoice(ctx, account._id, { id: issued._id });
    expect(invoice.taxes).toMatchObject([{ category: 'S', reason: null }]);
    expect(invoice.prepaid.map(({ amount }) => amount.toFixed(2))).toEqual(['42.80']);
    const lines: string[] = [];
    for await (const line of eachLine(ctx, invoice))
      lines.push(`${line.lineType} ${line.preDiscount.toFixed(2)} ${line.total.toFixed(2)}`);
    expect(lines).toEqual([
      'service_charge 100.00 90.00',
      'service_charge 20.00 20.00',
      'extra_charge 5.00 5.00',
      'commitment_fee 35.00 35.00',
      'multiplier 0.00 0.00',
      'credit_consumption -30.00 -30.00',
    ]);
    const trail = await invoiceTrail(ctx, invoice, { page: 1, size: 50 });
    expect(trail.items.map(({ step }) => step).join(' ')).toBe(
      'costs charge discount commitment rounding credit tax total prepaid due',
    );
    const explained = await explainLine(ctx, invoice, 1, { page: 1, size: 10 });
    expect(explained.steps).toMatchObject([{ step: 'discount', before: '100.004', after: '90.0036' }]);
    expect(explained.rows.items.map((one) => one.amount.toFixed()).sort()).toEqual(['40', '60.004']);
    await expect(explainLine(ctx, invoice, 99, { page: 1, size: 10 })).rejects.toMatchObject({
      code: 'invoice_line_not_found',
    });
  });

  it('is taxed by the group’s billing information, with a reverse charge only for a confirmed VAT ID', async () => {
    const { account, group } = await aGroup([costRow('100')]);
    const other = await createGroup(contextAt(new TestClock('2026-10-02T00:00:00Z')), {
      accountId: account._id,
      name: 'Other',
    });
    const billing = { ...NO_BILLING_INFORMATION, countryCode: 'FR', vatId: 'FR1', vatState: 'unconfirmed' as const };
    await Groups.updateOne({ _id: group._id }, { $set: { billing } });
    await Groups.updateOne({ _id: other._id }, { $set: { billing: { ...billing, vatState: 'valid' } } });
    await createAdjustment(contextAt(new TestClock('2026-10-02T00:00:00Z')), {
      ...{ accountId: account._id, billingGroupId: other._id, kind: 'charge', description: 'Fee', amount: '100' },
    });
    await closeInvoice(ctx, group, OCTOBER);
    await closeInvoice(ctx, other, OCTOBER);
    const mine = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    const theirs = await Invoices.findOne({ billingGroupId: other._id, period: OCTOBER }).orFail().lean();
    expect(mine.taxes).toMatchObject([{ category: 'S' }]);
    expect(theirs.taxes).toMatchObject([{ category: 'AE', reason: expect.stringContaining('Reverse charge') }]);
    expect(figures(await Invoices.findOne({ billingGroupId: other._id, period: OCTOBER }).orFail().lean())).toEqual([
      '100.00',
      '0.00',
      '100.00',
      '100.00',
    ]);
  });

  it('uses the account’s own tax rates, which only an owner can set', async () => {
    const { account, group } = await aGroup([costRow('100'), costRow('100', { service: 'Books' })]);
    const own = {
      country: 'DE',
      category: 'S',
      rate: '7',
      from: '2026-10-01',
      serviceName: 'Books',
      reason: null,
    } as const;
    await setTaxRate(ctx, account._id, own);
    await setTaxRate(ctx, account._id, own);
    expect(await events(account._id, 'account_updated')).toEqual([
      'Set tax in DE on Books to S 7% from 1 October 2026',
    ]);
    await expect(setTaxRate(ctx, account._id, { ...own, rate: '0' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(setTaxRate(contextAt(clock, person('U_NOBODY')), account._id, own)).rejects.toMatchObject({
      code: 'account_not_found',
    });
    await closeInvoice(ctx, group, OCTOBER);
    expect(figures(await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean())).toEqual([
      '200.00',
      '26.00',
      '226.00',
      '226.00',
    ]);
  });
});

describe('exchange rates', () => {
  it('that are missing keep the invoice an estimate, and a manual rate releases it and is named on it', async () => {
    const { account, group } = await aGroup([costRow('100', { currency: 'USD' }), costRow('1')], '');
    expect(await closeInvoice(ctx, group, OCTOBER)).toEqual({
      outcome: 'held_back',
      reason: 'No exchange rate to convert USD into EUR.',
    });
    await setRate(ctx, { accountId: account._id, currency: 'USD', rate: '1.25', date: '2026-10-30' });
    await refreshEstimates(ctx);
    expect(await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).lean()).toMatchObject({
      heldBack: null,
    });
    await closeInvoice(ctx, group, OCTOBER);
    const doc = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    expect(figures(doc)).toEqual(['81.00', '0.00', '81.00', '81.00']);
    const invoice = await getInvoice(ctx, account._id, { id: doc._id });
    expect(invoice.conversions).toMatchObject([{ from: 'USD', date: '2026-10-30', source: 'manual' }]);
    const explained = await Promise.all([1, 2].map((place) => explainLine(ctx, invoice, place, { page: 1, size: 5 })));
    expect(
      explained.map(({ rows }) => rows.items.map((one) => `${one.currency} ${one.amount.toFixed()}`)).sort(),
    ).toEqual([['EUR 1'], ['USD 100']]);
  });

  it('are imported once from the bank’s file, however often it is sent', async () => {
    const account = await anAccount(ctx);
    const text = 'Date,USD,JPY\n2026-10-30,1.0857,165.46\n2026-10-29,1.0815,N/A\n';
    expect(await importRates(ctx, { accountId: account._id, text })).toEqual({
      read: 3,
      changed: 3,
      from: '2026-10-29',
      to: '2026-10-30',
    });
    expect(await importRates(ctx, { accountId: account._id, text })).toMatchObject({ read: 3, changed: 0 });
    expect(await events(account._id, 'rates_changed')).toEqual([
      'Imported 3 rates from the European Central Bank, 29 October 2026 to 30 October 2026',
    ]);
    const list = await listRates(ctx, account._id, { page: 1, size: 2 });
    expect([list.total, ...list.items.map(({ currency }) => currency)]).toEqual([3, 'JPY', 'USD']);
    await expect(importRates(ctx, { accountId: account._id, text: 'no' })).rejects.toMatchObject({
      code: 'rates_not_understood',
    });
  });

  it.each([
    [{ currency: 'XXY', rate: '1' }, 'currency'],
    [{ currency: 'EUR', rate: '1' }, 'currency'],
    [{ currency: 'USD', rate: '0' }, 'rate'],
    [{ currency: 'USD', rate: '-1' }, 'rate'],
    [{ currency: 'USD', rate: '1', date: '2026-13-01' }, 'date'],
    [{ currency: 'USD', rate: '1', date: '2027-01-01' }, 'date'],
  ])('are rejected when entered manually: %j', async (input, field) => {
    const account = await anAccount(ctx);
    await expect(setRate(ctx, { accountId: account._id, ...input })).rejects.toMatchObject({
      data: { fields: { [field]: expect.any(String) } },
    });
  });
});

describe('discounts, charges and commitments', () => {
  it.each([
    [{ kind: 'discount', description: '', percentage: '10' }, 'description'],
    [{ kind: 'discount', description: 'x', percentage: '101' }, 'value'],
    [{ kind: 'charge', description: 'x', amount: '1.005' }, 'value'],
    [{ kind: 'charge', description: 'x', amount: '-5' }, 'value'],
    [{ kind: 'commitment', description: 'x', amount: '5', currency: 'XXX' }, 'currency'],
    [{ kind: 'charge', description: 'x', amount: '5', from: 'soon' }, 'from'],
    [{ kind: 'charge', description: 'x', amount: '5', from: '2020-01' }, 'from'],
    [{ kind: 'discount', description: 'x', percentage: '5', until: '2026-01' }, 'until'],
  ] as const)('are rejected: %j', async (input, field) => {
    const { account, group } = await aGroup([costRow('1')]);
    await expect(
      createAdjustment(ctx, { accountId: account._id, billingGroupId: group._id, ...input }),
    ).rejects.toMatchObject({ data: { fields: { [field]: expect.any(String) } } });
  });

  it('are rejected for a project that isn’t in the group', async () => {
    const { account, group } = await aGroup([costRow('1')]);
    const input = { kind: 'discount', description: 'x', percentage: '5', projectId: 'prj_none' } as const;
    await expect(
      createAdjustment(ctx, { accountId: account._id, billingGroupId: group._id, ...input }),
    ).rejects.toMatchObject({ code: 'project_not_found', data: { group: group.name }, fields: ['project'] });
  });

  it('end before the next month that is invoiced, once, and stay listed', async () => {
    const { account, group } = await aGroup([costRow('100')], '');
    const of = { accountId: account._id, billingGroupId: group._id };
    const { id } = await createAdjustment(ctx, { ...of, kind: 'discount', description: 'Half', percentage: '50' });
    await endAdjustment(ctx, { accountId: account._id, id });
    await endAdjustment(ctx, { accountId: account._id, id });
    expect(await events(account._id, 'discount_ended')).toEqual([
      `Ended discount of billing group "${group.name}": Half, 50% on all costs, from October 2026`,
    ]);
    const list = await listAdjustments(ctx, account._id, { kind: 'discount', page: 1, size: 5 });
    expect(list.items).toMatchObject([{ id, isOver: true }]);
    await closeInvoice(ctx, group, OCTOBER);
    expect(figures(await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean())[0]).toBe(
      '100.00',
    );
    await expect(endAdjustment(ctx, { accountId: account._id, id: 'adj_none' })).rejects.toMatchObject({
      code: 'adjustment_not_found',
    });
  });

  it('are only for owners and billing admins', async () => {
    const { account, group } = await aGroup([costRow('1')]);
    const stranger = contextAt(clock, person('U_NOBODY'));
    const input = {
      accountId: account._id,
      billingGroupId: group._id,
      kind: 'charge',
      description: 'x',
      amount: '1',
    } as const;
    await expect(createAdjustment(stranger, input)).rejects.toMatchObject({ code: 'account_not_found' });
  });
});

describe('credits', () => {
  it('are used once by ten simultaneous closes, and by later ones', async () => {
    const { account, group } = await aGroup([costRow('100')], '');
    const credit = await aCredit(group, '250');
    await Promise.all(Array.from({ length: 10 }, () => closeInvoice(ctx, group, OCTOBER)));
    await closeInvoice(ctx, group, OCTOBER);
    expect(await left(credit)).toBe('150');
    expect(await Consumptions.countDocuments({ creditId: credit })).toBe(1);
    expect(await events(account._id, 'credit_consumed')).toEqual(
      ['Credit CODE-3 paid EUR 100.00 of the invoice for October 2026'].map((text) =>
        text.replace('CODE-3', `CODE-${made}`),
      ),
    );
  });

  it('apply if they were valid at the period’s last instant, whenever it is closed', async () => {
    const { group } = await aGroup([costRow('100')], '');
    const credit = await aCredit(group, '50', { expireTime: new Date('2026-11-01T00:00:00Z') });
    const over = await aCredit(group, '50', { expireTime: new Date('2026-10-31T23:59:59.999Z') });
    await closeInvoice(ctx, group, OCTOBER);
    expect(await left(credit)).toBe('0');
    expect(await left(over)).toBe('50');
  });
});
