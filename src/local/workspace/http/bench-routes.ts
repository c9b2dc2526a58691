import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { setArchived, setDeactivated } from '../events/events.ts';
import type { Fault, FaultKind } from '../faults/faults.ts';
import { textOf } from '../json.ts';
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
  archive: (core, body) => setArchived(core, textOf(body, 'as'), textOf(body, 'channel') ?? '', body.archived === true),
  deactivate: async (core, body) => {
    await setDeactivated(core, textOf(body, 'user') ?? '', body.deactivated === true);
  },
  clock: (core, body) => core.bench.moveClock(instantOf(body)),
  reset: (core) => core.bench.reset(),
};

/**
 * The test panel, and the same for programs: GET /-/bench returns all settings, and POST /-/bench/NAME changes one
 * (with a JSON body, and the workspace's own address as Origin).
 */
export function benchRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/-\/bench$/,
      handle: (request) => ownOrigin(request, () => refusable(async () => ({ bench: core.bench.status() }))),
    },
    {
      method: 'POST',
      path: /^\/-\/bench\/([\w-]+)$/,
      handle: (request, [name = '']) =>
        ownOrigin(request, () =>
          refusable(async () => {
            const body = await jsonBody(request);
            const change = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
            if (!change) throw new SlackRefusal('unknown_switch');
            await change(core, body);
            return { bench: core.bench.status() };
          }),
        ),
    },
  ];
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
