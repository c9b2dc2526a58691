import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { BOT_USER_ID, createWorkspaces, type LocalWorkspaces } from '../../src/local/workspace/index.ts';
import { SCOPES } from '../../src/slack/install/scopes.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { type SharedProcess, startSharedProcess } from '../support/slack/look-alikes.ts';
import { SIGNING_SECRET } from '../support/slack/signed.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

const OLGA = 'U0OLGA';
const GENERAL = 'C0GENERAL';
const TEAMS = [
  ['T0ONE', 'Acme'],
  ['T0TWO', 'Globex'],
] as const;

/** The same people and channels in both. */
function seedOf([id, name]: (typeof TEAMS)[number]) {
  return {
    team: { id, name, domain: name.toLowerCase() },
    users: [{ id: OLGA, name: 'olga', real_name: `Olga of ${name}`, is_owner: true, is_admin: true }],
    channels: [{ id: GENERAL, name: 'general', members: [OLGA, BOT_USER_ID] }],
  };
}

inBrowser('an app that workspaces install', (at) => {
  let workspaces: LocalWorkspaces;
  let product: SharedProcess;
  let olga: Person;

  beforeAll(async () => {
    workspaces = await createWorkspaces({
      ...{ port: 0, signingSecret: SIGNING_SECRET, clientId: '1.2', clientSecret: 'a-client-secret' },
      scopes: Object.keys(SCOPES),
      slashCommands: [{ command: '/billing', description: 'Billing groups', usage_hint: 'help' }],
      teams: TEAMS.map((team) => ({ seed: seedOf(team) })),
      timing: { eventRetriesMs: [] },
    });
    product = await startSharedProcess(new TestClock('2026-10-20T12:00:00Z'), workspaces.apiUrl);
    const { base } = product;
    workspaces.connectApp(`${base}/slack/events`);
    workspaces.setInstallPages({ installUrl: `${base}/slack/install`, redirectUri: `${base}/slack/oauth_redirect` });
    olga = await at(workspaces.url, OLGA);
  });
  afterAll(async () => {
    await product.stop();
    await workspaces.stop();
  });

  const switchTo = async (name: string) => {
    await olga.goTo(GENERAL);
    await olga.page.getByRole('group', { name: 'Workspaces' }).getByRole('button', { name }).click();
  };
  /** Follows the page's link, and agrees. */
  const install = async (name: string): Promise<Page> => {
    await switchTo(name);
    await olga.click(/^Clock and faults/);
    const panel = olga.page.getByRole('complementary', { name: 'Clock and faults' });
    const [opened] = await Promise.all([
      olga.page.context().waitForEvent('page'),
      panel.getByRole('link', { name: /Install the app/ }).click(),
    ]);
    const workspace = await opened.locator('option', { hasText: name }).first().getAttribute('value');
    await opened.getByRole('combobox').selectOption(workspace);
    await opened.getByRole('button', { name: 'Allow' }).click();
    await opened.getByRole('heading', { name: 'Billing groups is installed' }).waitFor();
    return opened;
  };

  it('is installed in each through its page, which says what comes next', async () => {
    for (const [, name] of TEAMS) {
      const page = await install(name);
      expect(await page.locator('body').textContent()).toContain(`installed in ${name}`);
      await page.close();
    }
    expect(TEAMS.map(([id]) => workspaces.isInstalled(id))).toEqual([true, true]);
  });

  it('knows in one workspace nothing of what is set up in the other', async () => {
    await switchTo('Acme');
    await olga.type('/billing');
    const form = await olga.modal('Currency');
    await form.getByLabel('Account name').fill('Acme Cloud');
    await olga.pick('Currency', 'euro', /EUR/);
    await olga.pick('Finance channel', 'gen', /general/);
    await olga.click('Set up');
    await olga.modal('you are its owner');
    await olga.closeModals();
    const accounts = await Accounts.find({}).lean();
    expect(accounts.map(({ teamId, name }) => [teamId, name])).toEqual([['T0ONE', 'Acme Cloud']]);
    await switchTo('Globex');
    await olga.type('/billing');
    await olga.modal('Set up billing');
    expect(await olga.page.locator('body').textContent()).not.toContain('Acme Cloud');
    expect(await olga.page.locator('body').textContent()).toContain('Olga of Globex');
  });
});
