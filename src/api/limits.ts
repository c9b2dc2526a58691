import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { tokenIn } from './auth.ts';
import { apiError } from './errors.ts';

const MINUTE_MS = 60_000;

/**
 * How many requests per minute are allowed for each valid token, and for each address without one. The two are counted
 * separately, so that nobody without a token can lock out those who have one. Both must come after the middleware that
 * recognizes tokens (`response.locals.bearer`). A 429 has Retry-After, in seconds.
 */
export function limits(perMinute: number): RequestHandler[] {
  const hasToken = (response: Response) => response.locals.bearer !== undefined;
  return [
    rateLimit({
      ...common(perMinute),
      skip: (_request, response) => hasToken(response),
      keyGenerator: ({ ip }) => ipKeyGenerator(ip ?? ''),
    }),
    rateLimit({
      ...common(perMinute),
      skip: (_request, response) => !hasToken(response),
      keyGenerator: (request) => hashed(tokenIn(request) ?? ''),
    }),
  ];
}

function common(perMinute: number) {
  return {
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // TRUST_PROXY decides whose X-Forwarded-For counts; without it, the peer's own address counts
    validate: { xForwardedForHeader: false, trustProxy: false },
    handler: (_request: Request, _response: unknown, next: (error: unknown) => void) => {
      next(apiError(429, 'too_many_requests', `The limit is ${perMinute} requests per minute. Try again later.`));
    },
  } as const;
}

/** Hashed, so that no usable token stays in memory. */
function hashed(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
