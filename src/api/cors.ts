import type { RequestHandler } from 'express';

const METHODS = 'GET, POST, PUT, DELETE';
const HEADERS = 'authorization, content-type, if-none-match, x-request-id';
const EXPOSED = 'etag, retry-after, x-request-id, content-disposition';

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
