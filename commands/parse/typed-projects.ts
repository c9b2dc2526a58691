import type { Ctx } from '../../src/services/kit/context.ts';
import type { Found } from '../../src/services/kit/search.ts';
import { findProjects } from '../../src/services/projects/project-lists.ts';

/** Typed projects, separated by commas. @throws {Refusal} for the first that isn't found */
export async function projectsTyped(ctx: Ctx, accountId: string, typed: string): Promise<Found[]> {
  const names = typed
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (names.length === 0) return [];
  return (await findProjects(ctx, accountId, names)).map(({ _id, name, label }) => ({ id: _id, name, label }));
}
