import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { BUSY_RETRY_SECONDS } from '../documents/pool.ts';
import { type ApiError, errorBody } from './errors.ts';
import type { Reply, Route } from './route.ts';

/** A client that reads nothing for so long is not waited for. */
const STALLED_MS = 60_000;

/** Sends an answer that has the form its schema promises, or 304 where the client has it already. @throws {Error} for another */
export async function send(route: Route, reply: Reply, request: Request, response: Response): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  // what a link gives is kept nowhere: the link is as good as a token while it lasts
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

/** A validator for what is shown; weak, since it may be compressed on its way. */
export function etagOf(shown: string): string {
  return `W/"${createHash('sha1').update(shown).digest('base64url')}"`;
}

/**
 * Answers 304 where the client has what has this ETag. Not as Express does it, which takes a client's own
 * `Cache-Control: no-cache`, as `fetch` sends it along, for a wish to have it all again.
 */
function isKnown(etag: string, request: Request, response: Response): boolean {
  response.set('etag', etag);
  const known = request.get('if-none-match')?.split(',') ?? [];
  const weak = (one: string) => one.trim().replace(/^W\//, '');
  if (!known.some((one) => one.trim() === '*' || weak(one) === weak(etag))) return false;
  response.status(304).end();
  return true;
}

/** The first piece is there before the head is sent, so that what fails at once is an error with its status. */
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
