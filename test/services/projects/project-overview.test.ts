import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { sum } from '../../../src/billing/money/money.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { costOverview } from '../../../src/services/costs/cost-overview.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { listSubscriptions, subscribe } from '../../../src/services/notices/subscriptions.ts';
import { findMeantProject, similarProject } from '../../../src/services/projects/project-names.ts';
import { getProject, projectOverview } from '../../../src/services/projects/project-overview.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName,Tags';

function row(cost: string, service: string, day: string, tags = ''): string {
  return `b1,EUR,${cost},Usage,${day},${day},${service},1234,Web shop,"${tags.replaceAll('"', '""')}"`;
}

/** An account whose project 1234, labeled Web shop, has these costs. */
async function withCosts(rows: readonly string[]) {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  await refreshEstimates(ctx);
  const { project } = await findMeantProject(ctx, accountId, ['Web shop']);
  if (!project) throw new Error('no project');
  return { accountId, project };
}

describe('a project', () => {
  it('is shown with its costs of two months, of which the largest services are named, and their tags', async () => {
    const rows = [
      ...Array.from({ length: 12 }, (_, at) => row(`${20 - at}.00`, `Service ${at + 1}`, '2026-11-05')),
      row('7.50', 'Service 2', '2026-10-05', '{"env": "prod", "team": "blue"}'),
      row('2.25', 'Service 12', '2026-10-06', '{"env": "test"}'),
    ];
    const { accountId, project } = await withCosts(rows);
    const shown = await projectOverview(ctx, project);
    const [costs] = shown.costs;
    expect(shown).toMatchObject({ name: '1234', label: 'Web shop', pendingMove: null, mayMove: true });
    expect(costs?.services.map(({ name, thisMonth }) => [name, thisMonth.toFixed(2)])).toEqual([
      ...Array.from({ length: 10 }, (_, at) => [`Service ${at + 1}`, `${20 - at}.00`]),
      [null, '19.00'],
    ]);
    expect(costs?.services.at(-1)?.lastMonth.toFixed(2)).toBe('2.25');
    expect([costs?.thisMonth.toFixed(2), costs?.lastMonth.toFixed(2)]).toEqual(['174.00', '9.75']);
    for (const month of ['thisMonth', 'lastMonth'] as const) {
      const added = sum((costs?.services ?? []).map((one) => one[month]));
      expect(added.toFixed(2)).toBe(costs?.[month].toFixed(2));
      const [all] = (await costOverview(ctx, accountId, shown[month])).totals;
      expect(all?.costs.toFixed(2)).toBe(added.toFixed(2));
    }
    expect(shown.tags).toEqual([
      { key: 'env', value: 'prod' },
      { key: 'env', value: 'test' },
      { key: 'team', value: 'blue' },
    ]);
  });

  it('without costs is shown with zero in its group’s currency', async () => {
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
    const { project } = await createProject(ctx, { accountId, name: 'new' });
    const shown = await projectOverview(ctx, project);
    expect(shown.costs).toMatchObject([{ currency: 'EUR', services: [] }]);
    expect(shown.tags).toEqual([]);
  });

  it('is found by name, label or ID, else the nearest is named', async () => {
    const { accountId, project } = await withCosts([row('1', 'Compute', '2026-11-05')]);
    for (const typed of ['1234', 'Web shop']) {
      expect(await findMeantProject(ctx, accountId, [typed])).toMatchObject({ project: { _id: project._id } });
    }
    const nearest = { _id: project._id, label: 'Web shop' };
    expect(await findMeantProject(ctx, accountId, ['web shp'])).toMatchObject({ project: null, nearest });
    expect(await findMeantProject(ctx, accountId, ['nothing like it'])).toEqual({ project: null, nearest: null });
  });

  it('is called by its label in budgets, subscriptions and the changes of a replacement', async () => {
    const { accountId, project } = await withCosts([row('1.00', 'Compute', '2026-11-05')]);
    const { group } = await projectOverview(ctx, project);
    const budget = { accountId, billingGroupId: group.id, projectId: project._id, amount: '9' };
    expect(await setBudget(ctx, budget)).toMatchObject({ name: 'project Web shop (1234)' });
    await subscribe(ctx, accountId, { channelId: 'C1', isPersonal: false, projectIds: [project._id] });
    expect(await listSubscriptions(ctx, accountId)).toMatchObject([{ about: ['Web shop (1234)'] }]);
    const open = () => Readable.from([Buffer.from(`${HEAD}\n${row('2.00', 'Compute', '2026-11-05')}\n`)]);
    const { changes } = await importFocus(ctx, { accountId, fileName: 'x.csv', replace: true, open });
    expect(changes).toEqual(['Web shop (1234): EUR 1.00 (1 record) became EUR 2.00 (1 record)']);
  });

  it('is shown to members of its account alone', async () => {
    const { accountId, project } = await withCosts([row('1', 'Compute', '2026-11-05')]);
    const stranger = contextAt(clock, person('U_STRANGER'));
    await expect(projectOverview(stranger, project)).rejects.toMatchObject({ code: 'account_not_found' });
    await expect(findMeantProject(stranger, accountId, ['1234'])).rejects.toMatchObject({ code: 'account_not_found' });
    const other = await anAccount(ctx);
    await expect(getProject(ctx, other._id, project._id)).rejects.toMatchObject({ code: 'project_not_found' });
  });
});

describe('a new name', () => {
  it('is held against the names and labels that there are', async () => {
    const { accountId, project } = await withCosts([row('1', 'Compute', '2026-11-05')]);
    const similar = (name: string) => similarProject(ctx, accountId, name);
    expect(await similar('web-shp')).toBeNull();
    expect(await similar('Web-Shop')).toMatchObject({ _id: project._id });
    expect(await similar('12345')).toMatchObject({ _id: project._id });
    expect(await similar('1234')).toBeNull();
    await expect(similar(' ')).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(similarProject(contextAt(clock, person('U_STRANGER')), accountId, 'web-shop')).rejects.toMatchObject({
      code: 'account_not_found',
    });
  });
});
