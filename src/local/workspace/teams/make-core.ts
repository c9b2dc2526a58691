import type { Core, Host, OAuthSettings } from '../core.ts';
import { AppLink } from '../events/dispatch.ts';
import { Bench } from '../faults/bench.ts';
import { Faults } from '../faults/faults.ts';
import { RateLimits } from '../faults/rate-limits.ts';
import { FileBytes } from '../files/file-bytes.ts';
import { type Ids, uniqueIds } from '../ids.ts';
import { WorkspaceState } from '../state.ts';
import { SLACK_TIMING, Tickets } from '../tickets.ts';
import type { AppStatus } from '../types.ts';
import { installationFor } from './installed.ts';
import type { AppOptions, TeamOptions } from './options.ts';

/** What all workspaces on a server share. */
export interface Shared {
  readonly host: Host;
  readonly appUrl: () => string | undefined;
  /** Makes a workspace's IDs; by default, they occur nowhere else. */
  readonly makeIds?: () => Ids;
}

/** A workspace on the server. Requests to the app from any of them are kept in one list. */
export function makeCore(options: AppOptions & TeamOptions, { host, appUrl, makeIds }: Shared): Core {
  const now = () => options.clock?.now() ?? new Date();
  const timing = { ...SLACK_TIMING, ...options.timing };
  const calendar = () => options.calendar?.now() ?? now();
  const { botName = 'bot', slashCommands: commands, seed, stateFile } = options;
  const state = new WorkspaceState(seed, {
    ...{ botName, commands, now: calendar },
    ids: makeIds?.() ?? uniqueIds(calendar),
  });
  const onBench = () => state.changed({ kind: 'bench', bench: bench.status() });
  const faults = new Faults(onBench);
  const rates = new RateLimits(options.rateLimits ?? false, now);
  const app = () => (host.oauth ? statusOf(core, host.oauth) : null);
  const bench = new Bench({ faults, rates, controls: options.controls, app, onChange: onBench });
  const [first] = host.teams.values();
  const link =
    first?.link ??
    new AppLink({
      signingSecret: options.signingSecret,
      appUrl,
      sockets: host.sockets,
      ackMs: timing.ackMs,
      onDelivered: () => {
        for (const team of host.teams.values()) team.state.changed({ kind: 'delivery' });
      },
    });
  const isFirst = first === undefined;
  const core: Core = {
    state,
    timing,
    link,
    host,
    tickets: new Tickets(now, timing),
    faults,
    rates,
    bench,
    sockets: host.sockets,
    shortcuts: options.shortcuts ?? [],
    saving: undefined,
    bytes: new FileBytes(stateFile === undefined ? undefined : `${stateFile}.files`),
    get url() {
      return host.url;
    },
    get address() {
      return isFirst ? host.url : `${host.url}/team/${state.team.id}`;
    },
    offered: new Map(),
    subscriptions: options.subscriptions && new Set(options.subscriptions),
    // an app on this machine has its links below the page's address
    get unfurlDomains() {
      return [...(options.unfurlDomains ?? []), new URL(host.url).host];
    },
    unfurls: new Map(),
    retries: new Set(),
  };
  host.teams.set(state.team.id, core);
  return core;
}

function statusOf(core: Core, { installUrl }: OAuthSettings): AppStatus {
  const installation = installationFor(core);
  return {
    installed_in: installation?.id ?? null,
    is_enterprise: installation?.isEnterprise ?? false,
    install_url: installUrl() ?? null,
  };
}
