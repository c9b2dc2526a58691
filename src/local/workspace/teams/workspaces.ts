import type { Host, OAuthSettings, Organization } from '../core.ts';
import { alikeIds } from '../ids.ts';
import { Codes } from '../oauth/codes.ts';
import { Installations, type IssuedTokens, TOKEN_SECONDS } from '../oauth/installations.ts';
import { reportUninstalled, type UninstallHow, uninstall } from '../oauth/uninstall.ts';
import { SocketHub } from '../socket/hub.ts';
import { handleOf, type LocalWorkspace } from './handle.ts';
import { makeCore, type Shared } from './make-core.ts';
import type { AppOptions, TeamOptions } from './options.ts';
import { startServer } from './start.ts';

export interface WorkspacesOptions extends AppOptions {
  /** The first one is shown by the page at first. Those of an organization name it in `seed.team.enterprise_id`. */
  readonly teams: readonly TeamOptions[];
  readonly organizations?: readonly Organization[];
  /** The app's credentials for being installed. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The addresses that people may be led back to. Can be set later. */
  readonly redirectUris?: readonly string[];
  /** Where people install the app, for the page. Can be set later. */
  readonly installUrl?: string;
  /** The scopes that the app may ask for, as in its manifest; any by default. */
  readonly scopes?: readonly string[];
  /** Whether tokens expire, after 12 hours unless `tokenSeconds` says otherwise; true by default. */
  readonly tokenRotation?: boolean;
  readonly tokenSeconds?: number;
  /** Gives files, views, direct messages and messages the same IDs in every workspace, in the order they are made. */
  readonly lookAlike?: boolean;
}

/** Several workspaces on one server, in which the app can be installed. */
export interface LocalWorkspaces {
  /** Without a trailing slash. */
  readonly url: string;
  /** For `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  readonly all: readonly LocalWorkspace[];
  /** A workspace by its ID. @throws Error for another ID */
  of(teamId: string): LocalWorkspace;
  /** Sends requests to the app at this address from now on. */
  connectApp(url: string): void;
  /** Says where the app's install page is, and where it takes people back. */
  setInstallPages(pages: { readonly installUrl: string; readonly redirectUri: string }): void;
  /** Installs the app as if its code had been exchanged. @param id of a workspace, or of an organization */
  install(id: string, by: string, scopes?: readonly string[]): IssuedTokens;
  /** Uninstalls the app, and sends its events. @param id of a workspace, or of an organization */
  uninstall(id: string, how?: UninstallHow): Promise<void>;
  /** Sends the events of an uninstallation again, as Slack may, and changes nothing. */
  repeatUninstalled(id: string, how?: UninstallHow): Promise<void>;
  /** Whether the app is installed in exactly this workspace or organization. */
  isInstalled(id: string): boolean;
  stop(): Promise<void>;
}

/**
 * Starts several Slack workspaces on this machine, each with its own people, channels, messages, files and tokens.
 * @throws Error with NODE_ENV=production, when the port is taken, or when a state file can't be read
 */
export async function createWorkspaces(options: WorkspacesOptions): Promise<LocalWorkspaces> {
  const pages = { installUrl: options.installUrl, redirectUris: options.redirectUris ?? [] };
  const { clientId, clientSecret, scopes } = options;
  const started = await startAll(options, options.teams, {
    ...{ clientId, clientSecret, scopes },
    installUrl: () => pages.installUrl,
    redirectUris: () => pages.redirectUris,
  });
  const { host, handles, connect, stop } = started;
  const of = (teamId: string) => {
    const handle = handles.get(teamId);
    if (!handle) throw new Error(`There is no workspace ${teamId}`);
    return handle;
  };
  return {
    url: host.url,
    apiUrl: `${host.url}/api/`,
    all: [...handles.values()],
    of,
    connectApp: connect,
    setInstallPages: ({ installUrl, redirectUri }) =>
      void Object.assign(pages, { installUrl, redirectUris: [redirectUri] }),
    install: (id, by, wanted = scopes ?? []) =>
      host.installations.install({ id, isEnterprise: host.organizations.has(id), by, scopes: wanted }),
    uninstall: (id, how) => uninstall(host, id, how),
    repeatUninstalled: (id, how) => reportUninstalled(host, id, how),
    isInstalled: (id) => host.installations.in(id) !== undefined,
    stop,
  };
}

/** The same for a single workspace, whose token the app has in its settings. */
export async function startSingle(
  options: AppOptions & TeamOptions & { readonly botToken: string },
): Promise<LocalWorkspace> {
  const { host, handles } = await startAll(options, [options], undefined);
  host.installations.installFixed(options.seed.team.id, options.botToken);
  const [handle] = handles.values();
  if (!handle) throw new Error('There is no workspace');
  return handle;
}

interface Started {
  readonly host: Host;
  readonly handles: ReadonlyMap<string, LocalWorkspace>;
  readonly connect: (url: string) => void;
  readonly stop: () => Promise<void>;
}

async function startAll(
  options: AppOptions & Partial<WorkspacesOptions>,
  teams: readonly TeamOptions[],
  oauth: OAuthSettings | undefined,
): Promise<Started> {
  const now = () => options.clock?.now() ?? new Date();
  const host: Host = {
    teams: new Map(),
    organizations: new Map((options.organizations ?? []).map((one) => [one.id, one])),
    installations: new Installations({
      now,
      isRotating: options.tokenRotation ?? true,
      tokenSeconds: options.tokenSeconds ?? TOKEN_SECONDS,
    }),
    codes: new Codes(now),
    oauth,
    sockets: new SocketHub(options.appToken),
    url: '',
  };
  let connected: string | undefined;
  const shared: Shared = {
    host,
    appUrl: () => connected ?? options.appUrl?.(),
    ...(options.lookAlike === true && { makeIds: alikeIds(() => options.calendar?.now() ?? now()) }),
  };
  for (const team of teams) makeCore({ ...options, ...team }, shared);
  const stateFiles = new Map(
    teams.flatMap(({ seed, stateFile }) => (stateFile === undefined ? [] : [[seed.team.id, stateFile] as const])),
  );
  const stop = await startServer({ host, port: options.port, log: options.log, stateFiles });
  const connect = (url: string) => {
    connected = url;
  };
  const handles = new Map([...host.teams].map(([id, core]) => [id, handleOf(core, connect, stop)]));
  host.installations.onChange = () => {
    for (const { bench } of host.teams.values()) bench.changed();
  };
  return { host, handles, connect, stop };
}
