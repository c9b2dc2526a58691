import { Refusal } from '../../billing/refusal.ts';
import type { ProjectUse } from '../../billing/refusals/projects.ts';
import { hasCosts } from '../../store/costs/cost-records.ts';
import { hasCreditOfProject } from '../../store/credits/credit-queries.ts';
import { budgetById } from '../../store/groups/budgets.ts';
import type { MembershipDoc, ProjectDoc } from '../../store/groups/groups.ts';
import { membershipsOf } from '../../store/groups/membership-reads.ts';
import { changeMemberships } from '../../store/groups/membership-writes.ts';
import { dropIdleLeadGroups } from '../../store/groups/project-leads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import { deleteProject } from '../../store/groups/project-writes.ts';
import { hasAdjustmentOfProject } from '../../store/invoicing/adjustments.ts';
import { projectIdsWithOpenMove } from '../../store/moves/move-reads.ts';
import { hasSubscriptionTo } from '../../store/notices/subscription-reads.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';

/**
 * Deletes a project that was created by mistake, as long as nothing depends on it (domain.md, Membership). Imports, moves,
 * credits and other changes that refer to projects conflict with this transaction (`inAccountChange`), so neither can miss
 * the other. Safe to repeat: a second call finds no such project.
 *
 * @throws {Refusal} `project_in_use` with the reason, `project_not_found`, `role_needed`
 */
export async function undoProject(
  ctx: Ctx,
  { accountId, projectId }: { readonly accountId: string; readonly projectId: string },
): Promise<ProjectDoc> {
  return inAccountChange(ctx, accountId, 'edit_projects', async (tx, { account, sight }) => {
    const hidden = await hiddenProjectIds(account._id, sight, tx.clock.now());
    const project = hidden.includes(projectId) ? null : await projectById(account._id, projectId);
    if (!project) throw new Refusal('project_not_found', {});
    const memberships = await membershipsOf(account._id, [projectId]);
    const because = await useOf(project, memberships);
    if (because) throw new Refusal('project_in_use', { name: project.label ?? project.name, because });
    await deleteProject(tx, account._id, projectId);
    const groups = (project.leads ?? []).filter(({ kind }) => kind === 'usergroup').map(({ id }) => id);
    await dropIdleLeadGroups(tx, account._id, groups);
    const dropped = memberships.map(({ _id }) => _id);
    await changeMemberships(tx, account._id, { dropped, ended: [], extended: [], begun: [], at: tx.clock.now() });
    const { name, label, externalId } = project;
    const billingGroupId = memberships[0]?.billingGroupId;
    await tx.record({
      accountId: account._id,
      type: 'project_deleted',
      description: `Deleted project "${name}"`,
      projectId,
      ...(billingGroupId !== undefined && { billingGroupId }),
      before: { name, label, externalId },
    });
    return project;
  });
}

/** The first thing that depends on a project; undefined if nothing does. */
async function useOf(
  { _id: projectId, accountId }: ProjectDoc,
  memberships: readonly MembershipDoc[],
): Promise<ProjectUse | undefined> {
  if (await hasCosts(accountId, projectId)) return 'costs';
  if ((await projectIdsWithOpenMove(accountId, [projectId])).length > 0) return 'pending_move';
  const [first, second] = memberships;
  if (second) return 'moved';
  const billingGroupId = first?.billingGroupId ?? '';
  if (await hasCreditOfProject({ accountId, billingGroupId }, projectId)) return 'credits';
  if (await budgetById(accountId, projectId)) return 'budget';
  if (await hasAdjustmentOfProject(accountId, projectId)) return 'adjustments';
  return (await hasSubscriptionTo(accountId, projectId)) ? 'notifications' : undefined;
}
