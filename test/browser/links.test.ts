import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period/period.ts';
import { BOT_USER_ID } from '../../src/local/workspace/index.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, importCosts, setParties } from '../support/invoices/closed.ts';
import { FINANCE, PEOPLE, type Product, startProduct } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

const GENERAL = 'C0GENERAL';

inBrowser('links', (at) => {
  const clock = new TestClock('2026-11-02T12:00:00Z');
  const ctx = contextAt(clock);
  let product: Product;
  let viewer: Person;
  let link = '';

  beforeAll(async () => {
    const general = { id: GENERAL, name: 'general', members: [...PEOPLE, BOT_USER_ID] };
    product = await startProduct(clock, { linkBase: 'page', channels: [general] });
    const accountId = await createAcme(ctx, { members: ['U0VIEWER'], timeZone: 'Etc/UTC' });
    const { _id } = await createGroup(ctx, { accountId, name: 'Production' });
    await createProject(ctx, { accountId, name: 'web-shop', billingGroupId: _id });
    await importCosts(ctx, accountId, [costRow('60')]);
    await setParties(accountId);
    await closeInvoice(ctx, { _id, accountId }, toPeriod('2026-10'));
    viewer = await at(product.workspace.url, 'U0VIEWER');
  });
  afterAll(() => product.stop());

  it('are in the view of an invoice, and show it with its figures where these are posted', async () => {
    await viewer.goTo(FINANCE);
    await viewer.type('/billing invoice ACME-1');
    const modal = await viewer.modal('Link:');
    link = (await modal.getByRole('link').textContent()) ?? '';
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/links\/T0TEST\/acc_.*\/inv_/);
    await viewer.closeModals();
    await viewer.type(`Is ${link} paid?`);
    const preview = (await viewer.message('Is ')).getByRole('complementary');
    await preview.getByText('EUR 71.40 open').waitFor();
    await preview.getByRole('button', { name: 'View' }).click();
    await viewer.modal('Why these figures');
    await viewer.closeModals();
  });

  it('show no figures elsewhere, and a button that opens the view', async () => {
    await viewer.goTo(GENERAL);
    await viewer.type(link);
    const preview = (await viewer.message('Production')).getByRole('complementary');
    expect(await preview.textContent()).not.toMatch(/EUR|ACME-1/);
    await preview.getByRole('button', { name: 'View invoice' }).click();
    await viewer.modal('EUR 71.40');
    await viewer.closeModals();
  });

  it('lead to the app’s Home tab, as the same person', async () => {
    const opened = viewer.page.context().waitForEvent('page');
    await (await viewer.message('Production')).getByRole('link').first().click();
    const page = await opened;
    await page.getByText('Your role: viewer').waitFor();
    expect(new URL(page.url()).search).toContain('as=U0VIEWER');
  });
});
