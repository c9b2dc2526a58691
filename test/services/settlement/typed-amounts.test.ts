import { describe, expect, it } from '@jest/globals';
import { Decimal, formatMoney } from '../../../src/billing/money/money.ts';
import { setTaxRate } from '../../../src/services/accounts/invoice-settings.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, issuedFor } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const BAHRAIN = { currency: 'BHD', countryCode: 'BH' };
const BOTH = 'Do you mean 1000.00 or 1.00?';

async function world({ currency = 'EUR', countryCode = 'DE' } = {}) {
  const rows = [costRow('2000', { currency }), costRow('40', { currency, service: 'Storage' })];
  const { account, group, invoice } = await issuedFor(ctx, rows, { currency, countryCode });
  const of = { accountId: account._id, billingGroupId: group._id };
  const paid = { accountId: account._id, invoiceId: invoice._id, date: '2026-11-01', reference: '' };
  const campaign = { name: 'x', type: 'promotion', currency, startDay: null, endDay: null } as const;
  const enter: Record<string, (typed: string) => Promise<unknown>> = {
    payment: (amount) => recordPayment(ctx, { ...paid, amount }),
    memo: (typed) => createMemo(ctx, { ...paid, reason: 'x', amounts: { 1: typed } }),
    budget: (amount) => setBudget(ctx, { ...of, amount }),
    charge: (amount) => createAdjustment(ctx, { ...of, kind: 'charge', description: 'x', amount }),
    discount: (amount) => createAdjustment(ctx, { ...of, kind: 'discount', description: 'x', amount }),
    commitment: (amount) => createAdjustment(ctx, { ...of, kind: 'commitment', description: 'x', amount }),
    campaign: (value) =>
      createCampaign(ctx, of.accountId, { ...campaign, value, claimsPerCode: 1, codes: 1, ownCode: null }),
  };
  return { accountId: account._id, enter };
}

describe('an ambiguous amount', () => {
  it('is rejected by every service, which names both readings at the field', async () => {
    const { accountId, enter } = await world();
    const before = await Events.countDocuments({ accountId });
    for (const [what, one] of Object.entries(enter)) {
      for (const typed of ['1,000', '1.000', 'EUR 1,000']) {
        const refusal = await one(typed).catch((error: unknown) => error);
        expect({ what, typed, refusal }).toMatchObject({
          refusal: { code: 'invalid_input', data: { fields: expect.anything() } },
        });
        const [fault] = Object.values((refusal as { data: { fields: Record<string, string> } }).data.fields);
        expect({ what, typed, fault }).toEqual({ what, typed, fault: BOTH });
      }
    }
    expect(await Events.countDocuments({ accountId })).toBe(before);
  });

  it('is accepted by all of them once it is unambiguous', async () => {
    const { accountId, enter } = await world();
    for (const [what, one] of Object.entries(enter)) {
      await expect(one('1,000.00 EUR').then(() => what)).resolves.toBe(what);
    }
    const said = (await Events.find({ accountId }).lean()).map(({ description }) => description).join('\n');
    expect(said.match(/EUR 1,000\.00/g)?.length).toBeGreaterThanOrEqual(Object.keys(enter).length - 1);
  });
});

describe('an amount with three decimals', () => {
  it.each(['014.993', 'BHD 14.993', 'BHD 12.000', '1.5'])(
    'is accepted by all of them as printed: %s',
    async (typed) => {
      const { accountId, enter } = await world(BAHRAIN);
      for (const [what, one] of Object.entries(enter)) {
        await expect(one(typed).then(() => what)).resolves.toBe(what);
      }
      const said = (await Events.find({ accountId }).lean()).map(({ description }) => description).join('\n');
      const shown = formatMoney(new Decimal(typed.replace('BHD ', '')), 'BHD');
      expect(said.split(shown).length - 1).toBeGreaterThanOrEqual(Object.keys(enter).length - 1);
    },
  );

  it('can’t be 14.993 or 14,993 alone, which may be thousands', async () => {
    const { enter } = await world(BAHRAIN);
    for (const one of Object.values(enter)) {
      for (const typed of ['1,000', '1.000', '14,993', '14.993', '14.993 BHD']) {
        await expect(one(typed)).rejects.toMatchObject({ code: 'invalid_input' });
      }
    }
  });
});

describe('a rate', () => {
  it('of exchange with three digits after a comma is rejected with both readings', async () => {
    const { accountId } = await world();
    await expect(setRate(ctx, { accountId, currency: 'VND', rate: '26,500' })).rejects.toMatchObject({
      data: { fields: { rate: 'Do you mean 26500 or 26.5000?' } },
    });
    expect((await setRate(ctx, { accountId, currency: 'VND', rate: '26 500,5' })).rate.toFixed()).toBe('26500.5');
    expect((await setRate(ctx, { accountId, currency: 'USD', rate: '1.085' })).rate.toFixed()).toBe('1.085');
  });

  it('of tax accepts a decimal comma and a percent sign', async () => {
    const { accountId } = await world();
    const of = { country: 'DE', category: 'S', from: '2027-01-01', serviceName: null, reason: null } as const;
    await setTaxRate(ctx, accountId, { ...of, rate: '7,5 %' });
    const { taxRates } = await Accounts.findById(accountId).orFail().lean();
    expect(taxRates).toMatchObject([{ rate: '7.5' }]);
  });
});
