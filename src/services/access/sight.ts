import { may, type Role } from '../../billing/account/role.ts';
import { FULL_SIGHT, Sight } from '../../billing/account/sight.ts';
import type { Unseen } from '../../billing/event/unseen.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { membershipsHeldBy } from '../../store/accounts/member-reads.ts';
import { groupIdsApprovedBy } from '../../store/groups/group-reads.ts';
import { groupIdsHolding, projectIdsHeldByAny } from '../../store/groups/membership-reads.ts';
import { projectIdsLedBy } from '../../store/groups/project-leads.ts';
import { moveIdsConcerning } from '../../store/moves/move-reads.ts';
import { mightiest } from './mightiest.ts';

/** Someone who reads. Programs have no user ID, so only their role counts. */
export interface Reader {
  /** Null for automation and the operator. */
  readonly role: Role | null;
  readonly userId?: string;
}

/**
 * The only place that decides who sees private groups (domain.md, Permissions): owners and billing admins see all, other
 * people those whose approvers they are or that pay for a project they lead. No query unless the account has private
 * groups and the reader's role doesn't see them; otherwise four.
 */
export async function sightOf(account: AccountDoc, { role, userId }: Reader, now: Date): Promise<Sight> {
  const { _id: accountId, privateGroupIds = [] } = account;
  if (privateGroupIds.length === 0 || role === null || may(role, 'see_private')) return FULL_SIGHT;
  if (userId === undefined) return new Sight(privateGroupIds);
  const seen = new Set(await groupIdsApprovedBy(accountId, privateGroupIds, userId));
  const led = await projectIdsLedBy(accountId, userId);
  const holding = led.length === 0 ? [] : await groupIdsHolding(accountId, { projectIds: led, at: now });
  for (const id of holding) seen.add(id);
  return new Sight(privateGroupIds.filter((id) => !seen.has(id)));
}

/**
 * What a person sees now, not only the caller; nothing private if they have left the account or are deactivated in Slack. One
 * more query than `sightOf`, and none without private groups.
 */
export async function sightOfUser(account: AccountDoc, userId: string, now: Date): Promise<Sight> {
  const { _id: accountId, teamId, privateGroupIds = [] } = account;
  if (privateGroupIds.length === 0) return FULL_SIGHT;
  const role = mightiest(await membershipsHeldBy(accountId, { teamId, userId }));
  return role === undefined ? new Sight(privateGroupIds) : sightOf(account, { role, userId }, now);
}

/** The projects that are now in hidden groups. No query if nothing is hidden. */
export async function hiddenProjectIds(accountId: string, { hidden }: Sight, now: Date): Promise<string[]> {
  return hidden.length === 0 ? [] : projectIdsHeldByAny(accountId, hidden, now);
}

/** What makes an event invisible; undefined if nothing is hidden. Otherwise two queries. */
export async function unseenOf(accountId: string, sight: Sight, now: Date): Promise<Unseen | undefined> {
  if (sight.isWhole) return undefined;
  return {
    groupIds: sight.hidden,
    projectIds: await hiddenProjectIds(accountId, sight, now),
    requestIds: await moveIdsConcerning(accountId, sight.hidden),
  };
}
