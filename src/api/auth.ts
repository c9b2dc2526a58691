import type { Request } from 'express';
import { entering } from '../services/access/rights.ts';
import { type Bearer, bearerOf, type TokenCache } from '../services/access/tokens.ts';
import { apiError } from './errors.ts';
import type { Base, Caller, Route } from './route.ts';

/** Clients of the published API send `aivenv1`. */
const FORM = /^(?:aivenv1|bearer)\s+([\w.~+/=-]{8,200})$/i;

/** For tools that support nothing else: the token is the password, whatever the user. */
const BASIC = /^basic\s+([A-Za-z0-9+/]{1,400}={0,2})$/i;
const SECRET = /^[\w.~+/=-]{8,200}$/;

/** A request's token, if it has one. */
export function tokenIn(request: Pick<Request, 'headers'>): string | undefined {
  const header = request.headers.authorization?.trim() ?? '';
  const [, basic] = BASIC.exec(header) ?? [];
  if (basic === undefined) return FORM.exec(header)?.[1];
  const [, ...password] = Buffer.from(basic, 'base64').toString().split(':');
  const secret = password.join(':');
  return SECRET.test(secret) ? secret : undefined;
}

/** The owner of a request's token; undefined without a token, or with an invalid one. At most one query. */
export async function bearerIn(
  request: Pick<Request, 'headers'>,
  base: Base,
  cache?: TokenCache,
): Promise<Bearer | undefined> {
  const token = tokenIn(request);
  return token === undefined ? undefined : bearerOf(base, token, cache);
}

/**
 * The caller, with access to their account. A route that accepts a link can be called without a token, but not with an
 * invalid one.
 *
 * @throws {ApiError} 401 without a valid token; 403 for a read-only one
 */
export async function callerOf(
  request: Request,
  bearer: Bearer | undefined,
  route: Pick<Route, 'access'>,
  base: Base,
): Promise<Caller | undefined> {
  const { authorization } = request.headers;
  if (authorization === undefined && route.access === 'link') return undefined;
  if (tokenIn(request) === undefined) {
    throw apiError(401, 'token_needed', 'Send a token: Authorization: Bearer TOKEN.');
  }
  if (!bearer) throw apiError(401, 'token_invalid', 'This token is unknown, expired or revoked.');
  const { scope, ...actor } = bearer;
  if (route.access === 'billing:write' && scope !== 'billing:write') {
    throw apiError(403, 'scope_needed', 'This request needs a token with billing:write. Yours has billing:read.');
  }
  const ctx = await entering({ ...base, actor }, actor.accountId);
  return { ctx, accountId: actor.accountId, scope };
}
