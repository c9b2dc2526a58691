import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, importCosts } from '../../support/invoices/closed.ts';
import { type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, clickFor, submitFor } = driving(() => product);
let product: Product;
let number = '';
let groupName = '';

beforeAll(async () => {
  product = await startProduct(clock);
  const accountId = await createAcme(ctx, { members: ['U0ADMIN'], timeZone: 'Etc/UTC' });
  await importCosts(ctx, accountId, [costRow('60')]);
  const group = await Groups.findOne({ accountId }).orFail().lean();
  await closeInvoice(ctx, group, toPeriod('2026-10'));
  await product.settle();
  groupName = group.name;
  number =
    (
      await Invoices.findOne({ accountId, number: { $exists: true } })
        .orFail()
        .lean()
    ).number ?? '';
});
afterAll(() => product.stop());

/** Everything that shows the invoice, as text. */
async function screens(): Promise<string[]> {
  const view = said(await open('U0ADMIN', `/billing invoice ${number}`, 'Total before tax'));
  const lists = [];
  for (const line of ['invoices', 'groups', 'aging']) lists.push(said(await ask('U0ADMIN', `/billing ${line}`)));
  const group = said(await open('U0ADMIN', `/billing group "${groupName}"`, 'Last invoice'));
  const listed = said(await clickFor('U0ADMIN', 'group.tab.invoices', 'Preview'));
  await as('U0ADMIN').openHome();
  await product.quiet();
  const home = await as('U0ADMIN').waitFor(() => as('U0ADMIN').home());
  return [view, ...lists, group, listed, JSON.stringify(home)];
}

it('a waived invoice shows no amount as open anywhere', async () => {
  clock.set('2026-12-20T12:00:00Z');
  const before = await screens();
  for (const screen of before) expect(screen).toMatch(/EUR 60\.00(?: open| · Amount due|.*overdue)/);
  await open('U0ADMIN', `/billing invoice ${number} waive`, 'can’t be undone');
  await submitFor('U0ADMIN', { reason: 'Goodwill' }, 'is waived');
  const [view = '', ...others] = await screens();
  expect(view).toContain('EUR 60.00 · Amount due before it was waived\\nEUR 0.00 · Left to pay');
  for (const screen of [view, ...others]) {
    expect(screen).not.toMatch(/EUR 60\.00 open|Still open|overdue|Record payment|\*Due\*|Amount due(?! before)/);
  }
});
