import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, sum } from '../../src/billing/money/money.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { dropLeftovers } from '../../src/services/invoicing/lines/leftovers.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Consumptions, Credits } from '../../src/store/credits/credits.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { linesIn } from '../../src/store/invoicing/current-lines.ts';
import { linesOf } from '../../src/store/invoicing/invoice-lines.ts';
import { Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { LineLeftovers } from '../../src/store/invoicing/line-leftovers.ts';
import { fromDecimal128, toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { Reader } from '../support/api/reader.ts';
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

const HOUR_MS = 3_600_000;
const READ_EVERY_MS = 500;
let api: RunningApi;

beforeAll(async () => {
  api = await startApi(new TestClock(NOW));
});
afterAll(() => api.stop());

it(`${KILLS} closes killed at random points, in ${PROCESSES} processes, issue each invoice once, without a gap, and a reader of changes gets them all`, async () => {
  const clock = new TestClock(FIRST);
  const account = await anAccount(contextAt(clock), { currency: 'EUR' });
  await aYearOfCosts(account._id, clock);
  const token = await tokenFor(clock, account._id, { scope: 'billing:read' });
  const reader = await aReader(token);
  const random = numbers(SEED);
  let left = KILLS;
  const lane = async (at: number) => {
    for (;;) {
      // one of them writes lines before their invoices have them
      const child = startChild('test/children/close-all.ts', [testDatabaseUri(), NOW, at === 0 ? 'large' : 'small']);
      expect(await nextLine(child)).toBe('ready');
      child.process.stdin.write('go\n');
      if (left <= 0) return expectDone(child);
      left -= 1;
      await Promise.race([pause(random() % LONGEST_MS), child.ended]);
      child.process.kill('SIGKILL');
      await child.ended;
    }
  };
  let isClosing = true;
  const closing = Promise.all(Array.from({ length: PROCESSES }, (_, at) => lane(at))).finally(() => {
    isClosing = false;
  });
  while (isClosing) {
    await reader.read(500);
    await pause(READ_EVERY_MS);
  }
  await closing;

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
  for (const invoice of invoices) {
    const { net, lineCount } = invoice;
    const totals = (await linesOf(linesIn(invoice))).map(({ total }) => fromDecimal128(total));
    expect(totals).toHaveLength(lineCount);
    expect(sum(totals).equals(fromDecimal128(net))).toBe(true);
  }
  // what killed processes wrote for nothing is deleted, and so is what was replaced
  clock.set('2026-12-05T13:00:00Z');
  await dropLeftovers(contextAt(clock));
  expect(await LineLeftovers.countDocuments({ begun: { $exists: true } })).toBe(0);
  expect(await Lines.countDocuments()).toBe(sum(invoices.map(({ lineCount }) => new Decimal(lineCount))).toNumber());
  for (const { _id, value, remaining } of await Credits.find({ accountId: account._id }).lean()) {
    const taken = (await Consumptions.find({ creditId: _id }).lean()).map(({ amount }) => fromDecimal128(amount));
    expect(sum(taken).plus(fromDecimal128(remaining)).equals(fromDecimal128(value))).toBe(true);
  }
  await numberEvents(contextAt(clock));
  await reader.read(500);
  const whole = await aReader(token);
  expect(reader.has()).toEqual(whole.has());
  // one that was used completely, and one that wasn't
  expect(await Credits.countDocuments({ accountId: account._id, remaining: toDecimal128(new Decimal(0)) })).toBe(1);
}, 1_800_000);

/** A BI tool that has read everything, and gets only what changes from now on. */
async function aReader(token: string): Promise<Reader> {
  const reader = new Reader((path) => api.ask('GET', path, { token }));
  await reader.read(1_000);
  await Invoices.collection.updateMany({}, { $set: { changedAt: new Date(Date.now() - HOUR_MS) } });
  return reader;
}

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
