import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { checkBlocks } from '../../../src/slack/limits/check-view.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { importReportMessage } from '../../../views/costs/import-report.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T00:00:00Z'));
const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName';

function importRows(accountId: string, rows: readonly string[], replace = false): Promise<ImportReport> {
  const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
  return importFocus(ctx, { accountId, fileName: 'x.csv', replace, confirmation: 'given', batchSize: 2, open });
}

function row(cost: string, project: string, { month = '2026-10', currency = 'EUR', label = '' } = {}): string {
  return `b1,${currency},${month}-01,${cost},Usage,${month}-05,${month}-06,Compute,${project},${label}`;
}

it('says what the new rows of an import come to by month and payer, and names the new projects', async () => {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const blue = await createGroup(ctx, { accountId, name: 'Blue <b>' });
  await createProject(ctx, { accountId, name: 'known', billingGroupId: blue._id });
  const rows = [
    row('10.005', 'known'),
    row('2.5', 'fresh', { label: 'Shop & more' }),
    row('0.001', 'known', { month: '2026-09' }),
    row('7', 'other', { currency: 'USD' }),
    row('1', 'fresh'),
  ];
  const report = await importRows(accountId, rows);
  expect(report.summary).toMatchObject({
    months: [
      { billingMonth: '2026-09', currency: 'EUR', amount: '0.001' },
      { billingMonth: '2026-10', currency: 'EUR', amount: '13.505' },
      { billingMonth: '2026-10', currency: 'USD', amount: '7' },
    ],
    newProjects: ['Shop & more (fresh)', 'other'],
    newProjectCount: 2,
  });
  const message = importReportMessage(report);
  expect(checkBlocks('message', [...(message.blocks ?? [])])).toEqual([]);
  const said = JSON.stringify(message);
  expect(said).toContain(
    '*New costs by month*\\nSeptember 2026: EUR 0.00\\nOctober 2026: EUR 13.51\\nOctober 2026: USD 7.00',
  );
  expect(said).toContain('*2 new projects*\\nShop &amp; more (fresh)\\nother');
  expect(said).toContain('Blue &lt;b&gt;: EUR 10.01');
  const again = await importRows(accountId, rows);
  expect(again).toMatchObject({ added: 0, summary: { months: [], payers: [], newProjectCount: 0 } });
  expect(JSON.stringify(importReportMessage(again))).not.toContain('by billing group');
  const replaced = await importRows(accountId, [row('4', 'known')], true);
  expect(replaced.summary?.months).toEqual([{ billingMonth: '2026-10', currency: 'EUR', amount: '4' }]);
});
