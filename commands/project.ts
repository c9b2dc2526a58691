import { may } from '../src/billing/account/role.ts';
import { cleanName, cutName, NAME_LIMITS, nameLength } from '../src/billing/group/names.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { findProject } from '../src/services/projects/project-lists.ts';
import { findMeantProject, similarProject } from '../src/services/projects/project-names.ts';
import { createProject } from '../src/services/projects/projects.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { originOf } from '../views/kit/form.ts';
import { projectReply } from '../views/projects/project.ts';
import { createdReply, noProjectReply, similarReply } from '../views/projects/project-decision.ts';
import { openLeads } from '../views/projects/project-leads.ts';
import { cutAt } from './parse/keywords.ts';
import { needed } from './parse/needed.ts';
import { mayEditGroups, mayEditProjects } from './parse/who-may.ts';
import { phrase, quoteWord, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function project(deps: Deps): Subcommand {
  return {
    name: 'project',
    summary:
      'Show a project with its costs, choose its leads, or create one in a billing group or in the primary group.',
    usage: 'NAME | create NAME [in GROUP] | leads NAME',
    examples: ['project web-shop', 'project create web-shop in "Team Blue"', 'project leads web-shop'],
    topic: 'Projects',
    partFor: (role) => {
      if (mayEditGroups(role)) return undefined;
      const show = { usage: 'NAME', examples: ['project web-shop'] };
      if (!mayEditProjects(role)) return { summary: 'Show a project with its costs.', ...show };
      return {
        summary: 'Show a project with its costs, or create one in a billing group or in the primary group.',
        usage: `${show.usage} | create NAME [in GROUP]`,
        examples: [...show.examples, 'project create web-shop in "Team Blue"'],
      };
    },
    async run(context, words) {
      const [first, ...rest] = words;
      const step = first && !first.quoted ? first.text.toLowerCase() : undefined;
      if (step === 'create') await create(deps, context, rest);
      else if (step === 'leads') await leads(deps, context, rest);
      else await show(deps, context, words);
    },
  };
}

async function create(deps: Deps, context: CommandContext, words: readonly Word[]): Promise<void> {
  const { first, parts } = cutAt(words, ['in']);
  const name = needed(first, 'Enter a name for the project.', '/billing project create NAME [in GROUP]');
  const { ctx, account } = await callerOf(deps, context);
  const group = parts.in === undefined ? undefined : await findGroup(ctx, account._id, parts.in);
  const similar = await similarProject(ctx, account._id, name);
  if (similar) {
    await context.respond(similarReply({ account: account._id, name: cleanName(name), group: group?._id }, similar));
    return;
  }
  const created = await createProject(ctx, {
    ...{ accountId: account._id, name },
    ...(group && { billingGroupId: group._id }),
  });
  await context.respond(createdReply(account._id, created));
}

/** Opens the form for a project's leads. */
async function leads(deps: Deps, context: CommandContext, words: readonly Word[]): Promise<void> {
  const name = needed(phrase(words), 'Enter a project.', '/billing project leads NAME');
  await openLeads(context, async () => {
    const { ctx, account } = await callerOf(deps, context);
    const { _id: project } = await findProject(ctx, account._id, name);
    return { ctx, origin: originOf(context, { account: account._id, more: { project } }) };
  });
}

/** Tries all words as a name first, since a name can contain "in". */
async function show(deps: Deps, context: CommandContext, words: readonly Word[]): Promise<void> {
  const whole = needed(phrase(words), 'Enter a project.', '/billing project NAME');
  const { first, parts } = cutAt(words, ['in']);
  const { ctx, account, role } = await callerOf(deps, context);
  const meant = await findMeantProject(ctx, account._id, [whole, first]);
  if (meant.project) {
    await context.respond(await projectReply(ctx, meant.project));
    return;
  }
  const group = parts.in === undefined ? undefined : await findGroup(ctx, account._id, parts.in);
  const name = cleanName(first);
  const mayCreate = may(role, 'edit_projects') && name !== '' && nameLength(name) <= NAME_LIMITS.project;
  const inGroup = group ? ` in ${quoteWord(group.name)}` : '';
  const command = mayCreate ? `/billing project create ${quoteWord(name)}${inGroup}` : undefined;
  const wanted = { account: account._id, name: cutName(name, NAME_LIMITS.project), group: group?._id };
  await context.respond(noProjectReply(wanted, meant.nearest, command));
}
