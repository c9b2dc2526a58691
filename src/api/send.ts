import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { BUSY_RETRY_SECONDS } from '../documents/pool.ts';
import { type ApiError, errorBody } from './errors.ts';
import type { Reply, Route } from './route.ts';

/** How long a client that reads nothing is waited for. */
const STALLED_MS = 60_000;

/**
 * Sends an answer that matches its schema, or 304 if the client already has it. @throws {Error} for any other answer
 */
export async function send(route: Route, reply: Reply, request: Request, response: Response): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  // never cached: a link works like a token while it is valid
  response.set('cache-control', route.access === 'link' ? 'no-store' : 'private, no-cache');
  if (reply.kind === 'stream') {
    if (reply.etag === undefined || !isKnown(reply.etag, request, response)) await stream(reply, response);
    return;
  }
  const schema = route.answers[reply.status]?.schema;
  if (!schema) throw new Error(`${route.operation} responds with ${reply.status} without a schema`);
  const text = JSON.stringify(schema.parse(reply.body));
  if (request.method === 'GET' && isKnown(reply.etag ?? etagOf(text), request, response)) return;
  response.status(reply.status).type('json').send(text);
}

export function sendError(error: ApiError, response: Response): void {
  if (error.status === 401) response.set('www-authenticate', 'Bearer');
  if (error.status === 503) response.set('retry-after', String(BUSY_RETRY_SECONDS));
  response.set('cache-control', 'no-store');
  response.status(error.status).json(errorBody(error));
}

/** An ETag for what is shown; weak, since the response may be compressed. */
export function etagOf(shown: string): string {
  return `W/"${createHash('sha1').update(shown).digest('base64url')}"`;
}

/**
 * Answers 304 if the client has this ETag. Express would take a client's own `Cache-Control: no-cache`, which `fetch`
 * adds, for a request to send everything again.
 */
function isKnown(etag: string, request: Request, response: Response): boolean {
  response.set('etag', etag);
  const known = request.get('if-none-match')?.split(',') ?? [];
  const weak = (one: string) => one.trim().replace(/^W\//, '');
  if (!known.some((one) => one.trim() === '*' || weak(one) === weak(etag))) return false;
  response.status(304).end();
  return true;
}

/** Gets the first chunk before sending the headers, so that an immediate failure is an error with its status. */
async function stream(reply: Extract<Reply, { kind: 'stream' }>, response: Response): Promise<void> {
  const pieces = reply.chunks[Symbol.asyncIterator]();
  const first = await pieces.next();
  response.status(200);
  if (reply.filename !== undefined) response.attachment(reply.filename);
  response.set('content-type', reply.contentType);
  async function* all() {
    if (!first.done) yield first.value;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }
  await pipeline(Readable.from(all(), { objectMode: false }), response);
}
