import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { readFocus } from '../../../src/imports/focus/focus.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { type BatchRun, storeBatch } from '../../../src/services/costs/cost-batch.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { SeenRows } from '../../../src/services/costs/seen-rows.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { inChange } from '../../../src/services/kit/account-change.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { Costs, type LoadDoc, Loads } from '../../../src/store/costs/costs.ts';
import { touchLoad } from '../../../src/store/costs/loads.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { claimLease, freeLease, type Lease, Leases } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { rowsBetween } from '../../../src/store/moves/move-sums.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
/** How often the time zone changes while costs are imported. */
const ROUNDS = 10;
const OCTOBER = toPeriod('2026-10');

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);

function row(cost: string, begin = '2026-10-10 00:00:00'): string {
  return `b1,EUR,${cost},Usage,${begin},${begin},Compute,p1`;
}

const csv = (rows: readonly string[]) => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);

function load(account: AccountDoc, rows: readonly string[]) {
  const open = () => csv(rows);
  return importFocus(ctx, { accountId: account._id, fileName: 'costs.csv', replace: false, batchSize: 1, open });
}

async function net(account: AccountDoc): Promise<string> {
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  const result = await closeInvoice(ctx, group, OCTOBER);
  if (result.outcome !== 'issued') throw new Error(result.outcome);
  return fromDecimal128(result.invoice.net).toFixed(2);
}

async function claim(account: AccountDoc): Promise<Lease> {
  await Leases.updateOne({ _id: `import:${account._id}` }, { $set: { until: new Date(0) } });
  const lease = await claimLease(`import:${account._id}`, 60_000);
  if (!lease) throw new Error('not claimed');
  return lease;
}

/** Stores a row like an import that holds, or once held, this lease. */
async function storeRow(account: AccountDoc, lease: Lease, cost: string, replace: boolean): Promise<void> {
  const run: BatchRun = {
    accountId: account._id,
    lease,
    replace,
    projects: new Map(),
    issued: new Map(),
    seen: new SeenRows(),
  };
  for await (const found of readFocus(csv([row(cost)]))) {
    if (found.kind !== 'row') throw new Error(found.reason);
    await inChange(ctx, account._id, 'issue', (tx, { account: now }) => storeBatch(tx, run, now, [found]));
  }
}

function touched(load: LoadDoc, token: number): Promise<boolean> {
  return inTransaction(ctx, (tx) => touchLoad(tx, load, token, []));
}

describe('an import stalled within a batch', () => {
  it.each([false, true])('commits nothing once another has taken over (replace: %p)', async (replace) => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    const stalled = await claim(account);
    await storeRow(account, stalled, '100', replace);
    // the other removes what is staged, and stores its own
    await freeLease(await claim(account));
    await importFocus(ctx, {
      ...{ accountId: account._id, fileName: 'x.csv', replace: true, confirmation: 'given' },
      open: () => csv([row('5')]),
    });
    const late = storeRow(account, stalled, '7', replace);
    await expect(late).rejects.toMatchObject({ code: 'import_running' });
    expect(await net(account)).toBe('5.00');
  });

  it('can’t write a load that was dropped, or that a later import has written', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await load(account, [row('1')]);
    const active = await Loads.findOne({ accountId: account._id }).orFail().lean();
    const token = active.writer ?? 0;
    expect(await touched(active, token - 1)).toBe(false);
    expect(await touched(active, token)).toBe(true);
    await Loads.updateOne({ _id: active._id }, { $set: { state: 'dropped' } });
    expect(await touched(active, token + 1)).toBe(false);
    await Loads.deleteOne({ _id: active._id });
    expect(await touched(active, token + 1)).toBe(false);
  });
});

describe('records whose load is gone', () => {
  it('are not counted, and are deleted', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await load(account, [row('10')]);
    const { _id, ...record } = await Costs.findOne({ accountId: account._id }).orFail().lean();
    const orphan = { ...record, loadId: new mongoose.Types.ObjectId() };
    await Costs.create([orphan]);
    const project = await Projects.findOne({ accountId: account._id }).orFail().lean();
    const of = { accountId: account._id, projectIds: [project._id], period: OCTOBER, cuts: [] };
    expect((await rowsBetween(of)).map(({ amount }) => amount.toFixed(2))).toEqual(['10.00']);
    expect(await net(account)).toBe('10.00');
    // once a day
    await Leases.deleteOne({ _id: 'sweep-orphans' });
    await load(account, [row('10')]);
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(1);
  });
});

it(`costs are assigned by one time zone, whatever happens to the settings meanwhile (${ROUNDS} rounds)`, async () => {
  const found: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const account = await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' });
    // October in UTC, November in Auckland
    const imported = load(account, [row('1', '2026-10-31 20:00:00'), row('2', '2026-10-31 21:00:00')]);
    for (let turn = 0; turn < round % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    const changed = updateSettings(ctx, account._id, { settings: { timeZone: 'Pacific/Auckland' } }).then(
      () => true,
      (error: { code?: string }) => error.code !== 'time_zone_fixed' && Promise.reject(error),
    );
    await imported;
    const { timeZone } = await Accounts.findById(account._id).orFail().lean();
    expect(timeZone).toBe((await changed) ? 'Pacific/Auckland' : 'Etc/UTC');
    const periods = await Costs.distinct('period', { accountId: account._id });
    found.push(`${timeZone} ${periods.join()}`);
  }
  expect(found.filter((one) => one !== 'Etc/UTC 2026-10' && one !== 'Pacific/Auckland 2026-11')).toEqual([]);
});
