import { nameKey } from '../../billing/group/names.ts';
import { isOneTypoAway } from '../../billing/group/similar-names.ts';
import type { ProjectDoc } from '../../store/groups/groups.ts';
import { allProjectNames, type LabeledProject } from '../../store/groups/project-reads.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Ctx } from '../kit/context.ts';
import { keysOf, nearestTo, projectsMeant } from './project-lists.ts';
import { projectNameTyped } from './projects.ts';

/** The project found, or the one with the nearest name or label, if any. */
export type MeantProject =
  | { readonly project: ProjectDoc }
  | { readonly project: null; readonly nearest: LabeledProject | null };

/**
 * Finds a project by name, label or the provider's ID. If the input can be read in several ways, the first reading that
 * matches counts. At most two queries besides those of the admission.
 *
 * @throws {Refusal} `ambiguous_name` if several projects have the label
 */
export async function findMeantProject(
  ctx: Ctx,
  accountId: string,
  readings: readonly [string, ...string[]],
): Promise<MeantProject> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const found = await projectsMeant(accountId, [...new Set(readings)], hidden);
  const project = found.find((one) => one !== null);
  if (project) return { project };
  const projects = await allProjectNames(accountId, hidden);
  return { project: null, nearest: nearestTo(readings.at(-1) ?? '', projects) ?? null };
}

/**
 * The existing project, of those that the caller sees, that a new name may be a typo of, so that the person can be asked before a second one is created.
 * Null if there is none, or if the name itself is taken.
 *
 * @throws {Refusal} `invalid_input`, `role_needed`
 */
export async function similarProject(ctx: Ctx, accountId: string, typed: string): Promise<LabeledProject | null> {
  const { sight } = await admit(ctx, accountId, 'edit_projects');
  const key = nameKey(projectNameTyped(typed));
  const all = await allProjectNames(accountId, await hiddenProjectIds(accountId, sight, ctx.clock.now()));
  if (all.some((one) => one.nameKey === key)) return null;
  return all.find((one) => keysOf(one).some((other) => isOneTypoAway(key, other))) ?? null;
}
