import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { updateSettings } from '../../src/services/accounts/settings.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Groups, Memberships, Projects } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

inBrowser('groups', (at) => {
  const clock = new TestClock('2026-03-20T12:00:00Z');
  let product: Product;
  let owner: Person;

  beforeAll(async () => {
    product = await startProduct(clock);
    const ctx = contextAt(clock);
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
    const { _id: accountId } = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
    // requests to approvers are tested with moves
    await updateSettings(ctx, accountId, { settings: { approvalsWho: 'nobody' } });
    const blue = await createGroup(ctx, { accountId, name: 'Blue' });
    for (const name of ['shop', 'search']) await createProject(ctx, { accountId, name, billingGroupId: blue._id });
    owner = await at(product.workspace.url, 'U0OWNER');
    await owner.goTo(FINANCE);
  });
  afterAll(() => product.stop());

  it('a form creates a group with a project', async () => {
    await owner.type('/billing create');
    const form = await owner.modal('Currency');
    await form.getByLabel('Name', { exact: true }).fill('Team Green');
    await form.getByLabel(/^Environment/).fill('prod');
    await owner.pick(/^Projects/, 'sho', /shop/);
    await form.getByLabel(/^Environment/).click();
    await owner.click('Create');
    await owner.modal('Its invoices are in EUR');
    expect(await Groups.findOne({ name: 'Team Green' }).lean()).toMatchObject({ environment: 'prod', currency: 'EUR' });
    expect(await holderOf('shop')).toBe('Team Green');
    await owner.closeModals();
  });

  it('a command adds more projects, and the group’s view shows them all', async () => {
    await owner.type('/billing assign search to "Team Green"');
    await owner.message(/search/);
    await product.settle();
    expect(await holderOf('search')).toBe('Team Green');
    await owner.type('/billing group "Team Green"');
    const overview = await owner.modal('so far in March 2026');
    // its chart appears a moment later
    await overview.getByRole('img').waitFor();
    await owner.click('Projects');
    const view = await owner.modal('shop');
    expect(await view.textContent()).toContain('search');
    await owner.closeModals();
  });

  it('everything works by keyboard alone: completion, command, modal, Escape', async () => {
    const { keyboard } = owner.page;
    await owner.goTo(FINANCE);
    await owner.page.getByLabel(/^Message /).focus();
    await keyboard.type('/bil');
    await keyboard.press('Enter');
    await keyboard.type('group blue');
    await keyboard.press('Enter');
    await owner.modal('so far in March 2026');
    await keyboard.press('Tab');
    expect(await owner.page.locator('dialog :focus').count()).toBe(1);
    await keyboard.press('Escape');
    await owner.page.getByRole('dialog').waitFor({ state: 'detached' });
    // the next command can be typed at once
    await keyboard.type('/billing');
    expect(await owner.page.getByLabel(/^Message /).inputValue()).toBe('/billing');
    await owner.page.getByLabel(/^Message /).fill('');
  });

  it('a narrow window needs no sideways scrolling, in a channel, in a modal and on Home', async () => {
    const isWider = () =>
      owner.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    const before = owner.page.viewportSize();
    await owner.page.setViewportSize({ width: 400, height: 800 });
    await owner.goTo(FINANCE);
    expect(await isWider()).toBe(false);
    await owner.type('/billing group blue');
    const modal = await owner.modal('so far in March 2026');
    const box = await modal.boundingBox();
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 401) <= 400).toBe(true);
    const dialog = "document.querySelector('dialog')";
    expect(await owner.page.evaluate(`${dialog}.scrollWidth > ${dialog}.clientWidth`)).toBe(false);
    await owner.closeModals();
    if (before) await owner.page.setViewportSize(before);
  });
});

async function holderOf(name: string): Promise<string | undefined> {
  const project = await Projects.findOne({ name }).orFail().lean();
  const { billingGroupId } = await Memberships.findOne({ projectId: project._id, open: true }).orFail().lean();
  return (await Groups.findById(billingGroupId).lean())?.name;
}
