import { Refusal } from '../../billing/refusal.ts';
import { hasMembership } from '../../store/accounts/member-reads.ts';
import type { ProjectDoc, ProjectLead } from '../../store/groups/groups.ts';
import { dropIdleLeadGroups, projectIdsLedBy, putLeadGroup, setLeads } from '../../store/groups/project-leads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

export type { ProjectLead } from '../../store/groups/groups.ts';

/** The maximum number of people and user groups that lead one project. */
export const MAX_LEADS_PER_PROJECT = 20;

/** For a group whose users are unknown: before those of any other. */
const NEVER = new Date(0);

const IDS: Readonly<Record<ProjectLead['kind'], RegExp>> = { user: /^[UW]\w+$/, usergroup: /^S\w+$/ };

/** The new leads of a project. */
export interface NewLeads {
  readonly accountId: string;
  readonly projectId: string;
  readonly users: readonly string[];
  /** With their current users. If Slack can't say them now, they are asked for soon. */
  readonly userGroups: readonly { readonly id: string; readonly users?: readonly string[] | undefined }[];
}

/**
 * Replaces the leads of a project (domain.md, Membership). Safe to repeat. The caller must check with Slack that they
 * belong to this workspace.
 *
 * @returns the project, and the people among its leads who have no role in the account and so can't see it
 * @throws {Refusal} `project_not_found`, `member_invalid`, `too_many_leads`, `role_needed`
 */
export async function setProjectLeads(
  ctx: Ctx,
  { accountId, projectId, users, userGroups }: NewLeads,
): Promise<{ project: ProjectDoc; outsiders: string[] }> {
  const wanted = leadsWanted(users, userGroups);
  return inChange(ctx, accountId, 'edit_groups', async (tx, { account }) => {
    await takeTurn(tx, `leads:${projectId}`);
    const project = await projectById(account._id, projectId);
    if (!project) throw new Refusal('project_not_found', {});
    const { leads: before = [] } = project;
    for (const { id, users: people } of userGroups) {
      if (!people && before.some((one) => one.id === id)) continue;
      const known = people ? { users: people, usersAt: tx.clock.now() } : { users: [], usersAt: NEVER };
      await putLeadGroup(tx, { accountId: account._id, teamId: account.teamId, userGroupId: id, ...known });
      if (!people) tx.nudge('user-groups');
    }
    await replace(tx, { project, before, wanted });
    const outsiders: string[] = [];
    for (const id of new Set(users)) if (!(await hasMembership(account._id, id))) outsiders.push(id);
    return { project, outsiders };
  });
}

/** The projects that the caller leads, directly or through a user group, unordered; none for anyone but a person. */
export async function myProjectIds(ctx: Ctx, accountId: string): Promise<string[]> {
  await admit(ctx, accountId, 'see');
  return ctx.actor.kind === 'person' ? projectIdsLedBy(accountId, ctx.actor.userId) : [];
}

async function replace(
  tx: Change,
  of: {
    readonly project: ProjectDoc;
    readonly before: readonly ProjectLead[];
    readonly wanted: readonly ProjectLead[];
  },
): Promise<void> {
  const { project, before, wanted } = of;
  const { _id: projectId, accountId, name } = project;
  const isAdded = wanted.some(({ id }) => !before.some((one) => one.id === id));
  const removed = before.filter(({ id }) => !wanted.some((one) => one.id === id));
  if (!isAdded && removed.length === 0) return;
  await setLeads(tx, project, wanted);
  const groups = removed.filter(({ kind }) => kind === 'usergroup').map(({ id }) => id);
  if (groups.length > 0) await dropIdleLeadGroups(tx, accountId, groups);
  await tx.record({
    accountId,
    type: 'project_leads_changed',
    description: `Changed the leads of project "${name}"`,
    projectId,
    before: { leads: before.map(({ id }) => id) },
    after: { leads: wanted.map(({ id }) => id) },
  });
}

function leadsWanted(users: readonly string[], userGroups: NewLeads['userGroups']): ProjectLead[] {
  const people = [...new Set(users)].map((id): ProjectLead => ({ kind: 'user', id }));
  const groups = [...new Set(userGroups.map(({ id }) => id))].map((id): ProjectLead => ({ kind: 'usergroup', id }));
  const wanted = [...people, ...groups];
  if (wanted.some(({ kind, id }) => !IDS[kind].test(id))) throw new Refusal('member_invalid');
  if (wanted.length > MAX_LEADS_PER_PROJECT) throw new Refusal('too_many_leads', { limit: MAX_LEADS_PER_PROJECT });
  return wanted;
}
