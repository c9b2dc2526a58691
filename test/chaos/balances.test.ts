import { expect, it } from '@jest/globals';
import { closeDue, closeInvoice } from '../../src/services/invoicing/close.ts';
import { Credits } from '../../src/store/credits/credits.ts';
import { Events } from '../../src/store/events/events.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../support/children.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const NOW = '2026-11-02T12:00:00.000Z';
const ctx = contextAt(new TestClock(NOW));
/** Milliseconds after the start signal. A close takes about 100. */
const KILLED_AFTER = [10, 40, 70, 100, 140];

it('a close killed at any point and repeated keeps a negative total once', async () => {
  for (const delay of KILLED_AFTER) {
    const { account, group } = await groupWithCosts(ctx, [costRow('-60')]);
    const child = startChild('test/children/close.ts', [testDatabaseUri(), group._id, OCTOBER, NOW]);
    expect(await nextLine(child)).toBe('ready');
    child.process.stdin.write('go\n');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.process.kill('SIGKILL');
    await child.ended;

    await closeDue(ctx);
    await closeInvoice(ctx, group, OCTOBER);
    const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
    const code = `BALANCE-${invoice.number}`;
    expect(invoice).toMatchObject({ seq: 1, balance: { code } });
    const credits = await Credits.find({ billingGroupId: group._id }).lean();
    expect(credits.map((one) => [one.code, fromDecimal128(one.remaining).toFixed(2)])).toEqual([[code, '71.40']]);
    expect(await Events.countDocuments({ accountId: account._id, type: 'balance_kept' })).toBe(1);
  }
}, 120_000);
