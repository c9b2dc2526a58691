import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from '../../src/local/workspace/index.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Projects } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, modalSaying, clickFor } = driving(() => product);
let product: Product;

beforeAll(async () => {
  product = await startProduct(clock);
  const accountId = await createAcme(ctx, { members: ['U0VIEWER'] });
  for (const name of ['Zebra', ...[10, 2, 1, 33, 4, 5, 6, 7, 8, 9, 11].map((at) => `Team ${at}`)]) {
    await createGroup(ctx, { accountId, name, isPrimary: name === 'Zebra' });
  }
});
afterAll(() => product.stop());

const viewed = (shown: Parameters<typeof said>[0]) =>
  [...said(shown).matchAll(/"View ([^"]+)"/g)].map(([, name]) => name);

const namesIn = (message: Message) => [...said(message).matchAll(/"Open ([^"]+)"/g)].map(([, name]) => name);

describe('billing groups', () => {
  it('are listed as people count, with the primary one first, on every page', async () => {
    const first = await ask('U0VIEWER', '/billing groups');
    expect(namesIn(first)).toEqual(['Zebra', ...[1, 2, 4, 5, 6, 7, 8, 9, 10].map((at) => `Team ${at}`)]);
    await as('U0VIEWER').click({ message: first, actionId: 'groups.page.next' });
    await product.quiet();
    const next = as('U0VIEWER').ephemerals(FINANCE).at(-1);
    expect(next && namesIn(next)).toEqual(['Team 11', 'Team 33']);
  });

  it('are found by a part of their names', async () => {
    expect(namesIn(await ask('U0VIEWER', '/billing groups TEAM 1'))).toEqual(['Team 1', 'Team 10', 'Team 11']);
    const none = said(await ask('U0VIEWER', '/billing groups <nothing>'));
    expect(none).toContain('No billing group has such a name');
    expect(none).not.toContain('<nothing>');
  });

  it('are found and opened with the menu in a long list', async () => {
    const list = await ask('U0VIEWER', '/billing groups');
    const { options } = await as('U0VIEWER').suggest({ actionId: 'groups.find', in: { message: list } }, 'team 1');
    expect(options.map(({ text }) => text.text)).toEqual(['Team 1', 'Team 10', 'Team 11']);
    await as('U0VIEWER').click({ message: list, actionId: 'groups.find', value: options[1]?.value ?? '' });
    expect(said(await modalSaying('U0VIEWER', 'Last invoice'))).toContain('*Team 10*');
  });
});

describe('projects', () => {
  beforeAll(async () => {
    const { _id: accountId } = await Accounts.findOne().orFail().lean();
    for (const at of [10, 2, 1, 33, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16])
      await createProject(ctx, { accountId, name: `shop ${at}` });
    await createProject(ctx, { accountId, name: 'a-first-id' });
    await Projects.updateOne({ accountId, name: 'a-first-id' }, { $set: { label: 'Warehouse' } });
  });

  it('are listed by what is shown first, as people count, on every page of a modal opened on Home', async () => {
    await as('U0VIEWER').openHome();
    await as('U0VIEWER').waitFor(() => as('U0VIEWER').home());
    await as('U0VIEWER').click({ home: true, actionId: 'projects.open' });
    const first = await modalSaying('U0VIEWER', 'View shop 1');
    const inOrder = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((at) => `shop ${at}`);
    expect(viewed(first)).toEqual(inOrder);
    await clickFor('U0VIEWER', 'projects.page.next', 'View shop 33');
    expect(viewed(await modalSaying('U0VIEWER', 'View shop 33'))).toEqual(['shop 33', 'Warehouse']);
    await as('U0VIEWER').close();
  });

  it('are found by a part of their names or labels, and opened with the menu', async () => {
    expect(viewed(await ask('U0VIEWER', '/billing projects P 1'))).toEqual(
      [1, 10, 11, 12, 13, 14, 15, 16].map((at) => `shop ${at}`),
    );
    expect(viewed(await ask('U0VIEWER', '/billing projects wareh'))).toEqual(['Warehouse']);
    const none = said(await ask('U0VIEWER', '/billing projects <nothing>'));
    expect(none).toContain('No project or billing group has such a name');
    expect(none).not.toContain('<nothing>');
    const list = await ask('U0VIEWER', '/billing projects');
    const { options } = await as('U0VIEWER').suggest({ actionId: 'projects.find', in: { message: list } }, 'shop 1');
    expect(options.map(({ text }) => text.text).slice(0, 3)).toEqual(['shop 1', 'shop 10', 'shop 11']);
  });
});
