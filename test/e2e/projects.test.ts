import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from '../../src/local/workspace/index.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { Events } from '../../src/store/events/events.ts';
import { Projects } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor } = driving(() => product);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0MEMBER', 'U0VIEWER'] });
  await createGroup(ctx, { accountId, name: 'Blue', isPrimary: true });
  await createGroup(ctx, { accountId, name: 'Red' });
});
afterAll(() => product.stop());

const names = async () => (await Projects.find({ accountId }).sort({ nameKey: 1 }).lean()).map(({ name }) => name);

/** Clicks a button of a private message and waits for a private message with these words. */
async function press(user: string, message: Message, actionId: string, words: string): Promise<Message> {
  await as(user).click({ message, actionId });
  return as(user).waitFor(() =>
    as(user)
      .ephemerals(FINANCE)
      .findLast((one) => said(one).includes(words)),
  );
}

describe('a project', () => {
  it('is created, shown and deleted again as long as nothing depends on it', async () => {
    const created = await ask('U0MEMBER', '/billing project create web-shop in Red');
    expect(said(created)).toContain('Created project *web-shop* in billing group *Red*.');
    const shown = said(await ask('U0VIEWER', '/billing project Web-Shop'));
    expect(shown).toContain('Billing group: *Red*');
    expect(shown).toContain('EUR 0.00 · November 2026 so far\\nEUR 0.00 · October 2026');
    expect(shown).toContain('View billing group');
    expect(shown).not.toContain('Move project');
    await press('U0MEMBER', created, 'project.create.undo', 'Deleted project *web-shop*.');
    expect(await names()).toEqual([]);
    expect(await Events.countDocuments({ accountId, type: 'project_deleted' })).toBe(1);
  });

  it('one typo away from another is created after a question, once', async () => {
    await ask('U0MEMBER', '/billing project create web-shop');
    const question = await ask('U0MEMBER', '/billing project create web-shp in Red');
    expect(said(question)).toContain('There is already a project named “web-shop”. Create “web-shp” anyway?');
    expect(await names()).toEqual(['web-shop']);
    await press('U0MEMBER', question, 'project.open', 'Billing group: *Blue*');
    const created = await press('U0MEMBER', question, 'project.create.confirm', 'Created project *web-shp* in');
    expect(said(created)).toContain('billing group *Red*');
    const again = await ask('U0MEMBER', '/billing project create WEB-SHP');
    expect(said(again)).toContain('There is already a project named “WEB-SHP”. Choose another name.');
    expect(await names()).toEqual(['web-shop', 'web-shp']);
  });

  it('that is moving says where to, and can no longer be undone', async () => {
    const created = await ask('U0MEMBER', '/billing project create data-lake');
    const shown = await ask('U0MEMBER', '/billing project data-lake');
    await as('U0MEMBER').click({ message: shown, actionId: 'project.move.open' });
    expect(said(await modalSaying('U0MEMBER', 'Effective'))).toContain('data-lake');
    await as('U0MEMBER').close(true);
    expect(said(await ask('U0MEMBER', '/billing assign data-lake to Red'))).toContain('Requested approval');
    const moving = said(await ask('U0MEMBER', '/billing project data-lake'));
    expect(moving).toContain('*Pending move*\\nTo *Red*, effective 1 November 2026, requested by <@U0MEMBER>');
    expect(moving).not.toContain('Move project');
    await as('U0MEMBER').click({ message: created, actionId: 'project.create.undo' });
    const why = '“data-lake” can’t be deleted anymore: a move request for it is pending.';
    await as('U0MEMBER').waitFor(() =>
      as('U0MEMBER')
        .ephemerals(FINANCE)
        .some((one) => said(one).includes(why)),
    );
    expect(await names()).toContain('data-lake');
  });

  it('that doesn’t exist is offered to be created, with the nearest name', async () => {
    const offered = await ask('U0MEMBER', '/billing project billing-api in Red');
    expect(said(offered)).toContain('There is no project named “billing-api”.');
    expect(said(offered)).toContain('`/billing project create billing-api in Red`');
    await press('U0MEMBER', offered, 'project.create.confirm', 'Created project *billing-api* in billing group *Red*');
    const near = said(await ask('U0VIEWER', '/billing project biling-api'));
    expect(near).toContain('Did you mean “billing-api”?');
    expect(near).not.toContain('project create');
    expect(near).not.toContain('Create project');
    expect(said(await ask('U0VIEWER', '/billing project create mine'))).toContain('member');
  });

  it('created by form is also asked about, and undone in its place', async () => {
    await open('U0MEMBER', '/billing group Red', 'Red');
    await clickFor('U0MEMBER', 'group.tab.projects', 'billing-api');
    await clickFor('U0MEMBER', 'project.create.open', 'As named in the cost files');
    await submitFor('U0MEMBER', { name: 'by-form' }, 'Undo creation');
    await as('U0MEMBER').close();
    await clickFor('U0MEMBER', 'project.create.open', 'As named in the cost files');
    await submitFor(
      'U0MEMBER',
      { name: 'by-from' },
      'There is already a project named “by-form”. Create “by-from” anyway?',
    );
    expect(await names()).not.toContain('by-from');
    await clickFor('U0MEMBER', 'project.create.confirm', 'Created project *by-from*');
    await clickFor('U0MEMBER', 'project.create.undo', 'Deleted project *by-from*.');
    expect(await names()).toContain('by-form');
    expect(await names()).not.toContain('by-from');
    await as('U0MEMBER').close();
    expect(said(await modalSaying('U0MEMBER', '3 projects.'))).not.toContain('by-from');
  });
});
