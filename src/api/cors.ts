import type { RequestHandler } from 'express';

const METHODS = 'GET, POST, PUT, DELETE';
const HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, mcp-protocol-version, x-request-id';
const EXPOSED =
  'allow, content-disposition, etag, link, location, ratelimit, ratelimit-policy, retry-after, x-request-id';

/** Lets pages of these origins send requests. */
export function cors(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('origin');
    if (origins.length > 0) response.vary('origin');
    if (origin === undefined || !origins.includes(origin)) return next();
    response.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
    if (request.method !== 'OPTIONS') return next();
    response
      .set({ 'access-control-allow-methods': METHODS, 'access-control-allow-headers': HEADERS })
      .status(204)
      .end();
  };
}
