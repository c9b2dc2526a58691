import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { projectsReply } from '../views/projects/projects.ts';
import { isMine } from './parse/keywords.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function projects(deps: Deps): Subcommand {
  return {
    name: 'projects',
    summary:
      'List projects with their costs this month: all, a billing group’s, those whose names contain a text, or those that you lead.',
    usage: '[GROUP | TEXT | mine]',
    examples: ['projects', 'projects "Team Blue"', 'projects shop', 'projects mine'],
    topic: 'Projects',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      if (isMine(words)) {
        await context.respond(await projectsReply(ctx, account._id, { isMine: true, page: 1 }));
        return;
      }
      const name = phrase(words);
      const group = name === '' ? undefined : await groupNamed(ctx, account._id, name);
      const which = group === undefined ? { containing: name } : { group };
      await context.respond(await projectsReply(ctx, account._id, { ...which, page: 1 }));
    },
  };
}

/** The ID of the group with this name; undefined if no group has it, so that it may be part of a project's name. */
async function groupNamed(ctx: Ctx, accountId: string, name: string): Promise<string | undefined> {
  try {
    return (await findGroup(ctx, accountId, name))._id;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'billing_group_not_found') return undefined;
    throw error;
  }
}
