import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { projectsReply } from '../views/projects/projects.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function projects(deps: Deps): Subcommand {
  return {
    name: 'projects',
    summary: 'List projects with their costs this month and their billing group.',
    usage: '[GROUP]',
    examples: ['projects', 'projects "Team Blue"'],
    topic: 'Projects',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const name = phrase(words);
      const group = name === '' ? '' : (await findGroup(ctx, account._id, name))._id;
      await context.respond(await projectsReply(ctx, account._id, { group, page: 1 }));
    },
  };
}
