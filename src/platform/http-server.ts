import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './logger.ts';
import { inTheWay, type StartupError, wrongSetting } from './startup-error.ts';

/** A request must arrive completely within this time. Slack itself waits 3 s for the answer. */
const REQUEST_TIMEOUT_MS = 14_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** How often connections are checked for these, so that slow and half-open requests end within 15 s. */
const CHECK_MS = 500;
/** Longer than the usual 60 s of load balancers, so that they close an idle connection, and not we. */
const KEEP_ALIVE_MS = 65_000;
const CLOSE_GRACE_MS = 10_000;
const IDLE_SWEEP_MS = 50;
const RETRY_AFTER_S = 5;
const HEALTH_CHECKS: readonly string[] = ['/healthz', '/readyz'];

export interface HttpServerOptions {
  readonly log: Logger;
  /** Bolt's listener behind its guard. Without it (Socket Mode) there is no `/slack/events`. */
  readonly slack?: RequestListener | undefined;
  /** While it returns true, everything except health checks is answered with 503. */
  readonly isStarting?: () => boolean;
}

export interface HttpServer {
  /**
   * Routes `prefix` and everything below it to `listener`; the longest prefix wins. @throws RangeError for a taken
   * prefix
   */
  mount(prefix: string, listener: RequestListener): void;
  /**
   * @returns the port, which differs from the requested one only for 0. @throws {StartupError} when it can't listen on
   * the address
   */
  listen(port: number, host: string): Promise<number>;
  /** Stops accepting requests, waits for running ones up to `graceMs` (10 s by default), then aborts the rest. */
  close(graceMs?: number): Promise<void>;
}

/**
 * The process's only HTTP server: `/slack/events`, `/healthz` (200 as soon as it listens), mounted prefixes, otherwise
 * 404.
 */
export function createHttpServer({ log, slack, isStarting }: HttpServerOptions): HttpServer {
  const mounts = new Map<string, RequestListener>([['/healthz', health]]);
  if (slack) mounts.set('/slack/events', slack);
  let closing = false;

  const server = createServer({ connectionsCheckingInterval: CHECK_MS }, (request, response) => {
    if (closing) response.setHeader('connection', 'close');
    const url = request.url ?? '/';
    const listener = isStarting?.() && !isHealthCheck(url) ? starting : (find(mounts, url) ?? notFound);
    try {
      listener(request, response);
    } catch (error) {
      log.error({ err: error, method: request.method }, 'a request listener threw');
      answer(response, 500);
    }
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  return {
    mount(prefix, listener) {
      if (!/^(?:\/[\w.~-]+)+$/.test(prefix)) throw new RangeError(`not a path to mount on: ${prefix}`);
      if (mounts.has(prefix)) throw new RangeError(`mounted already: ${prefix}`);
      mounts.set(prefix, listener);
    },
    listen: (port, host) => listen(server, port, host),
    close(graceMs = CLOSE_GRACE_MS) {
      closing = true;
      return close(server, graceMs);
    },
  };
}

function isHealthCheck(url: string): boolean {
  return HEALTH_CHECKS.includes(url.split(/[?#]/, 1)[0] ?? '');
}

function find(mounts: ReadonlyMap<string, RequestListener>, url: string): RequestListener | undefined {
  let path = url.split(/[?#]/, 1)[0] ?? '';
  while (path !== '') {
    const listener = mounts.get(path);
    if (listener) return listener;
    path = path.slice(0, path.lastIndexOf('/'));
  }
  return undefined;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenFault(error, port, host));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve(portOf(server.address(), port));
    });
  });
}

function listenFault(error: Error, port: number, host: string): StartupError {
  const code = 'code' in error ? String(error.code) : error.message;
  if (code === 'EADDRINUSE') {
    return inTheWay(
      `PORT ${port} is already in use on ${host} (EADDRINUSE). Stop the other program, or set PORT to another port.`,
      error,
    );
  }
  if (code === 'EACCES') {
    return wrongSetting(
      `PORT ${port} needs permissions that this user doesn't have. Set PORT to a port above 1023.`,
      error,
    );
  }
  return wrongSetting(
    `HOST ${host} isn't an address of this machine (${code}). Set HOST to 127.0.0.1, 0.0.0.0 or one of its addresses.`,
    error,
  );
}

function portOf(address: AddressInfo | string | null, asked: number): number {
  return typeof address === 'object' && address !== null ? address.port : asked;
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    // a connection whose response was already being sent becomes idle when it has been sent
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    // closes idle connections too, since Node 19
    server.close(() => {
      clearTimeout(timer);
      clearInterval(sweep);
      resolve();
    });
  });
}

const health: RequestListener = (request, response) => {
  request.resume();
  answer(response, 200);
};

/** Slack and API clients retry. */
const starting: RequestListener = (request, response) => {
  request.resume();
  response.setHeader('retry-after', RETRY_AFTER_S);
  answer(response, 503);
};

const notFound: RequestListener = (request, response) => {
  request.resume();
  answer(response, 404);
};

function answer(response: ServerResponse, status: number): void {
  if (response.headersSent) response.end();
  else response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok' : undefined);
}
