import { nameKey } from '../../billing/group/names.ts';
import { activeGroupsHolding } from '../../store/groups/active-groups.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { projectIdsHeldAt } from '../../store/groups/membership-reads.ts';
import { type LabelledProject, labelledProjects, projectsHolding } from '../../store/groups/project-reads.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from './context.ts';

/** The maximum number of options in a menu. */
const MOST = 100;

/** An option of a menu. */
export interface Found {
  readonly id: string;
  readonly name: string;
  /** Its label, if it has one. */
  readonly label: string | null;
}

/** The account's active groups whose name contains the typed text, sorted by name; at most a hundred. */
export async function searchGroups(ctx: Ctx, accountId: string, typed: string): Promise<Found[]> {
  await admit(ctx, accountId, 'see');
  const groups = await activeGroupsHolding(accountId, nameKey(typed), MOST);
  return groups.map(({ _id, name }) => ({ id: _id, name, label: null }));
}

/**
 * The account's projects whose name, label or provider's ID contains the typed text, sorted by name; at most a hundred.
 * Optionally limited to one group.
 */
export async function searchProjects(
  ctx: Ctx,
  accountId: string,
  typed: string,
  billingGroupId?: string,
): Promise<Found[]> {
  await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const among = billingGroupId === undefined ? undefined : await projectIdsHeldAt({ accountId, billingGroupId }, now);
  return (await projectsHolding(accountId, nameKey(typed), { among, limit: MOST })).map(foundProject);
}

/** Groups and projects by ID, for menus that show an earlier selection again. Those of other accounts are left out. */
export async function foundByIds(
  ctx: Ctx,
  accountId: string,
  ids: { readonly groups?: readonly string[]; readonly projects?: readonly string[] },
): Promise<{ groups: Found[]; projects: Found[] }> {
  await admit(ctx, accountId, 'see');
  const groups = await groupNames(accountId, ids.groups ?? []);
  const projects = await labelledProjects(accountId, ids.projects ?? []);
  return { groups: [...groups].map(([id, name]) => ({ id, name, label: null })), projects: projects.map(foundProject) };
}

function foundProject({ _id, name, label }: LabelledProject): Found {
  return { id: _id, name, label };
}
