import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { numberEvents, verifyLog } from '../../src/services/events/event-log.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { Events } from '../../src/store/events/events.ts';
import { Memberships, Projects } from '../../src/store/groups/groups.ts';
import { type Decimal128, fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { expectNoLostSums, expectSumsOfRecords } from '../support/costs/sums.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

const SAMPLE = 'test/data/focus_sample_1000.csv';
const TRUTH = JSON.parse(readFileSync('test/data/focus_sample_1000.truth.json', 'utf8'));
const KILLS = 10;
/** An account whose holder was killed becomes free after this long. */
const LEASE_MS = 1_500;

useDatabase(migrate);

const ctx = contextAt(new TestClock('2024-10-05T12:00:00Z'));

function startImport(account: string) {
  const args = [SAMPLE, '--account', account, '--lease-ms', String(LEASE_MS), '--batch-size', '40'];
  return startChild('test/children/import.ts', args, { MONGODB_URI: testDatabaseUri() });
}

it('an import killed ten times at random points and restarted ends with the same totals', async () => {
  const account = await anAccount(ctx, { name: 'Killed' });
  const whole = startImport((await anAccount(ctx, { name: 'Whole' })).name);
  const began = process.hrtime.bigint();
  expect(await whole.ended).toBe(0);
  const wholeMs = Number(process.hrtime.bigint() - began) / 1e6;

  let killed = 0;
  for (let at = 0; at < KILLS; at++) {
    const child = startImport(account.name);
    // spread over the duration of a whole import, so that start-up, batches and the end are all hit
    const moment = ((at + Math.random()) / KILLS) * wholeMs;
    const timer = setTimeout(() => child.process.kill('SIGKILL'), moment);
    const end = await child.ended;
    clearTimeout(timer);
    if (end === 'SIGKILL') killed += 1;
    await expectSumsOfRecords(account._id);
  }
  expect(killed).toBeGreaterThan(0);
  const last = startImport(account.name);
  expect([await last.ended, last.errors()]).toEqual([0, expect.any(String)]);

  expect(await expectSumsOfRecords(account._id)).toMatchObject({ unsummed: 0 });
  await expectNoLostSums(account._id);
  const sums = await Costs.aggregate<{ _id: string; amount: Decimal128; records: number }>([
    { $match: { accountId: account._id } },
    { $group: { _id: '$projectId', amount: { $sum: '$amount' }, records: { $sum: 1 } } },
  ]);
  const projects = await Projects.find({ accountId: account._id }).lean();
  const byName = Object.fromEntries(
    sums.map(({ _id, amount, records }) => {
      const name = projects.find((project) => project._id === _id)?.externalId ?? _id;
      return [name, { sum: fromDecimal128(amount).toString(), rows: records }];
    }),
  );
  const truth = Object.entries(TRUTH.groups.SubAccountId as Record<string, { sum: string; rows: number }>);
  expect(byName).toEqual(Object.fromEntries(truth.map(([name, { sum, rows }]) => [name, { sum, rows }])));
  expect(await Memberships.countDocuments({ accountId: account._id, open: true })).toBe(73);
  expect(projects).toHaveLength(73);
  await numberEvents(ctx);
  const events = await Events.countDocuments({ accountId: account._id });
  expect(await verifyLog(ctx, account._id)).toMatchObject({ entries: events, brokenAt: undefined });
}, 300_000);
