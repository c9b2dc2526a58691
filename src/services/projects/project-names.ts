import { cleanName, nameKey } from '../../billing/group/names.ts';
import { nearestName } from '../../billing/group/nearest-name.ts';
import { isOneTypoAway } from '../../billing/group/similar-names.ts';
import type { ProjectDoc } from '../../store/groups/groups.ts';
import { allProjectNames, type LabelledProject, type NamedProject } from '../../store/groups/project-reads.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { projectsMeant } from './project-lists.ts';
import { projectNameTyped } from './projects.ts';

/** The project found, or the one with the nearest name or label, if any. */
export type MeantProject =
  | { readonly project: ProjectDoc }
  | { readonly project: null; readonly nearest: LabelledProject | null };

/**
 * Finds a project by name, label or the provider's ID. If the input can be read in several ways, the first reading that
 * matches counts. At most three queries besides those of the admission.
 *
 * @throws {Refusal} `ambiguous_name` if several projects have the label
 */
export async function findMeantProject(
  ctx: Ctx,
  accountId: string,
  readings: readonly [string, ...string[]],
): Promise<MeantProject> {
  await admit(ctx, accountId, 'see');
  const found = await projectsMeant(accountId, [...new Set(readings)]);
  const project = found.find((one) => one !== null);
  if (project) return { project };
  const typed = nameKey(readings.at(-1) ?? '');
  const called = (await allProjectNames(accountId)).flatMap((one) => keysOf(one).map((key) => ({ key, one })));
  return { project: null, nearest: nearestName(typed, called, ({ key }) => key)?.one ?? null };
}

/**
 * The existing project that a new name may be a typo of, so that the person can be asked before a second one is created.
 * Null if there is none, or if the name itself is taken.
 *
 * @throws {Refusal} `invalid_input`, `role_needed`
 */
export async function similarProject(ctx: Ctx, accountId: string, typed: string): Promise<LabelledProject | null> {
  await admit(ctx, accountId, 'edit_projects');
  const key = nameKey(projectNameTyped(typed));
  const all = await allProjectNames(accountId);
  if (all.some((one) => one.nameKey === key)) return null;
  return all.find((one) => keysOf(one).some((other) => isOneTypoAway(key, other))) ?? null;
}

/** A project's normalized name and label. */
function keysOf({ nameKey: key, label }: NamedProject): string[] {
  return label === null || cleanName(label) === '' ? [key] : [key, nameKey(label)];
}
