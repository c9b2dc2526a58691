import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { sum } from '../../../src/billing/money/money.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { costOverview } from '../../../src/services/costs/cost-overview.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { announceDigests } from '../../../src/services/notices/cost-digests.ts';
import { costDigest } from '../../../src/services/notices/digest-figures.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const WEEK = { rhythm: 'weekly', from: '2026-11-02', until: '2026-11-08' } as const;
const ALL = { groupIds: [], projectIds: [], madeBy: null };

/** Two groups: web is in A, api and data in B. */
async function world() {
  const clock = new TestClock('2026-11-10T12:00:00Z');
  const ctx = contextAt(clock);
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR', timeZone: 'UTC' });
  const a = (await createGroup(ctx, { accountId, name: 'A', isPrimary: true }))._id;
  const b = (await createGroup(ctx, { accountId, name: 'B' }))._id;
  const ids: Record<string, string> = {};
  for (const [name, billingGroupId] of [
    ['web', a],
    ['api', b],
    ['data', b],
  ] as const) {
    ids[name] = (await createProject(ctx, { accountId, name, billingGroupId })).project._id;
  }
  const rows = [
    costRow('10.005', { project: 'web', day: '2026-11-02' }),
    costRow('20.10', { project: 'api', day: '2026-11-08' }),
    costRow('5.00', { project: 'web', day: '2026-10-30' }),
    costRow('7.25', { project: 'data', day: '2026-10-26' }),
    // outside both weeks
    costRow('100.00', { project: 'web', day: '2026-11-09' }),
    costRow('100.00', { project: 'api', day: '2026-10-25' }),
  ];
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  await refreshEstimates(ctx);
  return { clock, ctx, accountId, a, b, ids };
}

describe('a weekly cost digest', () => {
  it('compares the week with the one before, by project and service, and adds up', async () => {
    const { ctx, accountId } = await world();
    const { figures } = await costDigest(ctx, accountId, ALL, WEEK);
    const [euro] = figures;
    expect(figures).toHaveLength(1);
    expect([euro?.now, euro?.before, euro?.change].map((one) => one?.toFixed())).toEqual(['30.11', '12.25', '17.86']);
    expect(euro?.projects.map(({ name, change }) => [name, change.toFixed()])).toEqual([
      ['api', '20.1'],
      ['data', '-7.25'],
      ['web', '5.01'],
    ]);
    for (const movers of [euro?.projects ?? [], euro?.services ?? []]) {
      expect(sum(movers.map(({ change }) => change)).toFixed()).toBe('17.86');
    }
  });

  it('covers only the groups, projects or led projects that it is about, with their budgets', async () => {
    const { ctx, accountId, a, b, ids } = await world();
    await setBudget(ctx, { accountId, billingGroupId: a, amount: '220.00' });
    await setBudget(ctx, { accountId, billingGroupId: b, amount: '1000.00' });
    const totals = async (cover: Parameters<typeof costDigest>[2]) => {
      const { figures, budgets } = await costDigest(ctx, accountId, cover, WEEK);
      return [...figures.map(({ now }) => now.toFixed()), ...budgets.map(({ name, percent }) => `${name} ${percent}`)];
    };
    expect(await totals(ALL)).toEqual(['30.11', 'billing group "A" 50', 'billing group "B" 2']);
    expect(await totals({ groupIds: [a], projectIds: [], madeBy: null })).toEqual(['10.01', 'billing group "A" 50']);
    expect(await totals({ groupIds: [b], projectIds: [ids.api ?? ''], madeBy: null })).toEqual([
      '20.1',
      'billing group "B" 2',
    ]);
    expect(await totals({ groupIds: [], projectIds: [], ledBy: 'U0LEAD', madeBy: null })).toEqual([]);
    const lead = { accountId, projectId: ids.api ?? '', users: ['U0LEAD'], userGroups: [] };
    await setProjectLeads(ctx, lead);
    expect(await totals({ groupIds: [], projectIds: [], ledBy: 'U0LEAD', madeBy: null })).toEqual(['20.1']);
  });
});

describe('a monthly cost digest', () => {
  it('shows the same total as the month’s costs', async () => {
    const { ctx, accountId, b } = await world();
    const month = { rhythm: 'monthly', from: '2026-11-01', until: '2026-11-30' } as const;
    const { figures } = await costDigest(ctx, accountId, ALL, month);
    const [overview] = (await costOverview(ctx, accountId)).totals;
    expect(figures[0]?.now.toFixed(2)).toBe(overview?.costs.toFixed(2));
    expect(figures[0]?.now.toFixed(2)).not.toBe('0.00');
    const ofB = await costDigest(ctx, accountId, { groupIds: [b], projectIds: [], madeBy: null }, month);
    const shares = (await costOverview(ctx, accountId)).byGroup;
    expect(ofB.figures[0]?.now.toFixed(2)).toBe(shares.find(({ name }) => name === 'B')?.amount.toFixed(2));
  });
});

describe('announcing digests', () => {
  const announced = async (accountId: string) =>
    (await Events.find({ accountId, type: 'cost_digest_due' }).sort({ _id: 1 }).lean()).map(({ after }) => after);

  it('writes one entry per account and span, however many processes do it and however often', async () => {
    const { clock, ctx, accountId } = await world();
    const digest = { channelId: 'C1', isPersonal: false, digest: 'weekly' } as const;
    await subscribe(ctx, accountId, digest);
    await subscribe(ctx, accountId, { ...digest, channelId: 'C2' });
    clock.set('2026-11-16T08:59:00Z');
    await announceDigests(ctx);
    clock.set('2026-11-16T09:00:00Z');
    await Promise.all([1, 2, 3].map(() => announceDigests(ctx)));
    await announceDigests(ctx);
    expect(await announced(accountId)).toMatchObject([
      { from: '2026-11-02' },
      { from: '2026-11-09', rhythm: 'weekly' },
    ]);
    // after an outage of weeks, only the latest
    clock.set('2026-12-09T09:00:00Z');
    await announceDigests(ctx);
    expect((await announced(accountId)).slice(2)).toMatchObject([{ from: '2026-11-30', until: '2026-12-06' }]);
  });

  it('writes none where nobody subscribed, and an account that fails stops no other', async () => {
    const [broken, fine, without] = [await world(), await world(), await world()];
    for (const { ctx, accountId } of [broken, fine]) {
      await subscribe(ctx, accountId, { channelId: 'C1', isPersonal: false, digest: 'monthly' });
    }
    await Accounts.updateOne({ _id: broken.accountId }, { $set: { timeZone: 'No/Where' } });
    fine.clock.set('2026-12-01T09:00:00Z');
    await expect(announceDigests(fine.ctx)).rejects.toThrow('1 item failed');
    expect(await announced(fine.accountId)).toMatchObject([{ rhythm: 'monthly', from: '2026-11-01' }]);
    expect(await announced(broken.accountId)).toEqual([]);
    expect(await announced(without.accountId)).toEqual([]);
    await Accounts.updateOne({ _id: broken.accountId }, { $set: { timeZone: 'UTC' } });
  });
});
