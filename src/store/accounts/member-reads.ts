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

/** Comes before any check. */
const NEVER = new Date(0);

/** Whether a person's own account is deactivated in Slack. */
export interface SlackStanding extends SlackUser {
  readonly isDeactivated: boolean;
}

/** An account's member by the Slack ID of a user or user group; null if there is none. */
export async function memberByUser(accountId: string, userId: string): Promise<MemberDoc | null> {
  return Members.findOne({ accountId, userId }).lean();
}

/** All members of an account, unordered. */
export async function membersOf(accountId: string): Promise<MemberDoc[]> {
  return Members.find({ accountId }).lean();
}

/** The memberships that give a person access to an account: their own and their user groups'. */
export async function membershipsHeldBy(accountId: string, { teamId, userId }: SlackUser): Promise<MemberDoc[]> {
  return Members.find({ accountId, ...heldBy(teamId, userId) }).lean();
}

/** In all accounts of a workspace: the memberships that give a person access. */
export async function allMembershipsHeldBy({ teamId, userId }: SlackUser): Promise<MemberDoc[]> {
  return Members.find(heldBy(teamId, userId)).lean();
}

/** Whether a person has access to an account, directly or through a user group. */
export async function isMember(accountId: string, userId: string): Promise<boolean> {
  const holds = { $or: [{ userId }, { users: userId }], inactive: { $ne: userId } };
  return (await Members.exists({ accountId, ...holds })) !== null;
}

/** Whether a person has a membership in an account, directly or through a user group, deactivated in Slack or not. */
export async function hasMembership(accountId: string, userId: string): Promise<boolean> {
  return (await Members.exists({ accountId, $or: [{ userId }, { users: userId }] })) !== null;
}

export async function countMembers(accountId: string): Promise<number> {
  return Members.countDocuments({ accountId });
}

/** Part of an account's members, highest role first, then those who joined first. */
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

/**
 * Possibly active members of some accounts with one of these roles; within a role, those who joined first come first.
 */
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

/** Whether an account has another owner who is a person and isn't deactivated in Slack. */
export async function hasOtherOwner(accountId: string, memberId: string): Promise<boolean> {
  const active = { kind: { $ne: 'usergroup' }, 'inactive.0': { $exists: false } } as const;
  return (await Members.exists({ accountId, role: 'owner', _id: { $ne: memberId }, ...active })) !== null;
}

/** The people of an account whose Slack accounts are deactivated. */
export async function inactiveUsersOf(accountId: string): Promise<string[]> {
  return Members.distinct('inactive', { accountId });
}

/** Across all accounts: those where a person's stored status differs from Slack's. */
export async function accountsWithOtherStanding(standing: SlackStanding): Promise<string[]> {
  return Members.distinct('accountId', standingOtherwise(standing));
}

/** Across all accounts: the workspaces with user groups that have a role. */
export async function teamsWithUserGroups(): Promise<string[]> {
  return Members.distinct('teamId', { kind: 'usergroup' });
}

/** The user groups of some workspaces that have a role, unordered: those with a role in several accounts several times. */
export async function userGroupsOfTeams(
  teamIds: readonly string[],
): Promise<(UserGroupId & { readonly usersAt: Date })[]> {
  const ofTeams = { kind: 'usergroup', teamId: { $in: [...teamIds] } } as const;
  const members = await Members.find(ofTeams, { teamId: 1, userId: 1, usersAt: 1 }).lean();
  return members.map(({ teamId, userId, usersAt }) => ({ teamId, userGroupId: userId, usersAt: usersAt ?? NEVER }));
}

/** Across all accounts: the memberships of a user group. */
export async function membershipsOfUserGroup({ teamId, userGroupId }: UserGroupId): Promise<MemberDoc[]> {
  return Members.find({ teamId, userId: userGroupId, kind: 'usergroup' }).lean();
}

/** Whether a user group is a member of any account. */
export async function isUserGroupMember({ teamId, userGroupId }: UserGroupId): Promise<boolean> {
  return (await Members.exists({ teamId, userId: userGroupId, kind: 'usergroup' })) !== null;
}

/** Matches a person's memberships whose stored status differs from Slack's. */
export function standingOtherwise({ teamId, userId, isDeactivated }: SlackStanding) {
  const inactive = isDeactivated ? { $ne: userId } : userId;
  return { teamId, inactive, $or: [{ userId }, { users: userId }] };
}
