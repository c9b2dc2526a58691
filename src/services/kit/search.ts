import { compareNames, compareProjects, nameKey } from '../../billing/group/names.ts';
import { activeGroupsHolding } from '../../store/groups/active-groups.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { projectIdsHeldAt } from '../../store/groups/membership-reads.ts';
import { type LabeledProject, labeledProjects, projectsHolding } from '../../store/groups/project-reads.ts';
import { admit, admitTo } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
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

/** The account's active groups that the caller sees whose name contains the typed text, by name (2 before 10); at most a hundred. */
export async function searchGroups(ctx: Ctx, accountId: string, typed: string): Promise<Found[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const groups = await activeGroupsHolding(accountId, nameKey(typed), { sight, limit: MOST });
  const byName = groups.map(({ _id, name }) => ({ id: _id, name, label: null }));
  return byName.sort((a, b) => compareNames(nameKey(a.name), nameKey(b.name)));
}

/**
 * The account's projects whose name, label or provider's ID contains the typed text, by name (2 before 10); at most a hundred.
 * Optionally limited to one group.
 */
export async function searchProjects(
  ctx: Ctx,
  accountId: string,
  typed: string,
  billingGroupId?: string,
): Promise<Found[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  if (billingGroupId !== undefined) await admitTo(ctx, accountId, billingGroupId);
  const now = ctx.clock.now();
  const among = billingGroupId === undefined ? undefined : await projectIdsHeldAt({ accountId, billingGroupId }, now);
  const hiddenIds = await hiddenProjectIds(accountId, sight, now);
  const projects = await projectsHolding(accountId, nameKey(typed), { among, hiddenIds, limit: MOST });
  return projects.sort(compareProjects).map(foundProject);
}

/** Groups and projects by ID, for menus that show an earlier selection again. Those of other accounts, and those that the caller doesn't see, are left out. */
export async function foundByIds(
  ctx: Ctx,
  accountId: string,
  ids: { readonly groups?: readonly string[]; readonly projects?: readonly string[] },
): Promise<{ groups: Found[]; projects: Found[] }> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = new Set(await hiddenProjectIds(accountId, sight, ctx.clock.now()));
  const groups = await groupNames(
    accountId,
    (ids.groups ?? []).filter((id) => sight.sees(id)),
  );
  const projects = await labeledProjects(
    accountId,
    (ids.projects ?? []).filter((id) => !hidden.has(id)),
  );
  return { groups: [...groups].map(([id, name]) => ({ id, name, label: null })), projects: projects.map(foundProject) };
}

function foundProject({ _id, name, label }: LabeledProject): Found {
  return { id: _id, name, label };
}
