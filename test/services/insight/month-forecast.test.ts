import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '../../../src/billing/period/day.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { forecastMonth } from '../../../src/services/insight/month-forecast.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-15T12:00:00Z');
const ctx = contextAt(clock);
let accountId = '';
const ids: Record<string, string> = {};

/** Project web costs 10.01 a day from August to 14 November, of which the last day is incomplete; api only one day. */
beforeAll(async () => {
  accountId = (await anAccount(ctx, { currency: 'EUR', timeZone: 'Europe/Berlin' }))._id;
  for (const name of ['Blue', 'Red']) ids[name] = (await createGroup(ctx, { accountId, name }))._id;
  for (const [name, group] of [
    ['web', 'Blue'],
    ['api', 'Red'],
  ] as const) {
    const { project } = await createProject(ctx, { accountId, name, billingGroupId: ids[group] ?? '' });
    ids[name] = project._id;
    await Projects.updateOne({ _id: project._id }, { $set: { externalId: name, externalKey: name } });
  }
  const rows: string[] = [];
  for (let day = '2026-08-01'; day < '2026-11-14'; day = addDays(day, 1)) {
    rows.push(costRow('10.01', { project: 'web', day }));
  }
  rows.push(costRow('1.00', { project: 'web', day: '2026-11-14' }));
  rows.push(costRow('31.00', { project: 'api', day: '2026-11-10', currency: 'USD' }));
  // billed in advance
  rows.push(costRow('99.00', { project: 'api', day: '2026-11-20', currency: 'USD' }));
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
});

const blue = () => ({ kind: 'group' as const, group: { _id: ids.Blue ?? '', name: 'Blue' } });
const texts = (figures: object) => JSON.parse(JSON.stringify(figures));

describe('the forecast of the open month', () => {
  it('adds what is expected to what there is, up to the last complete day', async () => {
    const { currencies, ...of } = await forecastMonth(ctx, accountId, blue());
    const until = { completeUntil: '2026-11-13', daysLeft: 17 };
    expect(of).toEqual({ subject: 'Blue', period: '2026-11', isPartial: false, ...until });
    expect(texts(currencies)).toEqual([
      {
        ...{ currency: 'EUR', method: 'model', soFar: '130.13', rest: '170.17', total: '300.3' },
        band: { low: '300.3', high: '300.3' },
        ...{ charges: [], lastMonth: '310.31', budget: null },
      },
    ]);
  });

  it('says when the budget is used up, or that it is enough', async () => {
    const set = (amount: string) =>
      setBudget(ctx, { accountId, billingGroupId: ids.Blue ?? '', amount, thresholds: [100] });
    const day = async () => (await forecastMonth(ctx, accountId, blue())).currencies[0]?.budget?.usedUpOn;
    await set('200.00');
    expect(await day()).toBe('2026-11-20');
    await set('400.00');
    expect(await day()).toBeNull();
    await set('100.00');
    expect(await day()).toBeNull();
  });

  it('of a project with few days is its pace', async () => {
    const project = { _id: ids.api ?? '', name: 'api', label: null };
    const { completeUntil, currencies } = await forecastMonth(ctx, accountId, { kind: 'project', project });
    // its source has delivered until the 14th, so that it has cost nothing after the 10th
    expect(completeUntil).toBe('2026-11-13');
    const pace = { method: 'pace', soFar: '31', rest: '131.75', total: '162.75', band: null };
    expect(texts(currencies)).toMatchObject([{ currency: 'USD', ...pace }]);
  });

  it('of a project that has ended is what it has cost, not what it used to cost', async () => {
    clock.set('2026-12-15T12:00:00Z');
    const project = { _id: ids.web ?? '', name: 'web', label: null };
    const rows = [costRow('1.00', { project: 'api', day: '2026-12-14' })];
    const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
    await importFocus(ctx, { accountId, fileName: 'december.csv', replace: false, open });
    const { completeUntil, currencies } = await forecastMonth(ctx, accountId, { kind: 'project', project });
    clock.set('2026-11-15T12:00:00Z');
    expect(completeUntil).toBe('2026-12-13');
    expect(texts(currencies)).toMatchObject([{ currency: 'EUR', method: 'model', soFar: '0', rest: '0', total: '0' }]);
  });

  it('of the account keeps currencies apart', async () => {
    const { currencies, subject } = await forecastMonth(ctx, accountId, { kind: 'account' });
    expect(subject).toBeNull();
    expect(currencies.map(({ currency, method }) => `${currency} ${method}`)).toEqual(['EUR model', 'USD pace']);
    for (const { soFar, rest, total } of currencies) expect(total).toEqual(soFar.plus(rest));
  });

  it('is empty without costs, and shown to nobody outside the account', async () => {
    const empty = (await createGroup(ctx, { accountId, name: 'Empty' }))._id;
    const group = { _id: empty, name: 'Empty' };
    expect(await forecastMonth(ctx, accountId, { kind: 'group', group })).toMatchObject({
      completeUntil: '2026-11-13',
      currencies: [],
    });
    const fresh = await anAccount(ctx, { currency: 'EUR', timeZone: 'Europe/Berlin' });
    expect(await forecastMonth(ctx, fresh._id, { kind: 'account' })).toMatchObject({
      ...{ completeUntil: null, currencies: [] },
    });
    const stranger = contextAt(clock, person('U0STRANGER'));
    await expect(forecastMonth(stranger, accountId, blue())).rejects.toMatchObject({ code: 'account_not_found' });
  });
});
