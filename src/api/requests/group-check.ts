import { type GroupDetails, groupDetails, isStill } from '../../services/groups/group-details.ts';
import type { GroupCheck } from '../../services/groups/groups.ts';
import { type ApiError, apiError } from '../errors.ts';
import type { Caller } from '../route.ts';
import { etagOf, namesEtag } from '../send.ts';

/**
 * A check for a change's transaction: that the group is what the client read, according to If-Match; none without it.
 *
 * @param shown the answer whose ETag the client has
 * @throws {ApiError} 412 if it has changed already
 */
export async function groupCheck(
  ifMatch: string | undefined,
  of: { readonly accountId: string; readonly billingGroupId: string },
  { ctx }: Caller,
  shown: (details: GroupDetails) => unknown,
): Promise<GroupCheck | undefined> {
  if (ifMatch === undefined) return undefined;
  const details = await groupDetails(ctx, of.accountId, of.billingGroupId);
  if (!namesEtag(ifMatch, etagOf(JSON.stringify(shown(details))))) throw changed();
  return (group) => {
    if (!isStill(group, details)) throw changed();
  };
}

function changed(): ApiError {
  return apiError(412, 'changed_meanwhile', 'The billing group has changed since you read it. Read it again.');
}
