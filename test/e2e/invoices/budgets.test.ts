import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { Budgets } from '../../../src/store/groups/budgets.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, confirmFor } = driving(() => product);
let product: Product;
let accountId = '';
let group = { _id: '', name: '' };

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'], timeZone: 'Etc/UTC' });
  const rows = [FOCUS_HEAD, costRow('90', { project: '*p*' })];
  const file = () => Readable.from([Buffer.from(`${rows.join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  group = await Groups.findOne({ accountId }).orFail().lean();
  await product.settle();
});
afterAll(() => product.stop());

describe('budgets', () => {
  it('are set by command, notify when they are exceeded, and are shown in the group and on Home with permission to change them', async () => {
    expect(said(await ask('U0ADMIN', `/billing budget "${group.name}" 80`))).toContain('EUR 90.00 of EUR 80.00, 112%');
    await product.settle();
    await product.settle();
    const told = as('U0ADMIN')
      .messages(FINANCE)
      .filter((message) => said(message).includes('has passed 100% of its budget for October 2026'));
    expect(told).toHaveLength(1);
    const queries = new QueryCounter();
    for (const [user, shown] of [
      ['U0ADMIN', true],
      ['U0VIEWER', false],
    ] as const) {
      queries.take();
      await as(user).openHome();
      const view = await as(user).waitFor(() => as(user).home());
      expect(said(view).includes('is used up')).toBe(shown);
      const taken = queries.take();
      expect({ taken, few: taken.length <= 10 }).toEqual({ taken, few: true });
    }
    await as('U0ADMIN').click({ home: true, actionId: 'budget.form.open' });
    expect(said(await modalSaying('U0ADMIN', 'Warn at (percent)'))).toContain('80.00');
    await confirmFor('U0ADMIN', { amount: '1000' }, '*EUR 1,000.00* a month', 'EUR 90.00 of EUR 1,000.00, 9%');
    await open('U0VIEWER', `/billing group "${group.name}"`, 'EUR 90.00 of EUR 1,000.00, 9%');
  });

  it('are listed with their progress in words, and can be added, changed and removed there', async () => {
    await open('U0ADMIN', '/billing budget', '1 budget');
    await clickFor('U0ADMIN', 'budget.form.open', 'Warn at (percent)', JSON.stringify({ account: accountId }));
    await as('U0ADMIN').suggest({ actionId: 'budget.form.group' }, group.name.slice(0, 7));
    const project = await Projects.findOne({ accountId }).orFail().lean();
    await submitFor('U0ADMIN', { 'budget.form.group': group._id, amount: 'much' }, 'Enter an amount above 0');
    await submitFor('U0ADMIN', { amount: '100', thresholds: '0' }, 'Enter 1 to 5 whole numbers');
    await as('U0ADMIN').suggest({ actionId: 'budget.form.project' }, project.name);
    await confirmFor(
      'U0ADMIN',
      { 'budget.form.project': project._id, thresholds: '50 % 90 %' },
      'project ＊p＊ to *EUR 100.00* a month. Warnings will be sent at 50, 90%.',
      'EUR 90.00 of EUR 100.00, 90%',
    );
    await as('U0ADMIN').close();
    const list = said(await modalSaying('U0ADMIN', '2 budgets'));
    expect(list).toContain('█████████░ EUR 90.00 of EUR 100.00, 90% · warns at 50, 90%');
    expect(list).toContain('project ＊p＊');
    const value = JSON.stringify({ account: accountId, name: project._id });
    await clickFor('U0ADMIN', 'budget.remove', '1 budget', value);
    expect(await Budgets.countDocuments({ accountId })).toBe(1);
    const seen = said(await open('U0VIEWER', '/billing budget', '1 budget'));
    expect(seen).not.toContain('budget.remove');
    expect(seen).not.toContain('budget.form.open');
  });

  it.each([
    [`none`, 'Removed the budget'],
    [`-5`, 'Enter an amount above 0'],
    [`500 80,x`, 'whole numbers'],
  ])('are checked by command: %s', async (rest, words) => {
    expect(said(await ask('U0ADMIN', `/billing budget "${group.name}" ${rest}`))).toContain(words);
  });

  it('can’t be set by viewers, or for a group that doesn’t exist', async () => {
    expect(said(await ask('U0VIEWER', `/billing budget "${group.name}" 5`))).toContain('owner or billing admin');
    expect(said(await ask('U0VIEWER', `/billing budget "${group.name}" none`))).toContain('owner or billing admin');
    expect(said(await ask('U0ADMIN', '/billing budget "Nowhere" 5'))).toContain('Nowhere');
  });
});
