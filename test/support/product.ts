import { registerBilling } from '../../commands/billing.ts';
import { allJobs } from '../../jobs/index.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { readManifest } from '../../src/local/manifest.ts';
import { BOT_USER_ID, type LocalWorkspace, type Seed, startWorkspace } from '../../src/local/workspace/index.ts';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { createLogger, type Logger, silentLogger } from '../../src/platform/logger.ts';
import { severalAccountsOf } from '../../src/services/accounts/accounts.ts';
import type { VatOffice } from '../../src/services/groups/billing-information.ts';
import { claimAnswer, releaseAnswer } from '../../src/services/kit/request-keys.ts';
import type { Mailer } from '../../src/services/notices/mails.ts';
import type { CardProvider } from '../../src/services/settlement/card-provider.ts';
import type { SourceTools } from '../../src/services/sources/source-storage.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app/app.ts';
import { registerViews } from '../../views/index.ts';
import type { TestClock } from './context.ts';
import { startRepeater } from './slack/repeater.ts';

export const PEOPLE = ['U0OWNER', 'U0ADMIN', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER', 'U0STRANGER'] as const;
export const FINANCE = 'C0FINANCE';
/** A channel shared with another organization (Slack Connect). */
export const SHARED = 'C0SHARED';
export const TEAM_ID = 'T0TEST';

/** The whole product as main starts it, with a stand-in for Slack over HTTP. */
export interface Product {
  readonly app: SlackApp;
  readonly workspace: LocalWorkspace;
  readonly ticks: Ticks;
  readonly url: string;
  readonly signingSecret: string;
  /** Resolves when no request is in progress or waiting to be sent again. */
  quiet(): Promise<void>;
  /** Does all due work, in order. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProduct(
  clock: TestClock,
  options: {
    vatOffice?: VatOffice;
    cards?: CardProvider;
    mailer?: Mailer;
    sources?: SourceTools;
    log?: Logger;
    /** Channels besides FINANCE and SHARED. */
    channels?: Seed['channels'];
    /** Where links begin, or that they lead to the page as in local mode; there are none by default. */
    linkBase?: string | 'page';
    /** How often Slack sends each form: all but one at the same time, and that one afterwards. */
    repeats?: number;
  } = {},
): Promise<Product> {
  const signingSecret = 'a-secret-for-tests';
  const botToken = 'xoxb-for-tests';
  const workspace = await startWorkspace({
    port: 0,
    signingSecret,
    botToken,
    seed: {
      team: { id: TEAM_ID, name: 'Test', domain: 'test' },
      users: PEOPLE.map((id) => ({
        ...{ id, name: id.toLowerCase(), real_name: id, tz: 'Europe/Berlin' },
        is_owner: id === 'U0OWNER',
        is_restricted: id === 'U0VIEWER',
      })),
      channels: [
        { id: FINANCE, name: 'finance', members: [...PEOPLE, BOT_USER_ID] },
        { id: SHARED, name: 'with-partners', members: [...PEOPLE, BOT_USER_ID], is_ext_shared: true },
        ...(options.channels ?? []),
      ],
      userGroups: [
        { id: 'S0TEAM', handle: 'team', name: 'Team', users: ['U0MEMBER', 'U0STRANGER'] },
        { id: 'S0CHIEFS', handle: 'chiefs', name: 'Chiefs', users: ['U0STRANGER'] },
      ],
    },
    slashCommands: [{ command: '/billing', description: 'Billing', usage_hint: '', should_escape: true }],
    shortcuts: readManifest().shortcuts,
    unfurlDomains: readManifest().unfurlDomains,
  });
  const log = options.log ?? (process.env.TEST_LOG ? createLogger({ level: 'info' }) : silentLogger());
  const app = createSlackApp({
    answers: { claim: claimAnswer, release: releaseAnswer },
    findAccounts: severalAccountsOf,
    botToken,
    way: { kind: 'http', signingSecret },
    log,
    clock: { now: () => new Date() },
    slackApiUrl: workspace.apiUrl,
  });
  const jobs = allJobs(app.workspaces, {
    paceMs: 0,
    vatOffice: options.vatOffice,
    cards: options.cards,
    mailer: options.mailer,
    sources: options.sources,
  });
  const ticks = new Ticks(jobs, { clock, log, chargesCards: options.cards !== undefined });
  // nothing is automatic in a test: `settle` starts it
  const linkBase = options.linkBase === 'page' ? workspace.url : options.linkBase;
  const deps = { clock, linkBase, cards: options.cards, sources: options.sources, nudge: () => undefined };
  registerBilling(app, deps);
  registerViews(app, deps);
  await app.start();
  const server = createHttpServer({ log, ...(app.requestListener && { slack: app.requestListener }) });
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}/slack/events`;
  const repeater = options.repeats === undefined ? undefined : await startRepeater(url, options.repeats);
  workspace.connectApp(repeater?.url ?? url);
  return {
    app,
    workspace,
    ticks,
    url,
    signingSecret,
    async quiet() {
      await repeater?.settled();
      await Promise.all(app.running);
    },
    async settle() {
      for (const job of [
        'imports',
        'close',
        'estimates',
        'budgets',
        'dry-run',
        'vat',
        'cards',
        'charges',
        'reminders',
        'mails',
        'credits',
        'moves',
        'number-events',
        'news',
        'home',
      ] as const)
        await ticks.run(job);
      await ticks.idle();
    },
    async stop() {
      await ticks.stop();
      await repeater?.stop();
      await server.close(1_000);
      await app.stop(1_000);
      await workspace.stop();
    },
  };
}
