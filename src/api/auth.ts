import type { Request } from 'express';
import { entering } from '../services/access/rights.ts';
import { type Bearer, bearerOf } from '../services/access/tokens.ts';
import { apiError } from './errors.ts';
import type { Base, Caller, Route } from './route.ts';

/** `aivenv1` is what clients of the published API send. */
const FORM = /^(?:aivenv1|bearer)\s+([\w.~+/=-]{8,200})$/i;

/** The token that a request carries, if it carries one. */
export function tokenIn(request: Pick<Request, 'headers'>): string | undefined {
  return FORM.exec(request.headers.authorization?.trim() ?? '')?.[1];
}

/** Whose token a request carries; undefined without one, or with one that isn't valid. One query. */
export async function bearerIn(request: Pick<Request, 'headers'>, base: Base): Promise<Bearer | undefined> {
  const token = tokenIn(request);
  return token === undefined ? undefined : bearerOf(base, token);
}

/**
 * The caller, with access to their account. A route that accepts a link can be called without a token, but not with a wrong one.
 *
 * @throws {ApiError} 401 without a token, or with one that is not good; 403 for one that is for reading alone
 */
export async function callerOf(
  request: Request,
  bearer: Bearer | undefined,
  route: Route,
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
