import mongoose from 'mongoose';
import type { UserGroupId } from '../accounts/member-reads.ts';
import { distinctValues } from '../kit/distinct-values.ts';
import { instant, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';
import { type ProjectDoc, type ProjectLead, Projects } from './groups.ts';

/** The users of a user group that leads projects, as of the last time Slack was asked. */
interface LeadGroupDoc {
  readonly accountId: string;
  readonly teamId: string;
  readonly userGroupId: string;
  readonly users: readonly string[];
  readonly usersAt: Date;
}

const { Schema } = mongoose;

const leadGroupSchema = new Schema<LeadGroupDoc>(
  {
    accountId: text,
    teamId: text,
    userGroupId: text,
    users: { type: [String], default: [] },
    usersAt: instant,
  },
  { collection: 'lead_user_groups', versionKey: false },
)
  .index({ accountId: 1, userGroupId: 1 }, { unique: true, name: 'lead_group_of_account' })
  .index({ accountId: 1, users: 1 }, { name: 'lead_groups_of_user' })
  .index({ teamId: 1, userGroupId: 1 }, { name: 'lead_groups_of_team' });

export const LeadGroups = mongoose.model('LeadUserGroup', leadGroupSchema);

/** The projects that a person leads, directly or through a user group, unordered. Two queries. */
export async function projectIdsLedBy(accountId: string, userId: string): Promise<string[]> {
  const groups: string[] = await LeadGroups.distinct('userGroupId', { accountId, users: userId });
  return distinctValues(Projects, '_id', { accountId, 'leads.id': { $in: [userId, ...groups] } });
}

/** A person who leads a project, directly or through a user group. */
export interface Leading {
  readonly projectId: string;
  readonly userId: string;
}

/** Who leads some projects; a person can occur twice for one. Two queries. */
export async function leadsOfProjects(accountId: string, projectIds: readonly string[]): Promise<Leading[]> {
  const led = { accountId, _id: { $in: [...projectIds] }, 'leads.0': { $exists: true } };
  const projects = await Projects.find(led, { leads: 1 }).lean();
  const groupIds = projects.flatMap(({ leads = [] }) =>
    leads.flatMap(({ kind, id }) => (kind === 'usergroup' ? id : [])),
  );
  const groups = await LeadGroups.find({ accountId, userGroupId: { $in: [...new Set(groupIds)] } }).lean();
  const users = new Map(groups.map((one) => [one.userGroupId, one.users]));
  return projects.flatMap(({ _id: projectId, leads = [] }) =>
    leads.flatMap(({ kind, id }) =>
      (kind === 'user' ? [id] : (users.get(id) ?? [])).map((userId) => ({ projectId, userId })),
    ),
  );
}

/** Whether a user group leads a project of any account. */
export async function isLeadGroup({ teamId, userGroupId }: UserGroupId): Promise<boolean> {
  return (await LeadGroups.exists({ teamId, userGroupId })) !== null;
}

/** Across all accounts: the workspaces with user groups that lead projects. */
export async function teamsWithLeadGroups(): Promise<string[]> {
  return LeadGroups.distinct('teamId');
}

/** The user groups of some workspaces that lead projects, unordered: those of several accounts several times. */
export async function leadGroupsOfTeams(
  teamIds: readonly string[],
): Promise<(UserGroupId & { readonly usersAt: Date })[]> {
  const ofTeams = { teamId: { $in: [...teamIds] } };
  const groups = await LeadGroups.find(ofTeams, { teamId: 1, userGroupId: 1, usersAt: 1 }).lean();
  return groups.map(({ teamId, userGroupId, usersAt }) => ({ teamId, userGroupId, usersAt }));
}

/** Stores a project's leads instead of those before. */
export async function setLeads(
  _tx: Tx,
  { _id, accountId }: Pick<ProjectDoc, '_id' | 'accountId'>,
  leads: readonly ProjectLead[],
): Promise<void> {
  await Projects.updateOne({ _id, accountId }, { $set: { leads } });
}

/** Stores the users of a user group that leads a project. */
export async function putLeadGroup(_tx: Tx, { accountId, userGroupId, ...rest }: LeadGroupDoc): Promise<void> {
  await LeadGroups.updateOne({ accountId, userGroupId }, { $set: rest }, { upsert: true });
}

/** Updates the users of a user group in all accounts where it leads projects. */
export async function setUsersOfLeadGroup(
  _tx: Tx,
  { teamId, userGroupId }: UserGroupId,
  of: Pick<LeadGroupDoc, 'users' | 'usersAt'>,
): Promise<void> {
  await LeadGroups.updateMany({ teamId, userGroupId }, { $set: of });
}

/** Deletes those of these user groups that lead no project of the account any longer. */
export async function dropIdleLeadGroups(_tx: Tx, accountId: string, userGroupIds: readonly string[]): Promise<void> {
  for (const userGroupId of userGroupIds) {
    if (await Projects.exists({ accountId, 'leads.id': userGroupId })) continue;
    await LeadGroups.deleteOne({ accountId, userGroupId });
  }
}

/** The people who lead a project: its leads, and the users of its leading user groups as Slack last said. */
export async function usersLeading(accountId: string, leads: readonly ProjectLead[]): Promise<string[]> {
  const groupIds = leads.filter(({ kind }) => kind === 'usergroup').map(({ id }) => id);
  const groups = await LeadGroups.find({ accountId, userGroupId: { $in: groupIds } }, { users: 1 }).lean();
  const people = leads.filter(({ kind }) => kind === 'user').map(({ id }) => id);
  return [...new Set([...people, ...groups.flatMap(({ users }) => users)])];
}
