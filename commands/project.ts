import { findGroup } from '../src/services/group-lists.ts';
import { createProject } from '../src/services/projects.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { needed } from './needed.ts';
import { cutAt } from './parts.ts';
import type { Subcommand } from './router.ts';
import { mayEditProjects } from './who.ts';

export function project(deps: Deps): Subcommand {
  return {
    name: 'project',
    summary: 'Make a project, in a billing group or in the primary one.',
    usage: 'NAME [in GROUP]',
    examples: ['project web-shop', 'project web-shop in "Team Blue"'],
    topic: 'Projects',
    allowed: mayEditProjects,
    async run(context, words) {
      const { first, parts } = cutAt(words, ['in']);
      const name = needed(first, 'What shall the project be called?', '/billing project NAME [in GROUP]');
      const { ctx, account } = await callerOf(deps, context);
      const group = parts.in === undefined ? undefined : await findGroup(ctx, account._id, parts.in);
      const made = await createProject(ctx, {
        accountId: account._id,
        name,
        ...(group && { billingGroupId: group._id }),
      });
      await context.respond(
        `Created project *${escapeMrkdwn(made.project.name)}*; *${escapeMrkdwn(made.billingGroupName)}* pays for it.`,
      );
    },
  };
}
