import type { Ctx } from '../src/services/context.ts';
import { findProject } from '../src/services/project-lists.ts';

/** The projects that a person has typed, with commas between them. @throws {Refusal} for the first that is not found */
export async function projectIdsOf(ctx: Ctx, accountId: string, typed: string): Promise<string[]> {
  const ids: string[] = [];
  for (const name of typed.split(',').map((one) => one.trim())) {
    if (name !== '') ids.push((await findProject(ctx, accountId, name))._id);
  }
  return ids;
}
