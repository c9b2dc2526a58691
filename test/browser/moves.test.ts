import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import { updateSettings } from '../../src/services/accounts/settings.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Memberships } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('a move with approval by another person', (at) => {
  const clock = new TestClock('2026-03-20T12:00:00Z');
  let product: Product;
  let member: Person;
  let approver: Person;
  let red = '';
  let shop = '';

  beforeAll(async () => {
    product = await startProduct(clock);
    const ctx = contextAt(clock);
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
    const { _id: accountId } = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
    await setMember(ctx, accountId, 'U0MEMBER', 'member');
    await setMember(ctx, accountId, 'U0APPROVER', 'approver');
    const settings = { approvalsWho: 'receiving', approvalsNeeded: 1, approvalsChannelId: FINANCE } as const;
    await updateSettings(ctx, accountId, { settings });
    const blue = await createGroup(ctx, { accountId, name: 'Blue' });
    red = (await createGroup(ctx, { accountId, name: 'Red' }))._id;
    const made = await createProject(ctx, { accountId, name: 'shop', billingGroupId: blue._id });
    shop = made.project._id;
    member = await at(product.workspace.url, 'U0MEMBER');
    approver = await at(product.workspace.url, 'U0APPROVER');
    await member.goTo(FINANCE);
    await approver.goTo(FINANCE);
  });
  afterAll(() => product.stop());

  const holder = async () =>
    (await Memberships.findOne({ projectId: shop, open: true }).orFail().lean()).billingGroupId;

  it('a member requests a move with a message shortcut and sees the cost impact', async () => {
    await member.type('Please move shop to Red');
    const message = await member.message('Please move shop');
    await message.hover();
    await message.getByRole('button', { name: 'More actions' }).click();
    await member.page.getByRole('menuitem', { name: /Move projects/ }).click();
    await member.modal('Choose projects and a billing group');
    await member.pick('Projects', 'shop', /shop/);
    await member.pick('To billing group', 'red', /Red/);
    await member.modal('before and after');
    await member.click(/^Move$/);
    await member.modal('Requested approval');
    await member.closeModals();
    await product.settle();
    expect(await holder()).not.toBe(red);
  });

  it('another person sees the request immediately and approves it after a confirmation, which both see', async () => {
    const request = await approver.message('asked to move');
    await request.getByRole('button', { name: 'Approve' }).click();
    const question = approver.page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Approve' }).click();
    await approver.message(/approved/i);
    await product.settle();
    expect(await holder()).toBe(red);
    const seen = await member.message('asked to move');
    await expect(seen.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' })).resolves.toBeUndefined();
  });
});
