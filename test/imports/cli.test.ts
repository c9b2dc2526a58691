import { expect, it } from '@jest/globals';
import { Costs, Loads } from '../../src/store/costs/costs.ts';
import { countingRecords } from '../../src/store/costs/loads.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

const FILES = 'test/data/cost-files';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T12:00:00Z'));

it('several files, a replacement that needs confirmation, and its reversal', async () => {
  const account = await anAccount(ctx, { currency: 'EUR' });
  const run = async (...args: string[]) => {
    const child = startChild('test/children/import.ts', [...args, '--account', account.name], {
      MONGODB_URI: testDatabaseUri(),
    });
    return [await child.ended, child.errors()];
  };
  const sum = async () => {
    const records = await Costs.find({ accountId: account._id, ...(await countingRecords(account._id)) }).lean();
    return records.reduce((total, { amount }) => fromDecimal128(amount).plus(total).toFixed(), '0');
  };
  // two parts, though they are the same file
  const whole = `${FILES}/cut-off-1.csv`;
  expect(await run(whole, whole)).toEqual([0, '']);
  expect(await sum()).toBe('200');
  const [end, errors] = await run(`${FILES}/cut-off-2.csv`, '--replace');
  expect([end, errors]).toEqual([1, expect.stringContaining('Nothing was replaced')]);
  expect(await sum()).toBe('200');
  expect(await run(whole, '--replace', '--confirm')).toEqual([0, '']);
  expect(await sum()).toBe('100');
  const { replacedBy } = await lastReplaced(account._id);
  expect(await run('--undo', replacedBy ?? '')).toEqual([0, '']);
  expect(await sum()).toBe('200');
}, 120_000);

async function lastReplaced(accountId: string) {
  return Loads.findOne({ accountId, state: 'replaced' }).orFail().lean();
}
