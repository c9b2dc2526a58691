import type { z } from 'zod';
import { type Caller, type Nothing, type Parsed, type Reply, type Route, route } from '../route.ts';
import { organizationParams } from '../schemas/organization.ts';
import { memberOf } from './own-account.ts';

/** What all routes below an organization have in their paths. */
type OrganizationParams = typeof organizationParams;

/**
 * Creates a route below `/organization/{organization_id}`, which reads unless it says otherwise. Its handler gets the
 * caller. Another account than theirs is answered with 404.
 */
export function organizationRoute<
  P extends OrganizationParams = OrganizationParams,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>({
  path,
  params,
  run,
  ...spec
}: Omit<Route, 'params' | 'query' | 'body' | 'handle' | 'access'> & {
  readonly access?: Route['access'];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  run(request: Omit<Parsed<P, Q, B>, 'caller'> & { readonly caller: Caller }): Promise<Reply>;
}): Route {
  return route<P, Q, B>({
    access: 'billing:read',
    ...spec,
    path: `/organization/{organization_id}${path}`,
    params: params ?? (organizationParams as P),
    run: (request) => run({ ...request, caller: memberOf(request, request.params) }),
  });
}
