import type { Request } from 'express';
import { entering } from '../services/rights.ts';
import { bearerOf } from '../services/tokens.ts';
import { apiError } from './errors.ts';
import type { Base, Caller, Route } from './route.ts';

/** `aivenv1` is what clients of the published API send. */
const FORM = /^(?:aivenv1|bearer)\s+([\w.~+/=-]{8,200})$/i;

/** The token that a request carries, if it carries one. */
export function tokenIn(request: Pick<Request, 'headers'>): string | undefined {
  return FORM.exec(request.headers.authorization?.trim() ?? '')?.[1];
}

/**
 * Who asks, let into their account. A route that takes a link may be asked without a token, not with a wrong one.
 *
 * @throws {ApiError} 401 without a token, or with one that is not good; 403 for one that is for reading alone
 */
export async function callerOf(request: Request, route: Route, base: Base): Promise<Caller | undefined> {
  const { authorization } = request.headers;
  if (authorization === undefined && route.access === 'link') return undefined;
  const token = tokenIn(request);
  if (token === undefined) throw apiError(401, 'token_needed', 'Send a token: Authorization: Bearer TOKEN.');
  const bearer = await bearerOf(base, token);
  if (!bearer) throw apiError(401, 'token_invalid', 'This token is not known, or is good no longer.');
  const { scope, ...actor } = bearer;
  if (route.access === 'billing:write' && scope !== 'billing:write') {
    throw apiError(403, 'scope_needed', 'This needs a token for billing:write; yours is for billing:read.');
  }
  const ctx = await entering({ ...base, actor }, actor.accountId);
  return { ctx, accountId: actor.accountId, scope };
}
