import { beforeEach, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
const waitsFor = { period: OCTOBER } as const;

beforeEach(async () => {
  clock.set('2026-10-20T12:00:00Z');
  await Promise.all([Accounts, Groups, Invoices].map((model) => model.collection.deleteMany({})));
  await mongoose.connection.collection('loop_turns').deleteMany({});
});

/** Three accounts with costs. The invoice of the first in turn is held by another transaction. */
async function firstIsHeld(): Promise<{ others: string[]; letGo: () => Promise<void> }> {
  const ids: string[] = [];
  for (const cost of ['1', '2', '3']) ids.push((await groupWithCosts(ctx, [costRow(cost)])).account._id);
  const [first, ...others] = ids;
  const session = await mongoose.startSession();
  session.startTransaction();
  const of = { accountId: first, ...waitsFor };
  await Invoices.collection.updateOne(of, { $inc: { touches: 1 } }, { session });
  return {
    others,
    async letGo() {
      await session.abortTransaction();
      await session.endSession();
    },
  };
}

/** Resolves when a condition holds. Otherwise the test's own time limit ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

it('a close that is blocked in one account doesn’t delay other accounts', async () => {
  const { others, letGo } = await firstIsHeld();
  clock.set('2026-11-02T12:00:00Z');
  const closing = closeDue(ctx);
  const issued = { accountId: { $in: others }, ...waitsFor, issuedAt: { $exists: true } };
  await until(async () => (await Invoices.countDocuments(issued)) === others.length);
  await letGo();
  expect(await closing).toBe(3);
});

it('an estimate that is blocked in one account doesn’t delay other accounts', async () => {
  const { others, letGo } = await firstIsHeld();
  const refreshing = refreshEstimates(ctx);
  const computed = { accountId: { $in: others }, ...waitsFor, touchedAt: null };
  await until(async () => (await Invoices.countDocuments(computed)) === others.length);
  await letGo();
  expect(await refreshing).toBe(3);
});

it('a close checks only accounts in which something is due', async () => {
  await groupWithCosts(ctx, [costRow('1')]);
  await closeDue(ctx);
  expect(await mongoose.connection.collection('loop_turns').countDocuments({ _id: 'close-account' as never })).toBe(0);
  clock.set('2026-11-02T12:00:00Z');
  expect(await closeDue(ctx)).toBe(1);
});
