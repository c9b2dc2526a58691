import { apiError } from '../errors.ts';
import { resolvedId } from '../ids.ts';
import { type Caller, callerIn, type Sent } from '../route.ts';

/** Another account doesn't exist for the caller. @throws {ApiError} 404 */
export function assertOwn({ accountId }: Pick<Caller, 'accountId'>, given: string): void {
  if (resolvedId('acc', given) !== accountId) throw apiError(404, 'account_not_found', 'Account not found.');
}

/** The caller, for a path with an organization, which is an account. @throws {ApiError} 401, 404 for another account */
export function memberOf(sent: Pick<Sent, 'caller'>, { organization_id: id }: { organization_id: string }): Caller {
  const caller = callerIn(sent);
  assertOwn(caller, id);
  return caller;
}
