import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { closeOnly, costRow, importCosts, setParties } from '../support/invoices/closed.ts';
import { pngOf } from '../support/invoices/pictures.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('documents', (at) => {
  const clock = new TestClock('2026-11-02T12:00:00Z');
  let product: Product;
  let owner: Person;
  let accountId = '';

  beforeAll(async () => {
    product = await startProduct(clock);
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: FINANCE };
    accountId = (await createAccount(contextAt(clock), { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
    await importCosts(contextAt(clock), accountId, [costRow('60'), costRow('40', { project: 'data' })]);
    await setParties(accountId);
    owner = await at(product.workspace.url, 'U0OWNER');
    await owner.goTo(FINANCE);
  });
  afterAll(() => product.stop());

  it('a logo can be uploaded in the settings', async () => {
    await owner.type('/billing settings');
    const form = await owner.modal('Seller');
    const uploaded = owner.page.waitForResponse((answer) => answer.url().includes('/-/upload'));
    await form.getByLabel(/^Logo/).setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: pngOf(120, 40) });
    expect((await uploaded).ok()).toBe(true);
    await owner.click('Save');
    await owner.modal('Saved: 1 setting changed.');
    await owner.closeModals();
    expect((await Accounts.findById(accountId).orFail().lean()).seller.logo).toMatch(/^[0-9a-f]{64}$/);
  });

  it('an invoice is sent to the person who asks, who can share it in the channel', async () => {
    await closeOnly(contextAt(clock), accountId);
    await owner.type('/billing invoice ACME-1 download');
    const answer = await owner.message('was sent to you in a direct message');
    await answer.getByRole('button', { name: 'Share in this channel' }).click();
    await owner.click('Share file');
    const message = await owner.message('as PDF');
    await message.getByText('ACME-1.pdf').waitFor();
  });
});
