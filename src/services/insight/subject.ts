import type { Sight } from '../../billing/account/sight.ts';
import { nameKey, titleOfProject } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { CostScope } from '../../store/costs/day-cells.ts';
import { activeGroupNamed } from '../../store/groups/active-groups.ts';
import type { GroupDoc, ProjectDoc } from '../../store/groups/groups.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { findGroup, groupSummary } from '../groups/group-lists.ts';
import type { Ctx } from '../kit/context.ts';
import { projectsMeant } from '../projects/project-lists.ts';
import { getProject } from '../projects/project-overview.ts';

/** What a question is about: a billing group, a project, or the whole account. */
export type Subject =
  | { readonly kind: 'account' }
  | {
      readonly kind: 'group';
      readonly group: Pick<GroupDoc, '_id' | 'name'>;
      /** Only these of its projects; all if absent. */
      readonly only?: readonly string[];
    }
  | { readonly kind: 'project'; readonly project: Pick<ProjectDoc, '_id' | 'name' | 'label'> };

/**
 * What a name means: nothing typed is the whole account; otherwise a billing group with that name, a project, or the only group whose name starts with it.
 *
 * @throws {Refusal} `billing_group_not_found`, `ambiguous_name`, `account_not_found`
 */
export async function findSubject(ctx: Ctx, accountId: string, name: string): Promise<Subject> {
  if (name === '') return { kind: 'account' };
  const { sight } = await admit(ctx, accountId, 'see');
  const named = await activeGroupNamed(accountId, nameKey(name));
  if (named && sight.sees(named._id)) return { kind: 'group', group: named };
  const [project] = await projectsMeant(accountId, [name], await hiddenProjectIds(accountId, sight, ctx.clock.now()));
  if (project) return { kind: 'project', project };
  return { kind: 'group', group: await findGroup(ctx, accountId, name) };
}

/** The same; undefined if nothing has the name. */
export async function maybeSubject(ctx: Ctx, accountId: string, name: string): Promise<Subject | undefined> {
  try {
    return await findSubject(ctx, accountId, name);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'billing_group_not_found') return undefined;
    throw error;
  }
}

/** The group or project that a button is about; neither is the whole account. @throws {Refusal} if it isn’t there */
export async function subjectById(
  ctx: Ctx,
  accountId: string,
  { group: groupId, project: projectId }: { readonly group: string; readonly project: string },
): Promise<Subject> {
  if (projectId !== '') return { kind: 'project', project: await getProject(ctx, accountId, projectId) };
  if (groupId === '') return { kind: 'account' };
  const { id: _id, name } = await groupSummary(ctx, accountId, groupId);
  return { kind: 'group', group: { _id, name } };
}

/** The costs that a question is about. */
export function scopeOf(subject: Subject): CostScope {
  if (subject.kind === 'account') return undefined;
  if (subject.kind === 'project') return { groupIds: [], projectIds: [subject.project._id] };
  const { group, only } = subject;
  return only ? { groupIds: [], projectIds: only } : { groupIds: [group._id], projectIds: [] };
}

/** Null for the whole account. */
export function nameOfSubject(subject: Subject): string | null {
  if (subject.kind === 'account') return null;
  return subject.kind === 'group' ? subject.group.name : titleOfProject(subject.project);
}

/** Whether figures about a subject leave out groups that the reader doesn't see. */
export function isPartial({ kind }: Subject, sight: Sight): boolean {
  return kind === 'account' && !sight.isWhole;
}
