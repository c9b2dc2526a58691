import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { tokenIn } from './auth.ts';
import { apiError } from './errors.ts';

const MINUTE_MS = 60_000;

/**
 * How many requests a minute may come with each valid token, and from each address without one. The two are counted
 * apart, so that nobody who has no token can keep those from getting through who do. Both are to come after the
 * middleware that recognises tokens (`response.locals.bearer`). The answer 429 has Retry-After, in seconds.
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
    // whose X-Forwarded-For counts is the setting TRUST_PROXY; where it is not set, the peer's own address counts
    validate: { xForwardedForHeader: false, trustProxy: false },
    handler: (_request: Request, _response: unknown, next: (error: unknown) => void) => {
      next(apiError(429, 'too_many_requests', `The limit is ${perMinute} requests per minute. Try again later.`));
    },
  } as const;
}

/** No usable token stays in memory. */
function hashed(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
