import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isFields, parseJson } from '../json.ts';
import type { Fields } from '../types.ts';

export interface WebRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: () => Promise<Buffer>;
  raw: IncomingMessage;
  response: ServerResponse;
}

/** `drop` closes the connection without an answer. With `stream`, the handler writes the answer itself. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string | Buffer } | 'drop' | 'stream';

export interface Route {
  method: 'GET' | 'POST' | 'ANY';
  /** Matched against the whole path. Its groups are passed to the handler, decoded. */
  path: RegExp;
  handle: (request: WebRequest, groups: string[]) => Promise<Reply> | Reply;
}

const MAX_BODY_BYTES = 200 * 1024 * 1024;

/** The names that a browser on this machine uses for us. Any other would be a page using DNS rebinding. */
const OWN_HOSTS = new Set(['127.0.0.1', 'localhost']);

/** A server for these routes on 127.0.0.1, tried in order. @param onFault called with unexpected errors */
export function serve(routes: readonly Route[], onFault: (error: unknown) => void): Server {
  return createServer((raw, response) => {
    answer(routes, raw, response).catch((error) => {
      onFault(error);
      if (!response.headersSent) send(response, jsonReply({ ok: false, error: 'internal_error' }, 500));
      else response.destroy();
    });
  });
}

export function jsonReply(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** A call's arguments from the query, a form, a multipart form or a JSON body; a form's files as Blobs. */
export async function argumentsOf(request: WebRequest): Promise<Fields> {
  const args: Fields = Object.fromEntries(request.query);
  if (request.method !== 'POST') return args;
  const type = request.headers['content-type'] ?? '';
  const body = await request.body();
  if (type.startsWith('application/json')) {
    const parsed = parseJson(body.toString());
    return { ...args, ...(isFields(parsed) && parsed) };
  }
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    return { ...args, ...Object.fromEntries(form) };
  }
  return { ...args, ...Object.fromEntries(new URLSearchParams(body.toString())) };
}

async function answer(routes: readonly Route[], raw: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isOwnHost(raw.headers.host)) {
    send(response, jsonReply({ ok: false, error: 'wrong_host' }, 403));
    return;
  }
  const url = new URL(raw.url ?? '/', 'http://127.0.0.1');
  const method = raw.method ?? 'GET';
  const body = () => readBody(raw);
  const request = { method, path: url.pathname, query: url.searchParams, headers: raw.headers, body, raw, response };
  for (const route of routes) {
    const match = route.path.exec(url.pathname);
    if (!match || (route.method !== 'ANY' && route.method !== method)) continue;
    send(response, await route.handle(request, match.slice(1).map(decodeURIComponent)));
    return;
  }
  send(response, jsonReply({ ok: false, error: 'not_found' }, 404));
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'stream') return;
  if (reply === 'drop') {
    response.socket?.destroy();
    return;
  }
  response.writeHead(reply.status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...reply.headers,
  });
  response.end(reply.body);
}

function isOwnHost(host: string | undefined): boolean {
  return OWN_HOSTS.has(host?.replace(/:\d+$/, '') ?? '');
}

async function readBody(raw: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`A request body of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
