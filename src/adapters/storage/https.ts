import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import { nameOfKey } from '../../billing/source/object-keys.ts';
import type { HttpsLocation, SourceCredentials } from '../../billing/source/source.ts';
import { type SourceStorage, StorageFault } from '../../services/sources/source-storage.ts';
import { type AddressRule, CONNECT_MS, type GuardedAgents, guardedAgents } from './guarded-agents.ts';
import { type Asked, faultOf, faultOfStatus, replacedWhileRead } from './storage-faults.ts';

type Headers = Readonly<Record<string, string>>;

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** A name for a file whose address has none. */
const NAMELESS = 'costs';

interface Asking {
  readonly agents: GuardedAgents;
  readonly signal: AbortSignal;
  readonly authorization: string | undefined;
  readonly asked: Asked;
}

/**
 * One file at an address. Its ETag, or else its date and length, tell versions apart.
 *
 * @param signal ends all requests
 */
export function httpsStorage(
  { url }: HttpsLocation,
  { query, authorization }: SourceCredentials,
  { signal, rule }: { readonly signal: AbortSignal; readonly rule: AddressRule },
): SourceStorage {
  const agents = guardedAgents(rule);
  const target = new URL(query === undefined ? url : `${url}?${query}`);
  const key = decoded(nameOfKey(target.pathname)) || NAMELESS;
  const asked = { what: `the file ${key}`, server: target.host };
  const asking = { agents, signal, authorization, asked };
  return {
    async *list() {
      const response = await get(target, {}, asking);
      // only the headers are needed, and servers that sign addresses often allow GET only
      response.destroy();
      yield objectOf(response, key);
    },
    async open(object) {
      const isStrong = /^"/.test(object.etag);
      const response = await get(target, isStrong ? { 'if-match': object.etag } : {}, asking);
      if (objectOf(response, key).etag !== object.etag) {
        response.destroy();
        throw replacedWhileRead(key);
      }
      return bodyOf(response, asked);
    },
    close: async () => agents.destroy(),
  };
}

async function get(target: URL, headers: Headers, asking: Asking): Promise<IncomingMessage> {
  let url = target;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const { authorization } = asking;
    // secrets stay with the server that they were entered for
    const isSame = url.origin === target.origin;
    const response = await request(url, { ...headers, ...(isSame && authorization && { authorization }) }, asking);
    const { statusCode = 0, headers: given } = response;
    if (!REDIRECTS.includes(statusCode) || given.location === undefined) {
      const fault = faultOfStatus(statusCode, asking.asked) ?? unexpected(statusCode, asking.asked);
      if (!fault) return response;
      response.destroy();
      throw fault;
    }
    response.destroy();
    url = redirected(given.location, url, asking.asked);
  }
  throw new StorageFault('invalid', `${asking.asked.server} redirects more than ${MAX_REDIRECTS} times.`);
}

function request(url: URL, headers: Headers, { agents, signal, asked }: Asking): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const fail = (error: unknown) => reject(faultOf(error, asked));
    try {
      const sent = (isSecure ? https : http).get(url, {
        agent: isSecure ? agents.https : agents.http,
        headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity' },
        ...{ signal, timeout: CONNECT_MS },
      });
      sent.once('response', resolve);
      sent.once('timeout', () => sent.destroy(new StorageFault('slow', `${asked.server} doesn’t answer.`)));
      sent.on('error', fail);
    } catch (error) {
      fail(error);
    }
  });
}

function redirected(location: string, from: URL, { server }: Asked): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol)) {
    throw new StorageFault('invalid', `${server} redirects to something that isn’t a web address.`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new StorageFault('address', `${server} redirects to an address without encryption.`);
  }
  return url;
}

function unexpected(status: number, { server }: Asked): StorageFault | undefined {
  return status === 200 ? undefined : new StorageFault('invalid', `${server} answered with HTTP ${status}.`);
}

function objectOf({ headers }: IncomingMessage, key: string): StoredObject {
  const { etag, 'last-modified': date, 'content-length': length } = headers;
  const modified = new Date(date ?? 0);
  if (etag === undefined && date === undefined) {
    throw new StorageFault(
      'invalid',
      'The server says neither which version of the file it has (ETag) nor its date (Last-Modified), so new files can’t be noticed.',
    );
  }
  return {
    key,
    etag: etag ?? `${date} ${length ?? ''}`,
    size: length === undefined ? null : Number(length),
    modified: Number.isNaN(modified.getTime()) ? new Date(0) : modified,
  };
}

async function* bodyOf(response: IncomingMessage, asked: Asked): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw faultOf(error, asked);
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
