import { findGroup } from '../src/services/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { projectsReply } from '../views/projects.ts';
import type { Subcommand } from './router.ts';
import { phrase } from './words.ts';

export function projects(deps: Deps): Subcommand {
  return {
    name: 'projects',
    summary: 'Projects, with what each costs this period and which group pays.',
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
