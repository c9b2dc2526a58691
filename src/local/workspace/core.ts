import type { AppLink } from './events/dispatch.ts';
import type { Bench } from './faults/bench.ts';
import type { Faults } from './faults/faults.ts';
import type { RateLimits } from './faults/rate-limits.ts';
import type { FileBytes } from './files/file-bytes.ts';
import type { Codes } from './oauth/codes.ts';
import type { Installations } from './oauth/installations.ts';
import type { Saving } from './saving.ts';
import type { SocketHub } from './socket/hub.ts';
import type { WorkspaceState } from './state.ts';
import type { Tickets, Timing } from './tickets.ts';
import type { Option, Shortcut } from './types.ts';

/** An organization with several workspaces (Enterprise Grid). */
export interface Organization {
  /** E… */
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

/** The app's settings for being installed, as on its pages "Basic Information" and "OAuth & Permissions". */
export interface OAuthSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The scopes that it may ask for; undefined for any. */
  readonly scopes: readonly string[] | undefined;
  /** The addresses that a person may be led back to. A longer path, or a query, may follow each. */
  readonly redirectUris: () => readonly string[];
  /** Where people install it, for the page; undefined if the app has no such page. */
  readonly installUrl: () => string | undefined;
}

/** The server, with everything that its workspaces share. */
export interface Host {
  /** The workspaces, by ID, the first one first. */
  readonly teams: Map<string, Core>;
  readonly organizations: ReadonlyMap<string, Organization>;
  readonly installations: Installations;
  readonly codes: Codes;
  /** Undefined for an app that has its token in the settings. */
  readonly oauth: OAuthSettings | undefined;
  readonly sockets: SocketHub;
  /** Where it listens, without a trailing slash. */
  url: string;
}

/** Shared by all parts of a workspace. */
export interface Core {
  state: WorkspaceState;
  tickets: Tickets;
  faults: Faults;
  rates: RateLimits;
  bench: Bench;
  link: AppLink;
  bytes: FileBytes;
  /** Where messages are saved; undefined when they are kept in memory only. */
  saving: Saving | undefined;
  timing: Timing;
  /** The server, with the other workspaces on it. */
  host: Host;
  /** Socket Mode connections. */
  sockets: SocketHub;
  shortcuts: Shortcut[];
  /** Where the server listens, without a trailing slash. */
  readonly url: string;
  /** Where the workspace's own pages are, without a trailing slash. As Slack's subdomains, it differs by workspace. */
  readonly address: string;
  /** Options the app offered for external selects, by `person/view or message/action_id`. */
  offered: Map<string, Option[]>;
  /** Event types the app subscribed to; undefined for all. */
  subscriptions: ReadonlySet<string> | undefined;
  /** The domains whose links the app may unfurl, as in its manifest. */
  readonly unfurlDomains: readonly string[];
  /** The messages with such links, by the ID in the event about them. */
  unfurls: Map<string, { channel: string; ts: string }>;
  /** Timers for events that are sent again later. */
  retries: Set<NodeJS.Timeout>;
}
