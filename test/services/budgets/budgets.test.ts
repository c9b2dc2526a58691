import { describe, expect, it } from '@jest/globals';
import { checkBudgets } from '../../../src/services/budgets/budget-checks.ts';
import { listBudgets, removeBudget, setBudget, usedUpBudgets } from '../../../src/services/budgets/budgets.ts';
import { groupSummary } from '../../../src/services/groups/group-lists.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Budgets } from '../../../src/store/groups/budgets.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);

/** A group that has spent EUR 90.00 this month, 60.00 of it in one project. */
async function aGroup() {
  const { account, group } = await groupWithCosts(ctx, [costRow('60'), costRow('30', { project: 'p2' })]);
  await refreshEstimates(ctx);
  return { accountId: account._id, billingGroupId: group._id };
}
const told = async (accountId: string) =>
  (await Events.find({ accountId, type: 'budget_passed' }).sort({ _id: 1 }).lean()).map(
    ({ description }) => description,
  );

type Of = Awaited<ReturnType<typeof aGroup>>;

/** Damages a stored field, as a change by hand could. */
const spoil = (of: typeof Budgets.collection, filter: Record<string, unknown>, field: string) =>
  of.updateOne(filter, { $set: { [field]: null } });
/** Removes a damaged account’s budgets, so that other tests don’t check them. */
async function spoilt({ accountId }: Of): Promise<void> {
  await Budgets.deleteMany({ accountId });
  await ItemFailures.deleteMany({ accountId });
}

describe('a budget', () => {
  it('that is exceeded is reported once by ten simultaneous checks, with only the highest threshold', async () => {
    const of = await aGroup();
    await setBudget(ctx, { ...of, amount: '100' });
    await Promise.all(Array.from({ length: 10 }, () => checkBudgets(ctx)));
    expect(await told(of.accountId)).toEqual([
      'Billing group "Default billing group for project p1" has passed 80% of its budget for October 2026: EUR 90.00 of EUR 100.00',
    ]);
    expect(await usedUpBudgets(ctx, of.accountId)).toEqual([]);
    // a lower one is exceeded again
    await setBudget(ctx, { ...of, amount: '50' });
    await checkBudgets(ctx);
    expect((await told(of.accountId))[1]).toContain(
      'has passed 100% of its budget for October 2026: EUR 90.00 of EUR 50.00',
    );
    expect(await usedUpBudgets(ctx, of.accountId)).toMatchObject([{ percent: 180, spent: '90', amount: '50' }]);
    expect(await usedUpBudgets(contextAt(clock, person('U_OWNER')), of.accountId)).toHaveLength(1);
  });

  it('for a project counts its own lines, wherever it is', async () => {
    const of = await aGroup();
    const project = await Projects.findOne({ accountId: of.accountId, name: 'p1' }).orFail().lean();
    const set = await setBudget(ctx, { ...of, projectId: project._id, amount: '100', thresholds: [60] });
    expect(set).toMatchObject({ name: 'project p1', percent: 60 });
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toEqual([
      'Project p1 has passed 60% of its budget for October 2026: EUR 60.00 of EUR 100.00',
    ]);
  });

  it.each([
    ['its group’s estimate', (of: Of) => Invoices.collection.updateOne(of, { $set: { 'breakdown.costs': 'damaged' } })],
    ['its own amount', ({ billingGroupId }: Of) => spoil(Budgets.collection, { _id: billingGroupId }, 'amount')],
    ['its thresholds', ({ billingGroupId }: Of) => spoil(Budgets.collection, { _id: billingGroupId }, 'thresholds')],
  ])('that can’t be counted doesn’t stop the others of its account: %s is damaged', async (_what, damage) => {
    const of = await aGroup();
    const project = await Projects.findOne({ accountId: of.accountId, name: 'p1' }).orFail().lean();
    await setBudget(ctx, { ...of, amount: '100' });
    await setBudget(ctx, { ...of, projectId: project._id, amount: '50' });
    await damage(of);
    for (const minute of ['00', '01', '02', '05', '10']) {
      clock.set(`2026-10-20T12:${minute}:00Z`);
      await expect(checkBudgets(ctx)).rejects.toThrow('1 item failed');
    }
    expect(await told(of.accountId)).toEqual([
      'Project p1 has passed 100% of its budget for October 2026: EUR 60.00 of EUR 50.00',
    ]);
    expect(await usedUpBudgets(ctx, of.accountId)).toMatchObject([{ name: 'project p1', percent: 120 }]);
    const failures = await ItemFailures.find({ accountId: of.accountId }).lean();
    expect(failures).toMatchObject([{ kind: 'budget', item: of.billingGroupId }]);
    expect(await Events.countDocuments({ accountId: of.accountId, type: 'background_task_failed' })).toBe(1);
    clock.set('2026-10-20T12:00:00Z');
    await spoilt(of);
  });

  it('exists once per group, has no event without a change, and can be removed', async () => {
    const of = await aGroup();
    await Promise.all(Array.from({ length: 5 }, () => setBudget(ctx, { ...of, amount: '100' })));
    expect(await Events.countDocuments({ accountId: of.accountId, type: 'budget_set' })).toBe(1);
    expect((await listBudgets(ctx, of.accountId, { page: 1, size: 10 })).total).toBe(1);
    await removeBudget(ctx, of.accountId, of.billingGroupId);
    await removeBudget(ctx, of.accountId, of.billingGroupId);
    expect(await Events.countDocuments({ accountId: of.accountId, type: 'budget_removed' })).toBe(1);
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toEqual([]);
  });

  it('is counted again in the next month', async () => {
    const of = await aGroup();
    await setBudget(ctx, { ...of, amount: '80' });
    await checkBudgets(ctx);
    clock.set('2026-11-02T12:00:00Z');
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toHaveLength(1);
    expect((await listBudgets(ctx, of.accountId, { page: 1, size: 10 })).items).toMatchObject([{ percent: 0 }]);
    clock.set('2026-10-20T12:00:00Z');
  });

  it('counts a commitment once the month is closed, and notifies once', async () => {
    const of = await aGroup();
    await createAdjustment(ctx, { ...of, kind: 'commitment', description: 'Plan', amount: '400' });
    await setBudget(ctx, { ...of, amount: '200', thresholds: [40, 100, 150] });
    await refreshEstimates(ctx);
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toEqual([
      'Billing group "Default billing group for project p1" has passed 40% of its budget for October 2026: EUR 90.00 of EUR 200.00',
    ]);
    clock.set('2026-11-02T12:00:00Z');
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toHaveLength(1);
    await closeInvoice(ctx, { _id: of.billingGroupId, accountId: of.accountId }, OCTOBER);
    await Promise.all([checkBudgets(ctx), checkBudgets(ctx), checkBudgets(ctx)]);
    expect((await told(of.accountId)).slice(1)).toEqual([
      'Billing group "Default billing group for project p1" has passed 150% of its budget for October 2026, at the close of the month: EUR 400.00 of EUR 200.00',
    ]);
    // one that is set later says nothing about a past month
    await setBudget(ctx, { ...of, amount: '10' });
    await checkBudgets(ctx);
    expect(await told(of.accountId)).toHaveLength(2);
    clock.set('2026-10-20T12:00:00Z');
  });

  it('for a group counts the same as for its projects: before credits and tax, after discounts', async () => {
    const of = await aGroup();
    await createAdjustment(ctx, { ...of, kind: 'discount', description: 'Partner', percentage: '10' });
    await creditFor({ _id: of.billingGroupId, accountId: of.accountId }, '70', { type: 'promotion' });
    await refreshEstimates(ctx);
    const projects = await Projects.find({ accountId: of.accountId }).sort({ name: 1 }).lean();
    const ids = [undefined, ...projects.map(({ _id }) => _id)];
    const spent: string[] = [];
    for (const projectId of ids)
      spent.push((await setBudget(ctx, { ...of, projectId, amount: '100' })).spent.toFixed(2));
    expect(spent).toEqual(['81.00', '54.00', '27.00']);
    expect((await groupSummary(ctx, of.accountId, of.billingGroupId)).budgetSpent.toFixed(2)).toBe('81.00');
  });

  it.each([
    [{ amount: '0' }, { amount: 'Enter an amount above 0, with at most 2 decimals.' }],
    [{ amount: '1.001' }, { amount: 'Enter an amount above 0, with at most 2 decimals.' }],
    [{ thresholds: [0] }, { thresholds: 'Enter 1 to 5 whole numbers from 1 to 1000, such as 50, 80, 100.' }],
  ])('with %j is refused at the field', async (wrong, fields) => {
    const of = await aGroup();
    await expect(setBudget(ctx, { ...of, amount: '1', ...wrong })).rejects.toMatchObject({ data: { fields } });
  });

  it('for a project that isn’t in the group is refused at the field', async () => {
    const of = await aGroup();
    await expect(setBudget(ctx, { ...of, amount: '1', projectId: 'prj_of_nobody' })).rejects.toMatchObject({
      ...{ code: 'project_not_found', data: { group: 'Default billing group for project p1' }, fields: ['project'] },
    });
  });
});
