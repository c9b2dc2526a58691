import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName';

useDatabase(migrate);

const clock = new TestClock('2026-10-05T12:00:00Z');
const ctx = contextAt(clock);

beforeEach(() => clock.set('2026-10-05T12:00:00Z'));

const row = (cost: string, day: string, billed = `${day.slice(0, 7)}-01`) =>
  `b1,USD,${billed},${cost},Usage,${day} 00:00:00,${day} 01:00:00,Compute,p1,p1`;

function importRows(account: AccountDoc, rows: string[], options: { since?: Date; replace?: boolean } = {}) {
  const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
  return importFocus(ctx, { accountId: account._id, fileName: 'old.csv', replace: false, open, ...options });
}

const periodsOf = async (account: AccountDoc) =>
  (await Invoices.distinct('period', { accountId: account._id })).map(String).sort();

describe('costs from more than 24 months ago', () => {
  it('in a file from 2019 are on the open invoice as late costs, and no earlier month is invoiced', async () => {
    const account = await anAccount(ctx);
    expect(await importRows(account, [row('10', '2019-03-05'), row('5', '2019-04-05')])).toMatchObject({ added: 2 });
    const [group] = await Groups.find({ accountId: account._id }).lean();
    expect(group).toMatchObject({ nextPeriod: '2026-10', lastClosed: null });
    expect(await Costs.find({ accountId: account._id }).sort({ ownPeriod: 1 }).lean()).toMatchObject([
      { period: '2026-10', late: true, ownPeriod: '2019-03', billingGroupId: group?._id },
      { period: '2026-10', late: true, ownPeriod: '2019-04', billingGroupId: group?._id },
    ]);
    expect(await periodsOf(account)).toEqual(['2026-10']);
    clock.set('2026-11-03T12:00:00Z');
    await closeDue(ctx);
    const issued = await Invoices.findOne({ accountId: account._id, period: toPeriod('2026-10') })
      .orFail()
      .lean();
    expect([String(issued.net), await Lines.countDocuments({ invoiceId: issued._id })]).toEqual(['15', 2]);
  });

  it('with --since are late costs too, while those of the last 24 months keep their own months', async () => {
    const account = await anAccount(ctx);
    const rows = [row('10', '2019-03-05', '2026-09-01'), row('1', '2024-10-05', '2026-09-01')];
    expect(await importRows(account, rows)).toMatchObject({ added: 1, rejected: 1 });
    expect(await importRows(account, rows, { since: new Date('2019-01-01') })).toMatchObject({ added: 1, repeated: 1 });
    expect(await Groups.findOne({ accountId: account._id }).lean()).toMatchObject({ nextPeriod: '2024-10' });
    expect(await Costs.find({ accountId: account._id }).sort({ begin: 1 }).lean()).toMatchObject([
      { period: '2024-10', late: true, ownPeriod: '2019-03' },
      { period: '2024-10' },
    ]);
    expect(await periodsOf(account)).not.toContain('2019-03');
  });

  it('can be replaced until they are invoiced', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10', '2019-03-05')]);
    expect(await importRows(account, [row('12', '2019-03-05')], { replace: true })).toMatchObject({ added: 1 });
    expect((await Groups.find({ accountId: account._id }).lean()).map((group) => group.nextPeriod)).toEqual([
      '2026-10',
    ]);
  });

  it('don’t depend on the order of the rows', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10', '2019-03-05')]);
    await importRows(account, [row('1', '2026-08-05')]);
    expect(await Groups.findOne({ accountId: account._id }).lean()).toMatchObject({ nextPeriod: '2026-08' });
    clock.set('2026-11-03T12:00:00Z');
    await closeDue(ctx);
    const issued = await Invoices.find({ accountId: account._id, state: { $ne: 'estimate' } })
      .sort({ period: 1 })
      .lean();
    expect(issued.map(({ period, net }) => `${period} ${net}`)).toEqual(['2026-08 1', '2026-09 0', '2026-10 10']);
  });
});
