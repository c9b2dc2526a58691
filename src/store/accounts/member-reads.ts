import { ROLES, type Role } from '../../billing/account/role.ts';
import { heldBy, MAYBE_ACTIVE, type MemberDoc, Members, ownersOf } from './accounts.ts';

/** A Slack user in their workspace. */
export interface SlackUser {
  readonly teamId: string;
  readonly userId: string;
}

/** A Slack user group in its workspace. */
export interface UserGroupId {
  readonly teamId: string;
  readonly userGroupId: string;
}

/** Whether Slack has deactivated a person's own account. */
export interface SlackStanding extends SlackUser {
  readonly isDeactivated: boolean;
}

/** An account's member by the Slack ID of a user or a user group; null where there is none. */
export async function memberByUser(accountId: string, userId: string): Promise<MemberDoc | null> {
  return Members.findOne({ accountId, userId }).lean();
}

/** All members of an account, in no order. */
export async function membersOf(accountId: string): Promise<MemberDoc[]> {
  return Members.find({ accountId }).lean();
}

/** The memberships by which a person belongs to an account, their own and their user groups'. */
export async function membershipsHeldBy(accountId: string, { teamId, userId }: SlackUser): Promise<MemberDoc[]> {
  return Members.find({ accountId, ...heldBy(teamId, userId) }).lean();
}

/** Of whatever accounts of a workspace: the memberships by which a person belongs to them. */
export async function allMembershipsHeldBy({ teamId, userId }: SlackUser): Promise<MemberDoc[]> {
  return Members.find(heldBy(teamId, userId)).lean();
}

/** Whether a person belongs to an account by themselves or by a user group. */
export async function isMember(accountId: string, userId: string): Promise<boolean> {
  const holds = { $or: [{ userId }, { users: userId }], inactive: { $ne: userId } };
  return (await Members.exists({ accountId, ...holds })) !== null;
}

/** Whether a person has a membership of an account, by themselves or by a user group, deactivated in Slack or not. */
export async function hasMembership(accountId: string, userId: string): Promise<boolean> {
  return (await Members.exists({ accountId, $or: [{ userId }, { users: userId }] })) !== null;
}

export async function countMembers(accountId: string): Promise<number> {
  return Members.countDocuments({ accountId });
}

/** Part of an account's members, the mightiest first, then those who joined first. */
export async function memberPage(
  accountId: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<MemberDoc[]> {
  return Members.aggregate<MemberDoc>([
    { $match: { accountId } },
    { $addFields: { rank: { $indexOfArray: [[...ROLES], '$role'] } } },
    { $sort: { rank: 1, createdAt: 1, _id: 1 } },
    { $skip: skip },
    { $limit: limit },
  ]);
}

/** Members of some accounts with one of these roles who may be active, those who joined first before others of a role. */
export async function membersWithRoles(
  accountIds: readonly string[],
  roles: readonly Role[],
  limit: number,
): Promise<MemberDoc[]> {
  return Members.find({ accountId: { $in: [...accountIds] }, role: { $in: [...roles] }, ...MAYBE_ACTIVE })
    .sort({ role: -1, createdAt: 1 })
    .limit(limit)
    .lean();
}

/** The owners of some accounts, people and user groups, active or not. */
export async function ownersOfAccounts(accountIds: readonly string[]): Promise<MemberDoc[]> {
  return Members.find({ accountId: { $in: [...accountIds] }, ...ownersOf }).lean();
}

/** Whether an account has an owner beside this one who is a person, and isn't deactivated in Slack. */
export async function hasOtherOwner(accountId: string, memberId: string): Promise<boolean> {
  const active = { kind: { $ne: 'usergroup' }, 'inactive.0': { $exists: false } } as const;
  return (await Members.exists({ accountId, role: 'owner', _id: { $ne: memberId }, ...active })) !== null;
}

/** The people of an account whose Slack accounts are deactivated. */
export async function inactiveUsersOf(accountId: string): Promise<string[]> {
  return Members.distinct('inactive', { accountId });
}

/** Across all accounts: those where a person has a role that doesn't stand as Slack says. */
export async function accountsWithOtherStanding(standing: SlackStanding): Promise<string[]> {
  return Members.distinct('accountId', standingOtherwise(standing));
}

/** Across all accounts: the user groups that were looked at longest ago. */
export async function oldestUserGroups(limit: number): Promise<UserGroupId[]> {
  const members = await Members.find({ kind: 'usergroup' }, { teamId: 1, userId: 1 })
    .sort({ usersAt: 1 })
    .limit(limit)
    .lean();
  return members.map(({ teamId, userId }) => ({ teamId, userGroupId: userId }));
}

/** Across all accounts: the memberships of a user group. */
export async function membershipsOfUserGroup({ teamId, userGroupId }: UserGroupId): Promise<MemberDoc[]> {
  return Members.find({ teamId, userId: userGroupId, kind: 'usergroup' }).lean();
}

/** Whether a user group is a member of any account. */
export async function isUserGroupMember({ teamId, userGroupId }: UserGroupId): Promise<boolean> {
  return (await Members.exists({ teamId, userId: userGroupId, kind: 'usergroup' })) !== null;
}

/** Of memberships: those by which a person belongs, and that don't stand as Slack says. */
export function standingOtherwise({ teamId, userId, isDeactivated }: SlackStanding) {
  const inactive = isDeactivated ? { $ne: userId } : userId;
  return { teamId, inactive, $or: [{ userId }, { users: userId }] };
}
