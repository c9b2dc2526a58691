import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { addDays } from '../../../src/billing/period/day.ts';
import { warnOfForecasts } from '../../../src/services/budgets/budget-forecasts.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Budgets } from '../../../src/store/groups/budgets.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-15T12:00:00Z');
const ctx = contextAt(clock);

/** An account whose project web costs 10 a day from August until yesterday. */
async function aGroup() {
  clock.set('2026-11-15T12:00:00Z');
  const accountId = (await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' }))._id;
  const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'Blue' });
  const { project } = await createProject(ctx, { accountId, name: 'web', billingGroupId });
  await Projects.updateOne({ _id: project._id }, { $set: { externalId: 'web', externalKey: 'web' } });
  const rows: string[] = [];
  for (let day = '2026-08-01'; day < '2026-11-15'; day = addDays(day, 1))
    rows.push(costRow('10.00', { project: 'web', day }));
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  return { accountId, billingGroupId, projectId: project._id };
}
const warnings = async (accountId: string) =>
  (await Events.find({ accountId, type: 'budget_forecast' }).sort({ _id: 1 }).lean()).map(
    ({ description }) => description,
  );

it('a budget that is going to be used up is announced once a month, by ten simultaneous checks', async () => {
  const { accountId, billingGroupId, projectId } = await aGroup();
  await setBudget(ctx, { accountId, billingGroupId, amount: '200' });
  await setBudget(ctx, { accountId, billingGroupId, projectId, amount: '250.50' });
  await Promise.allSettled(Array.from({ length: 10 }, () => warnOfForecasts(ctx)));
  await warnOfForecasts(ctx);
  clock.set('2026-11-16T12:00:00Z');
  await warnOfForecasts(ctx);
  expect((await warnings(accountId)).sort()).toEqual([
    'Billing group "Blue" is likely to use up its budget for November 2026 on 20 November 2026: about EUR 300.00 of EUR 200.00 by the end of the month',
    'Project web is likely to use up its budget for November 2026 on 26 November 2026: about EUR 300.00 of EUR 250.50 by the end of the month',
  ]);
});

it('a budget that is enough, used up already or in another currency isn’t', async () => {
  const { accountId, billingGroupId, projectId } = await aGroup();
  await setBudget(ctx, { accountId, billingGroupId, amount: '100' });
  await setBudget(ctx, { accountId, billingGroupId, projectId, amount: '300.01' });
  await warnOfForecasts(ctx);
  await Budgets.updateMany({ accountId }, { $set: { currency: 'USD' }, $unset: { forecast: '' } });
  await warnOfForecasts(ctx);
  expect(await warnings(accountId)).toEqual([]);
});

it('a changed budget is forecast again', async () => {
  const { accountId, billingGroupId } = await aGroup();
  const of = { accountId, billingGroupId };
  await setBudget(ctx, { ...of, amount: '400' });
  await warnOfForecasts(ctx);
  await setBudget(ctx, { ...of, amount: '200' });
  await warnOfForecasts(ctx);
  expect(await warnings(accountId)).toHaveLength(1);
});

it('a budget that can’t be forecast doesn’t keep another account’s from its warning', async () => {
  const [broken, sound] = [await aGroup(), await aGroup()];
  for (const { accountId, billingGroupId } of [broken, sound])
    await setBudget(ctx, { accountId, billingGroupId, amount: '200' });
  await Budgets.collection.updateMany({ accountId: broken.accountId }, { $set: { amount: null } });
  await expect(warnOfForecasts(ctx)).rejects.toThrow('1 item failed');
  expect(await warnings(sound.accountId)).toHaveLength(1);
  expect(await warnings(broken.accountId)).toEqual([]);
  await Budgets.deleteMany({ accountId: broken.accountId });
  await ItemFailures.deleteMany({ accountId: broken.accountId });
});
