import { createServer } from 'node:net';
import { App, type AppOptions, HTTPReceiver } from '@slack/bolt';
import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import {
  BOT_USER_ID,
  type Fields,
  type LocalWorkspace,
  type Snapshot,
  startWorkspace,
  type WorkspaceOptions,
} from '../../../src/local/workspace/index.ts';

export const TOKEN = 'xoxb-local-token';
export const SECRET = 'local-signing-secret';
export const OLGA = 'U0OLGA';
export const FINN = 'U0FINN';
export const GENERAL = 'C0GENERAL';
export const FINANCE = 'C0FINANCE';
export const SECRETS = 'C0SECRETS';

/** The bench of a workspace in which nothing is simulated. */
export const IDLE_BENCH: Snapshot['bench'] = {
  ...{ faults: [], revoked: false, rate_limits: false, history_limits: false, ahead_ms: 0 },
  ...{ has_clock: false, busy: null, storage_fault: null, app: null },
};

export interface Bench {
  workspace: LocalWorkspace;
  app: App;
  /** The client that a test uses directly: no retries, no log. */
  client: WebClient;
  stop: () => Promise<void>;
}

/** A workspace with two people and three channels; the bot is in #general and #finance. */
export function makeWorkspace(options: Partial<WorkspaceOptions> = {}): Promise<LocalWorkspace> {
  return startWorkspace({
    port: 0,
    signingSecret: SECRET,
    botToken: TOKEN,
    seed: {
      team: { id: 'T0LOCAL', name: 'Acme', domain: 'acme' },
      users: [
        { id: OLGA, name: 'olga', real_name: 'Olga Owner', title: 'Owner', tz: 'Europe/Berlin' },
        { id: FINN, name: 'finn', real_name: 'Finn Finance', title: 'Finance' },
      ],
      channels: [
        { id: GENERAL, name: 'general', members: [OLGA, FINN, BOT_USER_ID] },
        { id: FINANCE, name: 'finance', members: [FINN, BOT_USER_ID], is_private: true },
        { id: SECRETS, name: 'secrets', members: [OLGA], is_private: true },
      ],
    },
    slashCommands: [{ command: '/demo', description: 'Tries things out', usage_hint: '[what]' }],
    ...options,
  });
}

export function makeClient(workspace: LocalWorkspace, options: WebClientOptions = {}): WebClient {
  return new WebClient(TOKEN, {
    slackApiUrl: workspace.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    logger: silent(),
    ...options,
  });
}

/** A workspace with a real Bolt app connected to it. `listeners` registers what the test needs. */
export async function makeBench(
  listeners: (app: App) => void = () => undefined,
  options: Partial<WorkspaceOptions> = {},
  appOptions: Partial<AppOptions> = {},
): Promise<Bench> {
  const workspace = await makeWorkspace(options);
  const receiver = new HTTPReceiver({ signingSecret: SECRET, logger: silent(), unhandledRequestTimeoutMillis: 500 });
  const app = new App({
    token: TOKEN,
    receiver,
    logger: silent(),
    // so that its auth.test has finished before a test can end
    deferInitialization: true,
    clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
    ...appOptions,
  });
  await app.init();
  listeners(app);
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The app has no port');
  workspace.connectApp(`http://127.0.0.1:${address.port}/slack/events`);
  const stop = async () => {
    await workspace.stop();
    await receiver.stop();
  };
  return { workspace, app, client: makeClient(workspace), stop };
}

/** The error code of a rejected Web API call. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return (await refused(call)).error;
}

/** The whole answer of a rejected Web API call. */
export async function refused(
  call: Promise<unknown>,
): Promise<{ error: string; response_metadata?: { messages?: string[] } }> {
  try {
    await call;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'data' in error) {
      return error.data as { error: string };
    }
    throw error;
  }
  throw new Error('The call was not refused');
}

export function section(text: string): Fields & { type: 'section'; text: { type: 'mrkdwn'; text: string } } {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

export function plain(text: string): { type: 'plain_text'; text: string } {
  return { type: 'plain_text', text };
}

/** Collects what listeners receive; `all` resolves when there are as many as expected. */
export function gather<T>(expected: number): { heard: (one: T) => void; all: Promise<T[]> } {
  const list: T[] = [];
  let done: (all: T[]) => void = () => undefined;
  const all = new Promise<T[]>((resolve) => {
    done = resolve;
  });
  const heard = (one: T) => {
    list.push(one);
    if (list.length === expected) done(list);
  };
  return { heard, all };
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function silent() {
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: quiet,
    setLevel: quiet,
    getLevel: () => LogLevel.ERROR,
    setName: quiet,
  };
}
