import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, sum } from '../../src/billing/money/money.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Consumptions, Credits } from '../../src/store/credits/credits.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type Child, nextLine, startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { FOCUS_HEAD } from '../support/invoices/invoices.ts';

useDatabase(migrate);

/** Set CLOSE_KILLS=200 for the long run. The seed is printed and can be set. */
const KILLS = Number(process.env.CLOSE_KILLS ?? 9);
const SEED = Number(process.env.CLOSE_SEED ?? 7);
const PROCESSES = 3;
/** Enough to keep the processes busy until the last kill. */
const GROUPS = Math.max(12, KILLS);
const FIRST = '2026-01-10T00:00:00Z';
const NOW = '2026-12-05T12:00:00.000Z';
const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11'];
/** A kill comes within this many milliseconds of the work's start. */
const LONGEST_MS = 400;

it(`${KILLS} closes killed at random points, in ${PROCESSES} processes, issue each invoice once, without a gap`, async () => {
  const clock = new TestClock(FIRST);
  const account = await anAccount(contextAt(clock), { currency: 'EUR' });
  await aYearOfCosts(account._id, clock);
  const random = numbers(SEED);
  let left = KILLS;
  const lane = async () => {
    for (;;) {
      const child = startChild('test/children/close-all.ts', [testDatabaseUri(), NOW]);
      expect(await nextLine(child)).toBe('ready');
      child.process.stdin.write('go\n');
      if (left <= 0) return expectDone(child);
      left -= 1;
      await Promise.race([pause(random() % LONGEST_MS), child.ended]);
      child.process.kill('SIGKILL');
      await child.ended;
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, lane));

  const invoices = await Invoices.find({ accountId: account._id, state: { $ne: 'estimate' } }).lean();
  const groups = await Groups.find({ accountId: account._id }).lean();
  expect(new Set(invoices.map(({ billingGroupId, period }) => `${billingGroupId} ${period}`)).size).toBe(
    groups.length * MONTHS.length,
  );
  expect(invoices).toHaveLength(groups.length * MONTHS.length);
  expect(invoices.every(({ state, issuedAt }) => state !== 'draft' && issuedAt !== undefined)).toBe(true);
  const seqs = invoices.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
  expect(seqs).toEqual(invoices.map((_, at) => at + 1));
  expect(await Events.countDocuments({ accountId: account._id, type: 'invoice_issued' })).toBe(invoices.length);
  for (const { _id, net, lineCount } of invoices) {
    const totals = (await Lines.find({ invoiceId: _id }).lean()).map(({ total }) => fromDecimal128(total));
    expect(totals).toHaveLength(lineCount);
    expect(sum(totals).equals(fromDecimal128(net))).toBe(true);
  }
  for (const { _id, value, remaining } of await Credits.find({ accountId: account._id }).lean()) {
    const taken = (await Consumptions.find({ creditId: _id }).lean()).map(({ amount }) => fromDecimal128(amount));
    expect(sum(taken).plus(fromDecimal128(remaining)).equals(fromDecimal128(value))).toBe(true);
  }
  // one that was used completely, and one that wasn't
  expect(await Credits.countDocuments({ accountId: account._id, remaining: toDecimal128(new Decimal(0)) })).toBe(1);
}, 1_800_000);

async function expectDone(child: Child): Promise<void> {
  expect(await nextLine(child)).toBe('done');
  expect(await child.ended).toBe(0);
}

/** Groups with a project each, costs in every month, and two credits. */
async function aYearOfCosts(accountId: string, clock: TestClock): Promise<void> {
  const ctx = contextAt(clock);
  const rows: string[] = [];
  for (let at = 0; at < GROUPS; at++) {
    const group = await createGroup(ctx, { accountId, name: `Group ${at}` });
    const name = `p${at}`;
    await createProject(ctx, { accountId, name, billingGroupId: group._id });
    for (const month of MONTHS)
      rows.push(`b1,EUR,${at}.${month}5,Usage,2026-${month}-10,2026-${month}-11,Compute,${name},x`);
    if (at === 3 || at === 4) await aCredit(accountId, group._id, at === 3 ? '5' : '1000');
  }
  clock.set(NOW);
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
}

async function aCredit(accountId: string, billingGroupId: string, amount: string): Promise<void> {
  const value = toDecimal128(new Decimal(amount));
  await Credits.create([
    {
      _id: `crd_${billingGroupId}`,
      ...{ accountId, billingGroupId, campaignId: 'cam', codeId: `code ${billingGroupId}`, code: 'C', projectId: null },
      ...{ type: 'promotion' as const, currency: 'EUR', value, remaining: value, claimedBy: 'U1' },
      ...{ state: 'claimed' as const, claimedAt: new Date(FIRST), startTime: new Date(FIRST), expireTime: null },
    },
  ]);
}

/** Random numbers that are the same for the same seed. */
function numbers(seed: number): () => number {
  const all = fc.sample(fc.nat(), { seed, numRuns: KILLS + PROCESSES });
  let at = 0;
  return () => all[at++] ?? 0;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
