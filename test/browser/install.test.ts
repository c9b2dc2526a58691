import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createWorkspaces, type LocalWorkspaces } from '../../src/local/workspace/index.ts';
import { createHttpServer, type HttpServer } from '../../src/platform/http-server.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app/app.ts';
import { onCommand } from '../../src/slack/app/listeners.ts';
import { registerUninstall } from '../../src/slack/app/uninstall.ts';
import { SCOPES } from '../../src/slack/install/scopes.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { GENERAL, OLGA, ONE, seedOf, TWO } from '../local/workspace/teams/support.ts';
import { useDatabase } from '../support/database/database.ts';
import { testLog } from '../support/slack/slack-app.ts';
import { inBrowser, type Person } from './support.ts';

useDatabase(migrate);

const SIGNING_SECRET = 'a-signing-secret';

inBrowser('installing the app in two workspaces', (at) => {
  let workspaces: LocalWorkspaces;
  let app: SlackApp;
  let server: HttpServer;
  let olga: Person;
  let base = '';

  beforeAll(async () => {
    workspaces = await createWorkspaces({
      ...{ port: 0, signingSecret: SIGNING_SECRET, clientId: '1.2', clientSecret: 'a-client-secret' },
      ...{ botName: 'billing', scopes: Object.keys(SCOPES), lookAlike: true },
      slashCommands: [{ command: '/billing', description: 'Billing', usage_hint: '' }],
      teams: [{ seed: seedOf(ONE, 'Acme') }, { seed: seedOf(TWO, 'Globex') }],
    });
    const { log } = testLog();
    app = createSlackApp({
      install: {
        ...{ clientId: '1.2', clientSecret: 'a-client-secret', stateSecret: 'a-state-secret-x' },
        secretKeys: [Buffer.alloc(32, 1)],
      },
      way: { kind: 'http', signingSecret: SIGNING_SECRET },
      log,
      clock: { now: () => new Date() },
      slackApiUrl: workspaces.apiUrl,
    });
    onCommand(app, '/billing', async ({ teamId, channelId, client }) => {
      await client.chat.postMessage({ channel: channelId, text: `A message of ${teamId}` });
    });
    registerUninstall(app);
    await app.start();
    server = createHttpServer({ log, slack: app.requestListener });
    for (const [path, listener] of app.installRoutes) server.mount(path, listener);
    base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    workspaces.connectApp(`${base}/slack/events`);
    workspaces.setInstallPages({ installUrl: `${base}/slack/install`, redirectUri: `${base}/slack/oauth_redirect` });
    olga = await at(workspaces.url, OLGA);
  });
  afterAll(async () => {
    await server.close(0);
    await app.stop(0);
    await workspaces.stop();
  });

  const heading = (page: Page) => page.getByRole('heading', { level: 1 });
  const workspace = (name: string) => olga.page.getByRole('button', { name, exact: true });

  async function answer(place: string, button: string): Promise<void> {
    await olga.page.goto(`${base}/slack/install`);
    await olga.page.getByLabel('Where do you want to install it?').selectOption({ label: place });
    await olga.page.getByRole('button', { name: button }).click();
  }

  it('a person who cancels is led back, and nothing is installed', async () => {
    await answer('Acme, as Olga of Acme', 'Cancel');
    await olga.page.getByText('You canceled the installation in Slack.').waitFor();
    expect(workspaces.isInstalled(ONE)).toBe(false);
  });

  it.each([
    [ONE, 'Acme'],
    [TWO, 'Globex'],
  ])('a person who allows it in %s is told what comes next', async (id, name) => {
    await answer(`${name}, as Olga of ${name}`, 'Allow');
    await olga.page.getByText(`The app is installed in ${name}.`).waitFor();
    expect(await heading(olga.page).textContent()).toBe('Billing groups is installed');
    expect(workspaces.isInstalled(id)).toBe(true);
  });

  it('each workspace shows its own messages only, and switching between them keeps them apart', async () => {
    await olga.goTo(GENERAL);
    await olga.page.getByRole('heading', { name: 'Acme' }).waitFor();
    await olga.type('/billing');
    await olga.message(`A message of ${ONE}`);
    await workspace('Globex').click();
    await olga.page.getByRole('heading', { name: 'Globex' }).waitFor();
    await olga.page.getByText('Olga of Globex').first().waitFor();
    expect(await olga.page.getByText(`A message of ${ONE}`).count()).toBe(0);
    await olga.type('/billing');
    await olga.message(`A message of ${TWO}`);
    await olga.page.reload();
    await olga.message(`A message of ${TWO}`);
    expect(await olga.page.getByText(`A message of ${ONE}`).count()).toBe(0);
    await workspace('Acme').click();
    await olga.message(`A message of ${ONE}`);
    expect(await olga.page.getByText(`A message of ${TWO}`).count()).toBe(0);
  });

  it('the panel uninstalls the app in one of them and leads to the install page', async () => {
    await olga.click(/^Clock and faults/);
    const panel = olga.page.getByRole('complementary', { name: 'Clock and faults' });
    await panel.getByLabel('What the app is told').selectOption('Both events, the other way round');
    await panel.getByRole('button', { name: 'Uninstall the app' }).click();
    await panel.getByText('The app isn’t installed in Acme.').waitFor();
    expect([workspaces.isInstalled(ONE), workspaces.isInstalled(TWO)]).toEqual([false, true]);
    await expect(app.workspaces.of(ONE)).rejects.toThrow(ONE);
    expect((await app.workspaces.of(TWO)).client.token).toMatch(/^xoxe\.xoxb-/);
    expect(await panel.getByRole('link', { name: 'Install the app' }).getAttribute('href')).toBe(
      `${base}/slack/install`,
    );
  });

  it('an app that is installed again goes on', async () => {
    await answer('Acme, as Olga of Acme', 'Allow');
    await olga.page.getByText('The app is installed in Acme.').waitFor();
    expect((await app.workspaces.of(ONE)).client.token).toMatch(/^xoxe\.xoxb-/);
  });
});
