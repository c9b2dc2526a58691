import type { Ctx } from '../../services/kit/context.ts';
import { Groups } from '../../store/groups/groups.ts';
import { PEOPLE, TEAM } from '../seed.ts';

/** The context of a person of the sample, whose role counts and who appears in the log. */
export function as(ctx: Ctx, who: keyof typeof PEOPLE): Ctx {
  return { ...ctx, actor: { kind: 'person', teamId: TEAM.id, userId: PEOPLE[who].id } };
}

/** A group of the sample by its name. @throws {Error} if there is none */
export async function groupIdOf(accountId: string, name: string): Promise<string> {
  return (await Groups.findOne({ accountId, name }).orFail().lean())._id;
}
