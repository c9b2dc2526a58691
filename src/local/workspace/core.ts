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

/** What every part of the workspace works with. */
export interface Core {
  state: WorkspaceState;
  tickets: Tickets;
  faults: Faults;
  rates: RateLimits;
  bench: Bench;
  link: AppLink;
  bytes: FileBytes;
  /** Where messages are kept; undefined where they go with the process. */
  saving: Saving | undefined;
  timing: Timing;
  botToken: string;
  /** Connections of Socket Mode. */
  sockets: SocketHub;
  shortcuts: Shortcut[];
  /** Where the workspace listens, without a slash at the end. */
  url: string;
  /** Options the app offered for external selects, by `person/view or message/action_id`. */
  offered: Map<string, Option[]>;
  /** Event types the app subscribed to; undefined: all. */
  subscriptions: ReadonlySet<string> | undefined;
  /** Timers of events that are sent again later. */
  retries: Set<NodeJS.Timeout>;
}
