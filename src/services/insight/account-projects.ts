import { groupNames } from '../../store/groups/group-reads.ts';
import { membershipsAt } from '../../store/groups/membership-reads.ts';
import { projectsOfAccount } from '../../store/groups/project-reads.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Part, PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { partWith, seenPart } from '../kit/seen-part.ts';

/** A project with the group that it is in now. */
export interface AccountProject {
  readonly id: string;
  readonly name: string;
  readonly label: string | null;
  readonly billingGroupId: string;
  readonly billingGroupName: string;
}

/** Projects of an account that the caller sees, in the order of their IDs, without what they cost. */
export async function accountProjects(
  ctx: Ctx,
  accountId: string,
  request: PartRequest,
): Promise<Part<AccountProject>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const hidden = await hiddenProjectIds(accountId, sight, now);
  const part = await seenPart(
    request,
    (wanted) => projectsOfAccount(accountId, hidden, wanted),
    (docs) => docs,
  );
  const ids = part.items.map(({ _id }) => _id);
  const groupIds = new Map(
    (await membershipsAt(accountId, ids, now)).map((one) => [one.projectId, one.billingGroupId]),
  );
  const names = await groupNames(accountId, [...new Set(groupIds.values())]);
  const items = part.items.flatMap(({ _id: id, name, label }) => {
    const billingGroupId = groupIds.get(id);
    if (billingGroupId === undefined) return [];
    return { id, name, label, billingGroupId, billingGroupName: names.get(billingGroupId) ?? '' };
  });
  return partWith(part, items);
}
