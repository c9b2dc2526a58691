import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { askMove } from '../src/services/moves/move-ask.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { moveResultText } from '../views/moves/move-words.ts';
import { cutAt } from './parse/keywords.ts';
import { projectsTyped } from './parse/typed-projects.ts';
import { mayEditProjects } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function assign(deps: Deps): Subcommand {
  return {
    name: 'assign',
    summary: 'Move projects to a billing group from the start of this month, or request it if approval is needed.',
    usage: 'PROJECT[, PROJECT …] to GROUP',
    examples: ['assign web-shop to "Team Blue"', 'assign web-shop, web-api to "Team Blue"'],
    topic: 'Projects',
    allowed: mayEditProjects,
    async run(context, words) {
      const { first, parts } = cutAt(words, ['to']);
      if (first === '' || parts.to === undefined || parts.to === '') {
        throw new Refusal('invalid_command', {
          problem: 'Enter projects and a billing group.',
          usage: 'Type `/billing assign PROJECT, PROJECT to GROUP`.',
        });
      }
      const { ctx, account } = await callerOf(deps, context);
      const group = await findGroup(ctx, account._id, parts.to);
      const projects = await projectsTyped(ctx, account._id, first);
      const asked = await askMove(ctx, {
        accountId: account._id,
        projectIds: projects.map(({ id }) => id),
        toGroupId: group._id,
        effect: 'period_start',
        reason: '',
      });
      await context.respond(moveResultText(asked));
    },
  };
}
