import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { tokenIn } from './auth.ts';
import { apiError } from './errors.ts';

const MINUTE_MS = 60_000;

/** So many requests a minute for each token; whoever has none shares a limit with their address. */
export function limitPerToken(perMinute: number): RequestHandler {
  return rateLimit({
    ...common(perMinute),
    keyGenerator: (request) => hashed(tokenIn(request)) ?? address(request),
  });
}

/** Whoever guesses tokens from an address is stopped, however many they try. */
export function limitOfGuesses(perMinute: number): RequestHandler {
  return rateLimit({
    ...common(perMinute),
    standardHeaders: false,
    keyGenerator: address,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401,
  });
}

function common(perMinute: number) {
  return {
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // a proxy in front is the operator's affair: the limit of tokens does not rest on addresses
    validate: { xForwardedForHeader: false, trustProxy: false },
    handler: (_request: Request, _response: unknown, next: (error: unknown) => void) => {
      next(apiError(429, 'too_many_requests', `At most ${perMinute} requests a minute: wait, then go on.`));
    },
  } as const;
}

function address({ ip }: Request): string {
  return ipKeyGenerator(ip ?? '');
}

/** What is kept in memory is no token that could be used. */
function hashed(token: string | undefined): string | undefined {
  return token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
}
