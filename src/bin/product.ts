import { registerBilling } from '../../commands/billing.ts';
import { allJobs } from '../../jobs/index.ts';
import { type Schedule, startSchedule } from '../../jobs/kit/schedule.ts';
import { Ticks } from '../../jobs/kit/ticks.ts';
import { registerViews } from '../../views/index.ts';
import { mailFiles } from '../adapters/smtp/attachments.ts';
import { smtpMailer } from '../adapters/smtp/smtp-mailer.ts';
import { openStorage } from '../adapters/storage/open-storage.ts';
import { stripeClient, stripeProvider } from '../adapters/stripe/stripe-cards.ts';
import { stripeWebhook } from '../adapters/stripe/stripe-webhook.ts';
import { viesOffice } from '../adapters/vies/vies.ts';
import type { Clock } from '../billing/period/clock.ts';
import { documentPool } from '../documents/pool.ts';
import { createHttpServer } from '../platform/http-server.ts';
import type { Logger } from '../platform/logger.ts';
import { metricsListener } from '../platform/metrics.ts';
import { SecretBox } from '../platform/secret-box.ts';
import type { Settings, SlackSettings } from '../platform/settings.ts';
import { whenAvailable } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { severalAccountsOf } from '../services/accounts/accounts.ts';
import { allFailingItems, allRuns } from '../services/background/job-runs.ts';
import type { Ctx } from '../services/kit/context.ts';
import { claimAnswer, releaseAnswer } from '../services/kit/request-keys.ts';
import { newsOfAccounts } from '../services/notices/notice-lag.ts';
import { recordChargeOutcome } from '../services/settlement/charges.ts';
import { resealSources } from '../services/sources/source-secrets.ts';
import type { SourceTools } from '../services/sources/source-storage.ts';
import { createSlackApp } from '../slack/app/app.ts';
import { connectStore, disconnectStore, isConnected } from '../store/kit/connect.ts';
import { mountApi } from './mount-api.ts';
import { mountLinks } from './mount-links.ts';
import { mountReadiness } from './readiness.ts';

const APP_GRACE_MS = 2_000;

/** The running product. */
export interface RunningProduct {
  readonly port: number;
  readonly ticks: Ticks;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly settings: Settings;
  readonly slack: SlackSettings;
  readonly mongodbUri: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly slackApiUrl?: string;
}

/**
 * Listens immediately, so that health checks are answered. Then starts database, Slack and jobs, in this order, and
 * waits for what isn't available yet. `stop` stops them in reverse order.
 * @throws {StartupError} an invalid setting, or what hasn't become available in time
 */
export async function startProduct(options: StartOptions): Promise<RunningProduct> {
  const { settings, slack, clock, log } = options;
  const way =
    slack.kind === 'socket'
      ? ({ kind: 'socket', appToken: slack.appToken } as const)
      : ({ kind: 'http', signingSecret: slack.signingSecret } as const);
  const app = createSlackApp({
    answers: { claim: claimAnswer, release: releaseAnswer },
    findAccounts: severalAccountsOf,
    ...(slack.kind === 'many' ? { install: slack.install } : { botToken: slack.botToken }),
    way,
    log,
    // Slack dates its requests by the real time, whatever the product's clock says
    clock: systemClock,
    ...(options.slackApiUrl !== undefined && { slackApiUrl: options.slackApiUrl }),
  });
  const vatOffice = settings.viesUrl === undefined ? undefined : viesOffice(settings.viesUrl, log);
  const stripe = settings.stripe && stripeClient(settings.stripe);
  const cards = stripe && stripeProvider(stripe);
  const mailer = settings.mail && smtpMailer({ ...settings.mail, files: mailFiles });
  const retentionDays = slack.kind === 'many' ? slack.retentionDays : undefined;
  const sources: SourceTools = {
    open: openStorage({ ...settings.sources, now: () => systemClock.now() }),
    box: settings.secretKeys && new SecretBox(settings.secretKeys),
    hasFolder: settings.sources.folder !== undefined,
    isShared: slack.kind === 'many',
  };
  const jobs = allJobs(app.workspaces, { vatOffice, cards, mailer, retentionDays, sources });
  const chargesCards = cards !== undefined;
  const ticks = new Ticks(jobs, { clock, log, chargesCards, cardObstacle: cards?.obstacle });
  const deps = { clock, cards, sources, linkBase: settings.links?.baseUrl, nudge: ticks.nudge.bind(ticks) };
  registerBilling(app, deps);
  registerViews(app, deps);
  let isStarting = true;
  const server = createHttpServer({
    log,
    isStarting: () => isStarting,
    ...(app.requestListener && { slack: app.requestListener }),
  });
  for (const [path, listener] of app.installRoutes) server.mount(path, listener);
  const base: Ctx = {
    ...{ clock, chargesCards, cardObstacle: cards?.obstacle, nudge: deps.nudge, log },
    actor: { kind: 'automation' },
  };
  if (stripe && cards && settings.stripe?.webhookSecret) {
    const heard = (id: string) => recordChargeOutcome(base, cards, id);
    server.mount('/stripe/webhook', stripeWebhook({ stripe, log, heard, secret: settings.stripe.webhookSecret }));
  }
  const measures = {
    jobCounts: () => ticks.counts,
    jobRuns: () => allRuns(base),
    news: () => newsOfAccounts(base),
    failingItems: () => allFailingItems(base),
  };
  server.mount(
    '/metrics',
    metricsListener({
      ...{ measures, isReady: isConnected, log, token: settings.metricsToken },
      isBehindProxy: settings.trustProxy !== undefined,
    }),
  );
  if (settings.links) mountLinks(server, settings.links);
  if (!settings.api) mountReadiness(server);
  if (settings.api) mountApi(server, { clock, chargesCards, nudge: deps.nudge, ...settings.api, log });
  const port = await server.listen(settings.port, settings.host);
  log.info({ port, host: settings.host }, 'listening');
  const waiting = { limitMs: settings.startupTimeoutMs, tell: (sentence: string) => log.warn(sentence) };
  let schedule: Schedule;
  try {
    await whenAvailable(() => connectStore(options.mongodbUri), waiting);
    await resealCredentials(sources, log);
    await whenAvailable(() => app.start(), waiting);
    schedule = await startSchedule(jobs, ticks, log);
  } catch (error) {
    await server.close(0);
    throw error;
  }
  isStarting = false;
  return {
    port,
    ticks,
    async stop() {
      // running work gets its time while requests finish, in total less than the shutdown deadline
      await Promise.all([server.close(), schedule.stop()]);
      await app.stop(APP_GRACE_MS);
      await documentPool.stop();
      await disconnectStore();
    },
  };
}

/** Encrypts the credentials of sources with the newest key. Those that no key can read are reported when they are used. */
async function resealCredentials({ box }: SourceTools, log: Logger): Promise<void> {
  if (!box) return;
  try {
    const resealed = await resealSources(box);
    if (resealed > 0) log.info({ resealed }, 'credentials of sources were encrypted with the new key');
  } catch (error) {
    log.warn({ err: error }, 'credentials of sources could not be encrypted with the new key');
  }
}
