import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { type ApiError, errorBody } from './errors.ts';
import type { Reply, Route } from './route.ts';

/** A client that reads nothing for so long is not waited for. */
const STALLED_MS = 60_000;

/** Sends an answer that has the form its schema promises, or 304 where the client has it already. @throws {Error} for another */
export async function send(route: Route, reply: Reply, request: Request, response: Response): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  if (reply.etag !== undefined) response.set('etag', reply.etag);
  if (reply.kind === 'json') {
    const schema = route.answers[reply.status]?.schema;
    if (!schema) throw new Error(`${route.operation} answers ${reply.status} without a schema`);
    // express makes the ETag where there is none, and the 304
    response.status(reply.status).json(schema.parse(reply.body));
    return;
  }
  if (reply.etag !== undefined && request.fresh) {
    response.status(304).end();
    return;
  }
  await stream(reply, response);
}

export function sendError(error: ApiError, response: Response): void {
  if (error.status === 401) response.set('www-authenticate', 'Bearer');
  response.status(error.status).json(errorBody(error));
}

/** The first piece is there before the head is sent, so that what fails at once is an error with its status. */
async function stream(reply: Extract<Reply, { kind: 'stream' }>, response: Response): Promise<void> {
  const pieces = reply.chunks[Symbol.asyncIterator]();
  const first = await pieces.next();
  response.status(200).set('content-type', reply.contentType);
  if (reply.filename !== undefined) response.attachment(reply.filename).set('content-type', reply.contentType);
  async function* all() {
    if (!first.done) yield first.value;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }
  await pipeline(Readable.from(all(), { objectMode: false }), response);
}
