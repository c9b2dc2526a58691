import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Core } from './core.ts';
import { type Ack, AppLink, type Delivery } from './events/dispatch.ts';
import { changeUserGroup, setDeactivated } from './events/events.ts';
import { Bench, type Controls } from './faults/bench.ts';
import { Faults } from './faults/faults.ts';
import { RateLimits } from './faults/rate-limits.ts';
import { FileBytes } from './files/file-bytes.ts';
import { appRoutes } from './http/app-routes.ts';
import { benchRoutes } from './http/bench-routes.ts';
import { pageRoutes } from './http/page-routes.ts';
import { serve } from './http/server.ts';
import { PersonDriver } from './person.ts';
import { readSaved, Saving } from './saving.ts';
import { SocketHub } from './socket/hub.ts';
import { type Seed, WorkspaceState } from './state.ts';
import { SLACK_TIMING, Tickets, type Timing } from './tickets.ts';
import type { FileRecord, Shortcut, SlashCommand } from './types.ts';
import { waitFor } from './waiting.ts';

export { checkBlocks, checkView, type Surface } from '../../slack/limits/check-view.ts';
export { LIMITS } from '../../slack/limits/limits.ts';
export type { Ack, Delivery } from './events/dispatch.ts';
export type { Submission } from './events/modals.ts';
export type { Controls } from './faults/bench.ts';
export type { Fault, FaultKind, WaitingFault } from './faults/faults.ts';
export { type ClickWhat, elementsIn, PersonDriver, type Values, type Where } from './person.ts';
export { signatureHeaders } from './sign.ts';
export { APP_ID, BOT_ID, BOT_USER_ID, type Seed, SLACKBOT_ID, type WorkspaceState } from './state.ts';
export { SLACK_TIMING, type Timing } from './tickets.ts';
export type * from './types.ts';

export interface WorkspaceOptions {
  /** 0 for any free port. */
  port: number;
  signingSecret: string;
  botToken: string;
  /** Lets an app connect over Socket Mode. Without it, requests go only to `appUrl`. */
  appToken?: string;
  /** Where signed requests go, such as http://127.0.0.1:3000/slack/events. Can be set later with connectApp. */
  appUrl?: () => string | undefined;
  /** The bot is a member of each channel whose `members` include BOT_USER_ID. */
  seed: Seed;
  /** The bot's name; 'bot' by default. */
  botName?: string;
  slashCommands: SlashCommand[];
  shortcuts?: Shortcut[];
  /** Event types as in a manifest's bot_events; all by default. */
  subscriptions?: readonly string[];
  /** Keeps channels, messages and files between runs. The bytes of files are in a folder beside it. */
  stateFile?: string;
  /** Called with errors of the workspace itself. */
  log?: (words: string, cause: unknown) => void;
  /** Slack's timing. Tests shorten it. */
  timing?: Partial<Timing>;
  /** For timestamps and expiry. Requests are always signed by the wall clock, since the app checks against it. */
  clock?: { now(): Date };
  /** The time shown on messages and files, if it differs from `clock`: in local mode, the product's. */
  calendar?: { now(): Date };
  /** Whether Slack's rate limits apply from the start. They can be switched on and off later. */
  rateLimits?: boolean;
  /** What the page needs to move the product's clock and to reset. Without it, the page offers neither. */
  controls?: Controls;
}

export interface LocalWorkspace {
  /** Without a trailing slash. */
  url: string;
  /** For `clientOptions.slackApiUrl`. */
  apiUrl: string;
  /** Sends requests to the app at this address from now on. */
  connectApp(url: string): void;
  /** Asks the app for a url_verification challenge. @throws Error when it does not answer with it */
  verifyApp(): Promise<void>;
  /** A simulated person, for tests. */
  as(userId: string): PersonDriver;
  /** Replaces the members of a user group and notifies the app. @throws SlackRefusal no_such_subteam, user_not_found */
  setUserGroupMembers(groupId: string, userIds: readonly string[]): Promise<Ack | null>;
  /** Deactivates or reactivates a person and notifies the app. @throws SlackRefusal user_not_found */
  setDeactivated(userId: string, isDeactivated: boolean): Promise<Ack | null>;
  /** The workspace's whole state, for assertions. */
  state: WorkspaceState;
  faults: Faults;
  /** The test panel's settings. */
  bench: Bench;
  /** Socket Mode connections. */
  sockets: SocketHub;
  /** The last requests sent to the app, the oldest first. */
  deliveries: readonly Delivery[];
  /** Sends a request again, with Slack's retry headers. */
  redeliver(delivery: Delivery): Promise<Ack>;
  /** The bytes of a file. */
  fileBytes(file: FileRecord | string): Promise<Buffer | undefined>;
  /** Resolves with the result of `look` as soon as it is truthy, checked now and after every change. */
  waitFor<T>(look: (state: WorkspaceState) => T | Promise<T>, timeoutMs?: number): Promise<NonNullable<T>>;
  /** Restores the seed's state. Every page starts over. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a Slack workspace on this machine: the Web API, the page, and people who reach the app by signed requests.
 * It listens only on 127.0.0.1.
 * @throws Error with NODE_ENV=production, when the port is taken, or when the state file can't be read
 */
export async function startWorkspace(options: WorkspaceOptions): Promise<LocalWorkspace> {
  if (process.env.NODE_ENV === 'production')
    throw new Error('The local workspace doesn’t start with NODE_ENV=production');
  const onFault = (error: unknown) => options.log?.('the local workspace failed', error);
  const made = makeCore(options);
  const { core } = made;
  const saved = options.stateFile === undefined ? undefined : await readSaved(options.stateFile);
  const server = serve([...appRoutes(core), ...benchRoutes(core), ...pageRoutes(core)], onFault);
  server.on('upgrade', (request, socket) => core.sockets.upgrade(request, socket));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  core.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (saved) core.state.restore(saved, core.url);
  const { stateFile } = options;
  if (stateFile !== undefined) {
    core.saving = new Saving(core.state, stateFile, (error) => tellOutcome(core, stateFile, error, onFault));
  }
  return handle(made, async () => {
    for (const timer of core.retries) clearTimeout(timer);
    core.link.stop();
    core.sockets.stop();
    server.close();
    server.closeAllConnections();
    await core.saving?.stop();
  });
}

/** Shows on the page whether messages can be saved, and logs a failure once. */
function tellOutcome(core: Core, stateFile: string, error: unknown, onFault: (error: unknown) => void): void {
  if (error === undefined) {
    core.bench.setStorageFault(null);
    return;
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
  const words = `Messages can't be saved (${why}). Check the disk space and permissions of ${dirname(stateFile)}.`;
  if (core.bench.setStorageFault(words)) onFault(error);
}

interface Made {
  core: Core;
  connect: (url: string) => void;
}

function makeCore(options: WorkspaceOptions): Made {
  const now = () => options.clock?.now() ?? new Date();
  const timing = { ...SLACK_TIMING, ...options.timing };
  const calendar = () => options.calendar?.now() ?? now();
  const state = new WorkspaceState(options.seed, options.botName ?? 'bot', options.slashCommands, calendar);
  const onBench = () => state.changed({ kind: 'bench', bench: bench.status() });
  const faults = new Faults(onBench);
  const rates = new RateLimits(options.rateLimits ?? false, now);
  const bench = new Bench({ faults, rates, controls: options.controls, onChange: onBench });
  const sockets = new SocketHub(options.appToken);
  let connected: string | undefined;
  const link = new AppLink({
    signingSecret: options.signingSecret,
    appUrl: () => connected ?? options.appUrl?.(),
    sockets,
    ackMs: timing.ackMs,
    onDelivered: () => state.changed({ kind: 'delivery' }),
  });
  const core: Core = {
    state,
    timing,
    link,
    tickets: new Tickets(now, timing),
    faults,
    rates,
    bench,
    sockets,
    shortcuts: options.shortcuts ?? [],
    saving: undefined,
    bytes: new FileBytes(options.stateFile === undefined ? undefined : `${options.stateFile}.files`),
    botToken: options.botToken,
    url: '',
    offered: new Map(),
    subscriptions: options.subscriptions && new Set(options.subscriptions),
    retries: new Set(),
  };
  return { core, connect: (url) => (connected = url) };
}

function handle({ core, connect }: Made, stop: () => Promise<void>): LocalWorkspace {
  const drivers = new Map<string, PersonDriver>();
  return {
    url: core.url,
    apiUrl: `${core.url}/api/`,
    state: core.state,
    faults: core.faults,
    bench: core.bench,
    sockets: core.sockets,
    reset: async () => {
      core.offered.clear();
      await core.bytes.clear();
      core.state.reset();
    },
    deliveries: core.link.deliveries,
    connectApp: connect,
    verifyApp: () => verify(core),
    as: (userId) => {
      const driver = drivers.get(userId) ?? new PersonDriver(core, userId);
      drivers.set(userId, driver);
      return driver;
    },
    setUserGroupMembers: (groupId, userIds) => changeUserGroup(core, groupId, userIds),
    setDeactivated: (userId, isDeactivated) => setDeactivated(core, userId, isDeactivated),
    redeliver: (delivery) => core.link.again(delivery),
    fileBytes: (file) => core.bytes.get(typeof file === 'string' ? file : file.id),
    waitFor: (look, timeoutMs = 5_000) =>
      waitFor(
        core.state,
        () => look(core.state),
        timeoutMs,
        () => `The app got ${core.link.deliveries.length} requests.`,
      ),
    stop,
  };
}

async function verify(core: Core): Promise<void> {
  const challenge = core.tickets.trigger('');
  const ack = await core.link.json('verification', { type: 'url_verification', challenge });
  const answer =
    typeof ack.body === 'object' && ack.body !== null && 'challenge' in ack.body ? ack.body.challenge : ack.body;
  if (answer !== challenge) throw new Error(`The app didn’t answer the challenge: ${ack.error ?? 'another answer'}`);
}
