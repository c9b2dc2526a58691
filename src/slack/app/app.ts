import type { RequestListener } from 'node:http';
import { type App, type AuthorizeResult, HTTPReceiver, SocketModeReceiver, webApi } from '@slack/bolt';
import type { Clock } from '../../billing/period/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { InstallSettings } from '../../platform/settings.ts';
import { type Installed, manyWorkspaces } from '../install/many-workspaces.ts';
import type { FindAccounts } from '../requests/account-label.ts';
import { type AnswerClaims, type Doing, track } from './acknowledge.ts';
import { type Note, NotingApp } from './before-acknowledging.ts';
import { boltLogger } from './bolt-logger.ts';
import { checkAppToken } from './identity.ts';
import { Registry } from './registry.ts';
import { Repeats } from './repeated-requests.ts';
import type { Sender } from './sender.ts';
import { senderOf } from './sender.ts';
import { guardSocketMode, onceAllowed } from './socket-mode.ts';
import { acknowledgeStrays } from './stray-requests.ts';
import { timestampGuard } from './timestamp-guard.ts';
import { oneWorkspace, type Workspaces } from './workspaces.ts';

const API_TIMEOUT_MS = 10_000;
const STOP_GRACE_MS = 10_000;
/** The person sees something within 10 s. */
const SLOW_MS = 8_000;
/** Slack's largest payload, a modal's, has 250 KB; form encoding can make it three times as long. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** How requests arrive: signed over HTTP, or over a WebSocket that we open (Socket Mode). */
export type SlackWay =
  | { readonly kind: 'http'; readonly signingSecret: string }
  | { readonly kind: 'socket'; readonly appToken: string };

export interface SlackAppOptions {
  /** The token of the app's only workspace; undefined for an app that many workspaces install. */
  readonly botToken?: string | undefined;
  /** For an app that many workspaces install. */
  readonly install?: InstallSettings | undefined;
  readonly way: SlackWay;
  readonly log: Logger;
  readonly clock: Clock;
  /** After this many milliseconds, the person gets a notice that it is taking longer; 8 s by default. */
  readonly slowMs?: number | undefined;
  /** For several processes: which one answers a request that was delivered to more than one. */
  readonly answers?: AnswerClaims | undefined;
  /** People with several accounts see which one an answer is about. Without this, nobody does. */
  readonly findAccounts?: FindAccounts | undefined;
  /** Another address for the Web API, as in local mode; ends in `/api/`. */
  readonly slackApiUrl?: string | undefined;
}

/** Called after a person has installed the app in a workspace; not for a whole organization. */
export type AfterInstallation = (installed: { readonly teamId: string; readonly userId: string }) => Promise<void>;

export interface SlackApp extends Doing {
  readonly bolt: App;
  readonly workspaces: Workspaces;
  /** What the app listens to. */
  readonly registry: Registry;
  /** What is stored about an event before it is acknowledged, by event type. */
  readonly notes: Map<string, Note>;
  /** What follows when a person has installed the app in a workspace. Failures are logged. */
  readonly afterInstallation: AfterInstallation[];
  /** For `/slack/events`, guarded; undefined in Socket Mode. Pass it to `createHttpServer`. */
  readonly requestListener: RequestListener | undefined;
  /** The pages for people who install the app, by path; none for an app in one workspace. */
  readonly installRoutes: ReadonlyMap<string, RequestListener>;
  /**
   * Checks the app with Slack and, in Socket Mode, connects. Call it before the HTTP server listens.
   * @throws SlackStartError that says what is wrong and what to do
   */
  start(): Promise<void>;
  /** Disconnects, and waits up to `graceMs` (10 s by default) for acknowledged work to finish. */
  stop(graceMs?: number): Promise<void>;
}

/** A Bolt app for one workspace, or for all that install it. Add listeners only through `listeners.ts`, which acknowledges for them. */
export function createSlackApp({
  botToken,
  install,
  way,
  log,
  clock,
  slackApiUrl,
  slowMs = SLOW_MS,
  answers,
  findAccounts = async () => [],
}: SlackAppOptions): SlackApp {
  const clientOptions = () => clientSettings(slackApiUrl);
  const bridge = boltLogger(log);
  const receiver =
    way.kind === 'http' ? httpReceiver(way.signingSecret, bridge) : socketReceiver(way.appToken, bridge, slackApiUrl);
  const ownOptions = { ...clientOptions(), logger: bridge };
  const afterInstallation: AfterInstallation[] = [];
  const running = new Set<Promise<void>>();
  const installed: Installed = (workspace) => {
    for (const follow of afterInstallation) void track(running, followed(log, follow(workspace)));
  };
  const many = install && manyWorkspaces({ install, log, clock, slackApiUrl, clientOptions: ownOptions, installed });
  const workspaces = many?.workspaces ?? oneWorkspace(new webApi.WebClient(botToken, ownOptions));

  const notes = new Map<string, Note>();
  const bolt = new NotingApp(
    {
      receiver,
      logger: bridge,
      clientOptions: clientOptions(),
      // Bolt would call auth.test itself, and fail silently or on every request
      authorize: (sender, body) => authorization(workspaces, senderOf(sender, body)),
      convoStore: false,
    },
    notes,
  );
  bolt.use(acknowledgeStrays(log));
  const registry = new Registry();
  registry.listenTo(bolt);
  let isStopping = false;
  if (receiver instanceof SocketModeReceiver) guardSocketMode(receiver.client, log, () => isStopping);

  return {
    bolt,
    workspaces,
    log,
    running,
    repeats: new Repeats(),
    answers,
    findAccounts,
    slowMs,
    registry,
    notes,
    afterInstallation,
    requestListener:
      receiver instanceof HTTPReceiver ? timestampGuard(receiver.requestListener, clock, log) : undefined,
    installRoutes: many?.routes ?? new Map(),
    async start() {
      const known = await onceAllowed(log, () => workspaces.check());
      if (way.kind === 'socket') {
        const asApp = new webApi.WebClient(way.appToken, { ...clientOptions(), logger: bridge });
        await onceAllowed(log, () => checkAppToken(asApp));
        await bolt.start();
      }
      log.info({ ...known, way: way.kind }, 'connected to Slack');
    },
    async stop(graceMs = STOP_GRACE_MS) {
      isStopping = true;
      if (way.kind === 'socket') await bolt.stop();
      await settled(running, graceMs);
      await many?.idle();
      if (running.size > 0) log.warn({ left: running.size }, 'stopped before all requests were done');
    },
  };
}

/** Our own delivery decides what is sent again (Slack has no idempotency key), so the client never retries. */
function clientSettings(slackApiUrl: string | undefined): webApi.WebClientOptions {
  return {
    ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
    retryConfig: { retries: 0 },
    timeout: API_TIMEOUT_MS,
    rejectRateLimitedCalls: true,
  };
}

function httpReceiver(signingSecret: string, logger: ReturnType<typeof boltLogger>): HTTPReceiver {
  return new HTTPReceiver({
    signingSecret,
    endpoints: ['/slack/events'],
    logger,
    bodyLimit: BODY_LIMIT_BYTES,
    // an error here means that nothing was acknowledged: 503 makes Slack send it again
    processEventErrorHandler: async ({ error, response }) => {
      logger.error('a request was not acknowledged', error);
      if (!response.headersSent) response.writeHead(503).end();
      return true;
    },
  });
}

/**
 * Opening a connection can be repeated safely. Without retries, one lost packet would end the process (socket-mode 3).
 */
function socketReceiver(
  appToken: string,
  logger: ReturnType<typeof boltLogger>,
  slackApiUrl: string | undefined,
): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    logger,
    installerOptions: {
      clientOptions: {
        ...clientSettings(slackApiUrl),
        retryConfig: { retries: 100, factor: 1.3, maxTimeout: 30_000 },
        rejectRateLimitedCalls: false,
      },
    },
  });
}

/** What Bolt adds to a request's context. */
async function authorization(workspaces: Workspaces, sender: Sender): Promise<AuthorizeResult> {
  const found = await workspaces.find(sender);
  if (!found) return { ...(sender.teamId !== undefined && { teamId: sender.teamId }), foreign: true };
  const { client, botId, botUserId, teamId, isForeign } = found;
  const { token: botToken } = client;
  return {
    ...{ botId, botUserId, teamId, workspaceClient: client },
    ...(botToken !== undefined && { botToken }),
    ...(isForeign && { foreign: true }),
  };
}

async function followed(log: Logger, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => log.warn({ err: error }, 'what follows an installation failed'));
}

async function settled(running: ReadonlySet<Promise<void>>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.allSettled(running), grace]);
  clearTimeout(timer);
}
