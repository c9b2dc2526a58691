import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { BUSY_RETRY_SECONDS } from '../documents/pool.ts';
import type { AnswerChecks } from './answer-checks.ts';
import { type ApiError, errorBody } from './errors.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { Reply, Route } from './route.ts';

/** How long a client that reads nothing is waited for. */
const STALLED_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';
/** Shorter answers get no shorter, in bytes. The same limit as that of `compression`. */
const WORTH_COMPRESSING = 1024;

/** What the answers of an API have in common. */
export interface Sending {
  readonly checks: AnswerChecks;
  readonly kept: KeptAnswers;
}

/**
 * Sends an answer, or 304 if the client already has it.
 *
 * @throws {Error} instead of an answer that is checked and doesn't match its schema
 */
export async function send(
  { checks, kept }: Sending,
  route: Route,
  reply: Reply,
  request: Request,
  response: Response,
): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  // never cached: a link works like a token while it is valid
  response.set('cache-control', route.access === 'link' ? 'no-store' : 'private, no-cache');
  if (reply.kind === 'stream') {
    if (reply.etag === undefined || !isKnown(reply.etag, request, response)) await stream(reply, response);
    return;
  }
  if (reply.kind === 'empty') {
    response.status(204).end();
    return;
  }
  const { operation } = route;
  const schema = schemaOf(route, reply.kind === 'json' ? reply.status : 200);
  const written = (body: unknown) => {
    const text = JSON.stringify(body);
    checks.check(operation, schema, text);
    return text;
  };
  if (reply.kind === 'long') {
    if (isKnown(reply.etag, request, response)) return;
    const check = (item: string) => checks.check(`${operation} item`, reply.item, item);
    const chunks = pieces(reply, written(reply.frame), check);
    await stream({ kind: 'stream', contentType: JSON_TYPE, chunks }, response);
    return;
  }
  if (reply.kind === 'kept') {
    const answer = await kept.get(`${operation} ${reply.question}`, reply.stamp, async () => {
      const body = await reply.read();
      const text = written(body);
      return { bytes: Buffer.from(text), etag: etagOf(text), next: nextIn(body) };
    });
    linkNext({ next_cursor: answer.next }, request, response);
    if (!isKnown(answer.etag, request, response)) await sendKept(answer, request, response);
    return;
  }
  const text = written(reply.body);
  linkNext(reply.body, request, response);
  if (request.method === 'GET' && isKnown(reply.etag ?? etagOf(text), request, response)) return;
  response
    .set(reply.headers ?? {})
    .status(reply.status)
    .type('json')
    .send(text);
}

function schemaOf({ operation, answers }: Route, status: number): z.ZodType {
  const schema = answers[status]?.schema;
  if (!schema) throw new Error(`${operation} responds with ${status} without a schema`);
  return schema;
}

/** Compressed once for all who accept it, and not each time. */
async function sendKept(answer: KeptAnswer, request: Request, response: Response): Promise<void> {
  const isZipped = answer.bytes.length >= WORTH_COMPRESSING && request.acceptsEncodings('gzip') === 'gzip';
  const body = isZipped ? await answer.gzipped() : answer.bytes;
  response.status(200).vary('accept-encoding');
  response.set({ 'content-type': JSON_TYPE, 'content-length': String(body.length) });
  if (isZipped) response.set('content-encoding', 'gzip');
  response.end(body);
}

/** The pieces of a long answer, each with a batch of its items. */
async function* pieces(
  { batches }: Extract<Reply, { kind: 'long' }>,
  frame: string,
  check: (item: string) => void,
): AsyncGenerator<string> {
  const at = frame.lastIndexOf('[]') + 1;
  if (at === 0) throw new Error('A long answer has an empty list at its end');
  yield frame.slice(0, at);
  let separator = '';
  for await (const batch of batches) {
    const items = batch.map((item) => JSON.stringify(item));
    for (const item of items) check(item);
    yield separator + items.join(',');
    separator = ',';
  }
  yield frame.slice(at);
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
  if (!namesEtag(request.get('if-none-match') ?? '', etag)) return false;
  response.status(304).end();
  return true;
}

/** Whether an ETag is among those of a header, or the header accepts any. */
export function namesEtag(header: string, etag: string): boolean {
  const weak = (one: string) => one.trim().replace(/^W\//, '');
  return header.split(',').some((one) => one.trim() === '*' || weak(one) === weak(etag));
}

/** Where the next page of a list is (RFC 8288), for clients that don't read `next_cursor`. */
function linkNext(body: unknown, request: Request, response: Response): void {
  const next = nextIn(body);
  if (next === undefined) return;
  const url = new URL(request.originalUrl, 'http://localhost');
  url.searchParams.set('cursor', next);
  response.set('link', `<${url.pathname}${url.search}>; rel="next"`);
}

function nextIn(body: unknown): string | undefined {
  const next = typeof body === 'object' && body !== null && 'next_cursor' in body ? body.next_cursor : undefined;
  return typeof next === 'string' ? next : undefined;
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
