import type { ToUsd } from '../../services/costs/us-dollars.ts';
import { usdOf } from '../../services/costs/us-dollars.ts';
import { type GroupDetails, listGroupDetails } from '../../services/groups/group-details.ts';
import { listProjects, type ProjectSummary } from '../../services/projects/project-lists.ts';
import type { Caller } from '../route.ts';

/** More than an account can have. */
const ALL = 1_000_000;

/** All projects of the caller's account, by name. */
export async function allProjects({ ctx, accountId }: Caller): Promise<readonly ProjectSummary[]> {
  return (await listProjects(ctx, accountId, { page: 1, size: ALL })).items;
}

/** A project with what is shown of its billing group. */
export interface ProjectInGroup {
  readonly project: ProjectSummary;
  readonly group: GroupDetails;
}

/** The same with their billing groups, and how their amounts are converted. */
export async function projectsInGroups(
  caller: Caller,
): Promise<{ readonly projects: readonly ProjectInGroup[]; readonly toUsd: ToUsd }> {
  const { ctx, accountId } = caller;
  const groups = (await listGroupDetails(ctx, accountId, {})).read().items;
  const byId = new Map(groups.map((group) => [group.id, group]));
  const projects = (await allProjects(caller)).flatMap((project) => {
    const group = byId.get(project.billingGroupId);
    return group ? [{ project, group }] : [];
  });
  const currencies = groups.map(({ currency }) => currency);
  return { projects, toUsd: await usdOf(ctx.known.account, currencies, ctx.clock.now()) };
}
