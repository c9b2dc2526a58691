import { count } from '../../billing/money/count.ts';
import {
  isUserGroupMember,
  membershipsOfUserGroup,
  teamsWithUserGroups,
  type UserGroupId,
  userGroupsOfTeams,
} from '../../store/accounts/member-reads.ts';
import { setUsersOfGroup } from '../../store/accounts/member-writes.ts';
import {
  isLeadGroup,
  leadGroupsOfTeams,
  setUsersOfLeadGroup,
  teamsWithLeadGroups,
} from '../../store/groups/project-leads.ts';
import { changeAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { noteOwners } from './deactivation.ts';

export type { UserGroupId } from '../../store/accounts/member-reads.ts';

/** The workspaces with user groups that have a role or lead projects. */
export async function teamsToRefresh(): Promise<ReadonlySet<string>> {
  return new Set([...(await teamsWithUserGroups()), ...(await teamsWithLeadGroups())]);
}

/**
 * The user groups of some workspaces that have a role or lead projects, those that haven't been checked for the longest
 * time first. All of them: however many can't be refreshed, the others are reached.
 */
export async function userGroupsToRefresh(teamIds: Iterable<string>): Promise<UserGroupId[]> {
  const teams = [...teamIds];
  const all = [...(await userGroupsOfTeams(teams)), ...(await leadGroupsOfTeams(teams))];
  const oldest = all.sort((a, b) => a.usersAt.getTime() - b.usersAt.getTime());
  const names = oldest.map(({ teamId, userGroupId }) => [`${teamId}:${userGroupId}`, { teamId, userGroupId }] as const);
  return [...new Map(names).values()];
}

/** Whether a user group is a member of an account, or leads a project. */
export async function isUserGroupKnown(group: UserGroupId): Promise<boolean> {
  return (await isUserGroupMember(group)) || (await isLeadGroup(group));
}

/**
 * Stores the users of a user group according to Slack. Their rights change immediately, in every account where the
 * group is a member, and so do the projects that they lead. For automatic updates, never on a person's behalf. Safe to repeat: an event is only written if
 * someone was added or removed.
 *
 * @returns in how many accounts someone was added or removed
 */
export async function refreshUserGroup(ctx: Ctx, group: UserGroupId, users: readonly string[]): Promise<number> {
  const { userGroupId } = group;
  return inTransaction(ctx, async (tx) => {
    const members = await membershipsOfUserGroup(group);
    let changes = 0;
    for (const { _id, accountId, users: before = [], inactive: known = [] } of members) {
      await changeAccount(tx, accountId);
      const came = users.filter((id) => !before.includes(id));
      const left = before.filter((id) => !users.includes(id));
      const inactive = known.filter((id) => users.includes(id));
      await setUsersOfGroup(tx, { _id, accountId }, { users, usersAt: tx.clock.now(), inactive });
      if (came.length + left.length === 0) continue;
      await noteOwners(tx, accountId);
      changes += 1;
      await tx.record({
        accountId,
        type: 'user_group_changed',
        description: `User group ${userGroupId} has ${count(users.length, 'user')}: ${came.length} joined, ${left.length} left`,
        before: { userGroupId, left },
        after: { userGroupId, came },
      });
    }
    if (await isLeadGroup(group)) await setUsersOfLeadGroup(tx, group, { users, usersAt: tx.clock.now() });
    if (changes > 0) tx.nudge('owners');
    return changes;
  });
}
