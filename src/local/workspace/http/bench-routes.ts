import type { Core, Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { setArchived } from '../events/events.ts';
import { setDeactivated } from '../events/people.ts';
import type { Fault, FaultKind } from '../faults/faults.ts';
import { arrayOf, textOf } from '../json.ts';
import { UNINSTALL_EVENTS, type UninstallEvent, uninstall } from '../oauth/uninstall.ts';
import { installationFor } from '../teams/installed.ts';
import { teamIn, teamNamed } from '../teams/named.ts';
import type { Fields } from '../types.ts';
import { jsonBody, ownOrigin, refusable } from './own-origin.ts';
import type { Route } from './server.ts';

type Switch = (core: Core, body: Fields) => void | Promise<void>;

const KINDS: readonly FaultKind[] = ['429', '500', 'drop-before', 'drop-after', 'slow', 'error'];

/** What can be changed, by the name in the path `/-/bench/…`. */
const SWITCHES: { [name: string]: Switch } = {
  fault: (core, body) => core.bench.addFault(faultOf(body)),
  'clear-faults': (core) => core.bench.faults.clear(),
  token: (core, body) => core.bench.setRevoked(body.revoked === true),
  'rate-limits': (core, body) => core.bench.setRateLimits(body.on === true),
  'history-limits': (core, body) => core.bench.setHistoryLimits(body.on === true),
  archive: (core, body) => setArchived(core, textOf(body, 'as'), textOf(body, 'channel') ?? '', body.archived === true),
  deactivate: async (core, body) => {
    await setDeactivated(core, textOf(body, 'user') ?? '', body.deactivated === true);
  },
  uninstall: (core, body) => uninstallFrom(core, body),
  clock: (core, body) => core.bench.moveClock(instantOf(body)),
  reset: (core) => core.bench.reset(),
};

/**
 * The test panel, and the same for programs: GET /-/bench returns all settings, and POST /-/bench/NAME changes one
 * (with a JSON body, and the workspace's own address as Origin). `team` names the workspace, the first one by default.
 */
export function benchRoutes(host: Host): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/-\/bench$/,
      handle: (request) =>
        ownOrigin(request, () => refusable(async () => ({ bench: teamIn(host, request.query).bench.status() }))),
    },
    {
      method: 'POST',
      path: /^\/-\/bench\/([\w-]+)$/,
      handle: (request, [name = '']) =>
        ownOrigin(request, () =>
          refusable(async () => {
            const body = await jsonBody(request);
            const core = teamNamed(host, textOf(body, 'team'));
            const change = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
            if (!change) throw new SlackRefusal('unknown_switch');
            await change(core, body);
            return { bench: core.bench.status() };
          }),
        ),
    },
  ];
}

/** Uninstalls the app where it is installed, for a whole organization if it is there. */
async function uninstallFrom(core: Core, body: Fields): Promise<void> {
  const events = uninstallEventsOf(body);
  const id = installationFor(core)?.id;
  if (!core.host.oauth || id === undefined) throw new SlackRefusal('app_not_installed');
  await uninstall(core.host, id, events && { events });
}

function uninstallEventsOf(body: Fields): UninstallEvent[] | undefined {
  return arrayOf(body, 'events')?.map((type) => {
    const known = UNINSTALL_EVENTS.find((it) => it === type);
    if (known) return known;
    throw new SlackRefusal('invalid_arguments', [`[ERROR] events have to be some of ${UNINSTALL_EVENTS.join(', ')}`]);
  });
}

function faultOf(body: Fields): Fault {
  const method = textOf(body, 'method') ?? '*';
  const kind = KINDS.find((it) => it === body.kind);
  if (!kind) throw new SlackRefusal('invalid_arguments', [`[ERROR] kind has to be one of ${KINDS.join(', ')}`]);
  const error = textOf(body, 'error');
  const { times } = body;
  const number = (name: string) => {
    const value = body[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? { [name]: value } : {};
  };
  return {
    method,
    kind,
    ...(times === 'always' ? { times } : number('times')),
    ...number('retryAfter'),
    ...number('ms'),
    ...number('status'),
    ...(error !== undefined && { error }),
  };
}

function instantOf(body: Fields): Date {
  const to = new Date(textOf(body, 'to') ?? '');
  if (Number.isNaN(to.getTime())) throw new SlackRefusal('invalid_arguments', ['[ERROR] to has to be an instant']);
  return to;
}
