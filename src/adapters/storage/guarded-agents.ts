import { type LookupAddress, lookup as resolve } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { StorageFault } from '../../services/sources/source-storage.ts';
import { isAllowedAddress } from './addresses.ts';

export interface AddressRule {
  /** Whether servers in private networks, and without encryption, may be asked. */
  readonly allowsPrivate: boolean;
  /** Finds the addresses of a host; the system’s own way by default. */
  readonly resolve?: typeof resolve;
}

export interface GuardedAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  destroy(): void;
}

/** How long a connection may take, in milliseconds. */
export const CONNECT_MS = 15_000;
const MAX_SOCKETS = 4;

/**
 * Agents that only connect to addresses that are allowed. A host is resolved once for each connection, and the
 * connection is made to an address that was checked, so that a name that changes its address in between gains nothing.
 * A redirect to another server is a new connection, which is checked like the first one.
 */
export function guardedAgents(rule: AddressRule): GuardedAgents {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: CONNECT_MS, lookup: guardedLookup(rule) };
  const plain = new http.Agent(options);
  const secure = new https.Agent(options);
  guard(plain, (host) => {
    if (!rule.allowsPrivate) throw new StorageFault('address', 'Only addresses that begin with https:// can be used.');
    assertAllowed(host, rule);
  });
  guard(secure, (host) => assertAllowed(host, rule));
  return {
    ...{ http: plain, https: secure },
    destroy() {
      plain.destroy();
      secure.destroy();
    },
  };
}

interface Connecting {
  createConnection(options: { readonly host?: string | null }, ...rest: unknown[]): unknown;
}

/** A host that is an address itself is never resolved, so it is checked here. */
function guard(agent: http.Agent, check: (host: string) => void): void {
  const own = agent as unknown as Connecting;
  const connect = own.createConnection.bind(agent);
  own.createConnection = (options, ...rest) => {
    check(options.host ?? '');
    return connect(options, ...rest);
  };
}

function assertAllowed(host: string, { allowsPrivate }: AddressRule): void {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 && !isAllowedAddress(host, allowsPrivate)) throw refused(host);
}

function guardedLookup({ allowsPrivate, resolve: find = resolve }: AddressRule): LookupFunction {
  return (host, options, done) => {
    find(host, { ...options, all: true }, (error, found) => {
      const none: LookupAddress[] = [];
      if (error) return done(error, none);
      const addresses = found as LookupAddress[];
      // one that isn’t allowed is enough: which one is connected to must not be left to chance
      if (addresses.length === 0 || addresses.some(({ address }) => !isAllowedAddress(address, allowsPrivate))) {
        return done(refused(host), none);
      }
      if (options.all) return done(null, addresses);
      const [{ address, family }] = addresses as [LookupAddress];
      return done(null, address, family);
    });
  };
}

function refused(host: string): StorageFault {
  return new StorageFault(
    'address',
    `${host} is at a private address, which can’t be used unless the server’s setting ALLOW_PRIVATE_SOURCES is on.`,
  );
}
