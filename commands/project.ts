import { findGroup } from '../src/services/groups/group-lists.ts';
import { createProject } from '../src/services/projects/projects.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { cutAt } from './parse/keywords.ts';
import { needed } from './parse/needed.ts';
import { mayEditProjects } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function project(deps: Deps): Subcommand {
  return {
    name: 'project',
    summary: 'Create a project in a billing group, or in the primary group.',
    usage: 'NAME [in GROUP]',
    examples: ['project web-shop', 'project web-shop in "Team Blue"'],
    topic: 'Projects',
    allowed: mayEditProjects,
    async run(context, words) {
      const { first, parts } = cutAt(words, ['in']);
      const name = needed(first, 'Enter a name for the project.', '/billing project NAME [in GROUP]');
      const { ctx, account } = await callerOf(deps, context);
      const group = parts.in === undefined ? undefined : await findGroup(ctx, account._id, parts.in);
      const made = await createProject(ctx, {
        accountId: account._id,
        name,
        ...(group && { billingGroupId: group._id }),
      });
      await context.respond(
        `Created project *${escapeMrkdwn(made.project.name)}* in billing group *${escapeMrkdwn(made.billingGroupName)}*.`,
      );
    },
  };
}
