import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving } from '../../support/slack/driving.ts';

useDatabase(migrate);

const { as, open, submitFor } = driving(() => product);
let product: Product;

beforeAll(async () => {
  product = await startProduct(new TestClock('2026-03-20T12:00:00Z'));
});
afterAll(() => product.stop());

it('for a private finance channel, which apps can’t join, the form and its answer say to invite the app', async () => {
  product.workspace.faults.next({ method: 'conversations.join', kind: 'error', error: 'channel_not_found' });
  await open('U0OWNER', '/billing', 'Invite this app first if you choose a private channel');
  await as('U0OWNER').suggest({ actionId: 'set_up.currency' }, 'us dollar');
  await as('U0OWNER').suggest({ actionId: 'set_up.time_zone' }, 'utc');
  const filled = { 'set_up.time_zone': 'Etc/UTC', 'set_up.currency': 'USD', 'set_up.channel': FINANCE };
  const done = await submitFor('U0OWNER', { ...filled, 'set_up.name': 'Acme' }, 'you are its owner');
  expect(JSON.stringify(done)).toContain(`Invite this app to <#${FINANCE}> so that it can post there`);
  expect(await Accounts.findOne({}).lean()).toMatchObject({ financeChannelId: FINANCE });
});
