import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { closeDue, closeInvoice } from '../../src/services/invoicing/close.ts';
import { Consumptions, Credits } from '../../src/store/credits/credits.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOW = '2024-10-05T12:00:00.000Z';
const ctx = contextAt(new TestClock(NOW));
/** Milliseconds after the start signal. A close takes about 100. */
const KILLED_AFTER = [0, 5, 10, 20, 30, 45, 60, 80, 100, 130];

async function aGroupWithCredit(): Promise<{ accountId: string; groupId: string; creditId: string }> {
  const account = await anAccount(ctx);
  const head =
    'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
  const open = () => Readable.from([Buffer.from(`${head}\nb1,USD,70,Usage,2024-09-10,2024-09-11,S,p1\n`)]);
  await importFocus(ctx, { accountId: account._id, fileName: 'x.csv', replace: false, open });
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  const value = toDecimal128(new Decimal(100));
  const creditId = `crd_${account._id}`;
  await Credits.create([
    {
      _id: creditId,
      ...{ accountId: account._id, campaignId: 'cam', codeId: creditId, code: 'CODE', type: 'promotion' as const },
      ...{ currency: 'USD', value, remaining: value, billingGroupId: group._id, projectId: null, claimedBy: 'U1' },
      ...{ claimedAt: ctx.clock.now(), startTime: new Date(0), expireTime: null, state: 'claimed' as const },
    },
  ]);
  return { accountId: account._id, groupId: group._id, creditId };
}

it('a close killed at any point and repeated consumes a credit once and uses one number', async () => {
  const stages = new Set<string>();
  for (const delay of KILLED_AFTER) {
    const { accountId, groupId, creditId } = await aGroupWithCredit();
    const child = startChild('test/children/close.ts', [testDatabaseUri(), groupId, '2024-09', NOW]);
    expect(await nextLine(child)).toBe('ready');
    child.process.stdin.write('go\n');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.process.kill('SIGKILL');
    await child.ended;
    const left = await Invoices.findOne({ billingGroupId: groupId, period: toPeriod('2024-09') }).lean();
    stages.add(left?.state ?? 'none');

    await closeDue(ctx);
    await closeInvoice(ctx, { _id: groupId, accountId }, toPeriod('2024-09'));
    const invoice = await Invoices.findOne({ billingGroupId: groupId, period: toPeriod('2024-09') })
      .orFail()
      .lean();
    expect(invoice).toMatchObject({ seq: 1, state: 'no_payment_expected' });
    expect(fromDecimal128((await Credits.findById(creditId).orFail().lean()).remaining).toFixed()).toBe('30');
    expect(await Consumptions.countDocuments({ creditId })).toBe(1);
    expect(await Events.countDocuments({ accountId, type: 'credit_consumed' })).toBe(1);
    expect(await Events.countDocuments({ accountId, type: 'invoice_issued' })).toBe(1);
  }
  // some were killed before anything was stored
  expect(stages).toContain('estimate');
}, 180_000);
