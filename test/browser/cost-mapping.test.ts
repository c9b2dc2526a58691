import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { CostMappings } from '../../src/store/costs/mappings/cost-mappings.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { GERMAN_BILL, windows1252 } from '../imports/mapping/mapped-file.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('the columns of a bill', (at) => {
  let product: Product;
  let owner: Person;
  let accountId = '';

  beforeAll(async () => {
    const clock = new TestClock('2026-11-05T12:00:00Z');
    product = await startProduct(clock);
    const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
    accountId = (await createAccount(contextAt(clock), { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
    owner = await at(product.workspace.url, 'U0OWNER');
    await owner.goTo(FINANCE);
  });
  afterAll(() => product.stop());

  it('are chosen once, tried, and recognized from then on', async () => {
    const bill = windows1252(`${GERMAN_BILL.join('\r\n')}\r\n`);
    await owner.drop('rechnung.csv', bill);
    await owner.message('rechnung.csv can’t be imported');
    await owner.click('Choose columns');
    const form = await owner.modal('Its first rows');
    await form.getByText('Datum     31.10.2026 | 01.10.2026 | 02.10.2026').waitFor();
    await owner.page.getByLabel('Name of this kind of file').fill('Rechenzentrum');
    await owner.click('Preview');
    const preview = await owner.modal('nothing has been stored yet');
    await preview.getByText('Käufer: EUR 1,233.56').waitFor();
    expect(await CostMappings.countDocuments({ accountId })).toBe(0);
    await owner.click('Save and import');
    await owner.modal('is being imported');
    await product.settle();
    await owner.closeModals();
    await owner.message('Imported rechnung.csv: 4 rows read, 4 new');
    expect(await Costs.countDocuments({ accountId })).toBe(4);
    await owner.drop('november.csv', bill);
    await owner.message('The file is read with the mapping “Rechenzentrum”');
  });
});
