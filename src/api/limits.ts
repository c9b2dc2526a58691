import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore, rateLimit } from 'express-rate-limit';
import { count as counted } from '../billing/money/count.ts';
import { type TokenCache, tokenHash } from '../services/access/tokens.ts';
import { bearerIn, tokenIn } from './auth.ts';
import { clientOf } from './client-address.ts';
import { apiError } from './errors.ts';
import { KnownTokens, SharedLookup } from './token-lookup.ts';

const MINUTE_MS = 60_000;

/**
 * Counts requests, recognizes tokens (`response.locals.bearer`), and limits requests per minute: for each valid token,
 * and for each address without one. The two are counted separately, so that nobody without a token can lock out those
 * who have one. A 429 has Retry-After, in seconds.
 *
 * Everything is counted before the database is asked: a token that was valid before by its own limit, any other by its
 * address. Once an address has reached its limit, its unknown tokens share their queries (`SharedLookup`).
 *
 * @param tokens as last read, instead of the process's own
 */
export function limits(perMinute: number, tokens?: TokenCache): RequestHandler[] {
  const known = new KnownTokens();
  const shared = new SharedLookup();
  const strangers = new MemoryStore();
  const tooMany = () =>
    apiError(429, 'too_many_requests', `The limit is ${counted(perMinute, 'request')} per minute. Try again later.`);

  const byAddress = rateLimit({
    ...limitOptions(perMinute),
    store: strangers,
    keyGenerator: clientOf,
    handler: (_request: Request, { locals }: Response, next: (error?: unknown) => void) => {
      locals.isOverLimit = true;
      // an unknown token may be valid
      next(locals.tokenHash === undefined ? tooMany() : undefined);
    },
  });
  const byToken = rateLimit({
    ...limitOptions(perMinute),
    keyGenerator: (_request: Request, { locals }: Response) => locals.tokenHash,
    handler: (_request: Request, _response: Response, next: (error: unknown) => void) => next(tooMany()),
  });

  const count: RequestHandler = (request, response, next) => {
    const token = tokenIn(request);
    const hash = token === undefined ? undefined : tokenHash(token);
    response.locals.tokenHash = hash;
    response.locals.isKnown = hash !== undefined && known.has(hash);
    return (response.locals.isKnown ? byToken : byAddress)(request, response, next);
  };
  const recognize: RequestHandler = async (request, response, next) => {
    const { base, tokenHash: hash, isKnown, isOverLimit } = response.locals;
    const isWorthAsking = hash !== undefined && (!isOverLimit || (await shared.exists(hash)));
    const bearer = isWorthAsking ? await bearerIn(request, base, tokens) : undefined;
    response.locals.bearer = bearer;
    if (bearer && !isKnown) {
      known.add(hash);
      await strangers.decrement(clientOf(request));
      response.removeHeader('retry-after');
      return byToken(request, response, next);
    }
    if (!bearer && isKnown) {
      known.delete(hash);
      return byAddress(request, response, next);
    }
    return next();
  };
  const refuse: RequestHandler = (_request, { locals }, next) =>
    next(locals.isOverLimit && !locals.bearer ? tooMany() : undefined);
  return [count, recognize, refuse];
}

/** The options of every limit. */
export function limitOptions(perMinute: number) {
  return {
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // TRUST_PROXY decides whose X-Forwarded-For counts; without it, the peer's own address counts
    validate: { xForwardedForHeader: false, trustProxy: false },
  } as const;
}
