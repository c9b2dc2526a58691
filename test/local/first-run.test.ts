import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { formatMoney } from '../../src/billing/money/money.ts';
import { LocalClock } from '../../src/local/clock.ts';
import { isEmpty, makeSample } from '../../src/local/first-run.ts';
import { PEOPLE, TEAM } from '../../src/local/seed.ts';
import { accountsOf, currentAccount } from '../../src/services/accounts/accounts.ts';
import { listCredits } from '../../src/services/credits/credits.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { movesOf } from '../../src/services/moves/move-read.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups, Memberships } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

const UNTIL = new Date('2026-10-20T12:00:00Z');
const clock = new LocalClock(path.join(mkdtempSync(path.join(tmpdir(), 'sample-')), 'clock.json'), () =>
  UNTIL.getTime(),
);
const ctx = contextAt(clock);
const steps: string[] = [];

useDatabase(migrate);
beforeAll(async () => {
  expect(await isEmpty()).toBe(true);
  await makeSample(ctx, clock, { until: UNTIL, monthsBefore: 2, onProgress: (line) => steps.push(line) });
  await numberEvents(ctx);
}, 120_000);

describe('the first run of local mode', () => {
  it('creates three accounts, and everybody starts in the first', async () => {
    expect(await isEmpty()).toBe(false);
    const accounts = await Accounts.find().sort({ createdAt: 1 }).lean();
    expect(accounts.map(({ name, timeZone }) => `${name} ${timeZone}`).sort()).toEqual([
      'Acme Asia Asia/Tokyo',
      'Acme Etc/UTC',
      'Acme Labs Europe/Berlin',
    ]);
    for (const { id, role } of Object.values(PEOPLE)) {
      expect(await currentAccount(TEAM.id, id)).toMatchObject({ role, account: { name: 'Acme' } });
    }
    expect(await accountsOf(TEAM.id, PEOPLE.owner.id)).toHaveLength(3);
  });

  it('spreads the projects over groups for dev, test and prod', async () => {
    for (const account of await Accounts.find().lean()) {
      const groups = await Groups.find({ accountId: account._id }).lean();
      expect(groups.map((group) => group.environment).sort()).toEqual(['dev', 'prod', 'test']);
      for (const { _id } of groups) {
        expect(await Memberships.countDocuments({ billingGroupId: _id, to: null })).toBeGreaterThanOrEqual(7);
      }
    }
  });

  it('has an invoice for each group and past month, issued on time, with realistic amounts', async () => {
    const issued = await Invoices.find({ number: { $type: 'string' } }).lean();
    expect(issued).toHaveLength(3 * 3 * 2);
    for (const invoice of issued) {
      const days = ((invoice.issuedAt?.getTime() ?? 0) - invoice.periodEnd.getTime()) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(1);
      expect(days).toBeLessThan(2.5);
    }
    const acme = await Accounts.findOne({ name: 'Acme' }).orFail().lean();
    const production = await Groups.findOne({ accountId: acme._id, environment: 'prod' }).orFail().lean();
    const ofProduction = issued.filter((invoice) => invoice.billingGroupId === production._id);
    const september = ofProduction.find((invoice) => invoice.period === '2026-09');
    // 412.5 × 0.88 times the file's costs of that group's projects
    if (!september) throw new Error('no invoice');
    expect(formatMoney(fromDecimal128(september.net), 'USD')).toMatch(/^USD 5,\d{3}\.\d\d$/);
  });

  it('has paid invoices, open ones from the last month, and an overdue one', async () => {
    const issued = await Invoices.find({ number: { $type: 'string' } }).lean();
    const open = issued.filter(({ state }) => state === 'mailed');
    expect(issued.filter(({ state }) => state === 'paid')).toHaveLength(issued.length - open.length);
    const overdue = open.filter(({ dueAt }) => dueAt !== undefined && dueAt < UNTIL);
    const acme = await Accounts.findOne({ name: 'Acme' }).orFail().lean();
    const earlier = overdue.filter(({ period }) => period === '2026-08');
    expect(earlier.map(({ accountId }) => accountId)).toEqual([acme._id]);
    expect(open.filter(({ period }) => period === '2026-09')).toHaveLength(9);
  });

  it('has credits for production', async () => {
    const acme = await Accounts.findOne({ name: 'Acme' }).orFail().lean();
    const production = await Groups.findOne({ accountId: acme._id, environment: 'prod' }).orFail().lean();
    const { items } = await listCredits(ctx, acme._id, { page: 1, size: 10, billingGroupId: production._id });
    expect(items.map(({ code, value }) => `${code} ${value.toFixed(2)}`).sort()).toEqual([
      'SORRY-150 150.00',
      'WELCOME-400 400.00',
    ]);
  });

  it('has an invoice that is overdue, and a pending move', async () => {
    expect(await Invoices.countDocuments({ state: 'mailed', dueAt: { $lt: UNTIL } })).toBeGreaterThan(0);
    const acme = await Accounts.findOne({ name: 'Acme' }).orFail().lean();
    const person = { kind: 'person', teamId: TEAM.id, userId: PEOPLE.approver.id } as const;
    const { waiting: moves } = await movesOf({ ...ctx, actor: person }, acme._id);
    expect(moves).toHaveLength(1);
    expect(moves[0]).toMatchObject({ reason: 'Went live this month' });
  });

  it('has a log in chronological order, and a clock at the machine’s time', async () => {
    expect(clock.aheadMs).toBe(0);
    const accounts = await Accounts.find().lean();
    for (const { _id } of accounts) {
      const times = (await Events.find({ accountId: _id }).sort({ logEntryId: 1 }).lean()).map((it) => it.createTime);
      expect(times.length).toBeGreaterThan(50);
      expect(times.toSorted((a, b) => a.getTime() - b.getTime())).toEqual(times);
      expect(times[0]?.toISOString().slice(0, 10)).toBe('2026-08-01');
    }
    expect(steps).toContain('Creating sample costs: September 2026 …');
  });
});
