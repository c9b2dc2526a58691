import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('first use', (at) => {
  let product: Product;
  let owner: Person;

  beforeAll(async () => {
    product = await startProduct(new TestClock('2024-09-28T12:00:00Z'));
    owner = await at(product.workspace.url, 'U0OWNER');
  });
  afterAll(() => product.stop());

  it('the first person to type /billing is guided through a form and becomes the owner', async () => {
    await owner.goTo(FINANCE);
    await owner.type('/billing');
    const form = await owner.modal('Account name');
    await form.getByLabel('Account name').fill('Acme');
    await owner.pick('Currency', 'us dollar', /USD/);
    await owner.pick('Finance channel', 'fin', /finance/);
    await owner.click('Set up');
    await owner.modal('You are its owner');
    await owner.closeModals();
    expect(await Accounts.findOne({ nameKey: 'acme' }).lean()).toMatchObject({
      currency: 'USD',
      financeChannelId: FINANCE,
    });
  });

  it('an empty field is named, and nothing is sent', async () => {
    const admin = await at(product.workspace.url, 'U0OWNER');
    await admin.goTo(FINANCE);
    await admin.type('/billing create');
    const form = await admin.modal('Currency');
    const before = product.workspace.deliveries.length;
    await admin.click('Create');
    await form.getByRole('alert').first().waitFor();
    expect(await form.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    expect(product.workspace.deliveries).toHaveLength(before);
    await admin.closeModals();
    await admin.page.close();
  });

  it('a question is answered only to the person who asked', async () => {
    const other = await at(product.workspace.url, 'U0ADMIN');
    await other.goTo(FINANCE);
    await owner.goTo(FINANCE);
    await owner.type('/billing help');
    const answer = await owner.message('Commands for /billing');
    expect(await answer.textContent()).toContain('Only visible to you');
    expect(await other.page.getByText('Commands for').count()).toBe(0);
    await other.page.close();
  });
});
