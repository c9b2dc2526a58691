import type { AppLink } from './events/dispatch.ts';
import type { Bench } from './faults/bench.ts';
import type { Faults } from './faults/faults.ts';
import type { RateLimits } from './faults/rate-limits.ts';
import type { FileBytes } from './files/file-bytes.ts';
import type { Saving } from './saving.ts';
import type { SocketHub } from './socket/hub.ts';
import type { WorkspaceState } from './state.ts';
import type { Tickets, Timing } from './tickets.ts';
import type { Option, Shortcut } from './types.ts';

/** Shared by all parts of the workspace. */
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
  botToken: string;
  /** Socket Mode connections. */
  sockets: SocketHub;
  shortcuts: Shortcut[];
  /** Where the workspace listens, without a trailing slash. */
  url: string;
  /** Options the app offered for external selects, by `person/view or message/action_id`. */
  offered: Map<string, Option[]>;
  /** Event types the app subscribed to; undefined for all. */
  subscriptions: ReadonlySet<string> | undefined;
  /** Timers for events that are sent again later. */
  retries: Set<NodeJS.Timeout>;
}
