import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period/period.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOW = '2024-10-05T12:00:00.000Z';
const ctx = contextAt(new TestClock(NOW));

function rows(count: number): Readable {
  const head =
    'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
  const lines = Array.from(
    { length: count },
    (_, at) => `b1,USD,0.${at + 1},Usage,2024-09-10,2024-09-11,S${at % 5},p1`,
  );
  return Readable.from([Buffer.from(`${[head, ...lines].join('\n')}\n`)]);
}

it('six simultaneous closes of one group and period in three processes issue one invoice with one number and no gap', async () => {
  const account = await anAccount(ctx);
  await importFocus(ctx, { accountId: account._id, fileName: 'x.csv', replace: false, open: () => rows(200) });
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  const children = [1, 2, 3].map(() =>
    startChild('test/children/close.ts', [testDatabaseUri(), group._id, '2024-09', NOW]),
  );
  for (const child of children) expect(await nextLine(child)).toBe('ready');
  for (const child of children) child.process.stdin.write('go\n');
  const outcomes: string[] = [];
  for (const child of children) outcomes.push(...JSON.parse(await nextLine(child)));
  for (const child of children) expect(await child.ended).toBe(0);

  expect(outcomes.filter((outcome) => outcome === 'issued')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'was_issued')).toHaveLength(5);
  const invoices = await Invoices.find({ billingGroupId: group._id, period: toPeriod('2024-09') }).lean();
  expect(invoices).toHaveLength(1);
  expect(invoices[0]).toMatchObject({ seq: 1, state: 'mailed', lineCount: 5, recordCount: 200 });
  expect(await Lines.countDocuments({ invoiceId: String(invoices[0]?._id) })).toBe(5);
  expect(await Events.countDocuments({ accountId: account._id, type: 'invoice_issued' })).toBe(1);

  // the next invoice takes the next number
  const other = await createGroup(contextAt(new TestClock('2024-09-20T00:00:00Z')), {
    accountId: account._id,
    name: 'Other',
  });
  expect(await closeInvoice(ctx, other, toPeriod('2024-09'))).toMatchObject({
    outcome: 'issued',
    invoice: { seq: 2 },
  });
}, 120_000);
