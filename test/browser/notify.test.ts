import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { createGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../src/store/notices/subscriptions.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('notification set-up', (at) => {
  const clock = new TestClock('2026-03-20T12:00:00Z');
  let product: Product;
  let owner: Person;
  let accountId = '';
  let billingGroupId = '';

  beforeAll(async () => {
    product = await startProduct(clock);
    const ctx = contextAt(clock);
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
    accountId = (await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
    billingGroupId = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
    owner = await at(product.workspace.url, 'U0OWNER');
    await owner.goTo(FINANCE);
  });
  afterAll(() => product.stop());

  it('a form subscribes a channel, which then gets notifications', async () => {
    await owner.type('/billing notify');
    await owner.modal('Topics');
    await owner.pick(/^Channel/, 'fin', /finance/);
    await owner.pick(/^Topics/, 'groups', /^groups$/);
    await owner.click('Subscribe');
    await owner.modal('will receive');
    await owner.closeModals();
    expect(await Subscriptions.findOne({ accountId }).lean()).toMatchObject({ channelId: FINANCE });
    const by = contextAt(clock, person('U0OWNER', TEAM_ID));
    await renameGroup(by, { accountId, billingGroupId, name: 'Navy' });
    await product.settle();
    await owner.message('renamed billing group "Blue" to "Navy"');
  });
});
