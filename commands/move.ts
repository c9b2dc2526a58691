import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openMove } from '../views/moves/move.ts';
import { cutAt } from './parse/keywords.ts';
import { projectsTyped } from './parse/typed-projects.ts';
import { mayEditProjects } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function move(deps: Deps): Subcommand {
  return {
    name: 'move',
    summary: 'Request to move projects to another billing group, with the cost impact and the effective date.',
    usage: 'PROJECT[, PROJECT …] [to GROUP]',
    examples: ['move web-shop', 'move web-shop, web-api to "Team Blue"'],
    topic: 'Projects',
    allowed: mayEditProjects,
    async run(context, words) {
      await openMove(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        const { first, parts } = cutAt(words, ['to']);
        const projects = await projectsTyped(ctx, account._id, first);
        const group = parts.to === undefined ? undefined : await findGroup(ctx, account._id, parts.to);
        const origin = { account: account._id, group: '', more: {}, channel: context.channelId };
        const groups = group ? [{ id: group._id, name: group.name, label: null }] : [];
        return { ctx, origin, chosen: { projects, groups } };
      });
    },
  };
}
