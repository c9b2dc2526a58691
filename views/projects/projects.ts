import type { Ctx } from '../../src/services/kit/context.ts';
import { listProjects, type ProjectSummary } from '../../src/services/projects/project-lists.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget } from '../kit/action-target.ts';
import { listReply, money, projectTitle } from '../kit/figures.ts';

const PROJECTS_PAGE = 'projects.page';
export const PROJECTS_OPEN = 'projects.open';
const SIZE = 15;

/** The projects of an account, or of one group, with the costs of each in the open period. */
export async function projectsReply(ctx: Ctx, accountId: string, of: { group?: string; page: number }): Promise<Reply> {
  const group = of.group ?? '';
  const page = await listProjects(ctx, accountId, {
    page: of.page,
    size: SIZE,
    ...(group !== '' && { billingGroupId: group }),
  });
  return listReply({
    title: 'Projects and their costs this month, before adjustments, credits and tax',
    page,
    line: (project) =>
      section(`*${projectTitle(project)}*\n${costsText(project)} · in ${escapeMrkdwn(project.billingGroupName)}`),
    none: 'No projects yet. Importing costs creates them. Type `/billing import` to see how.',
    actionId: PROJECTS_PAGE,
    value: { account: accountId, group },
  });
}

/** A project that was in groups with several currencies has costs in each of them. */
function costsText({ cost, currency, others }: ProjectSummary): string {
  return [{ amount: cost, currency }, ...others].map((one) => money(one.amount, one.currency)).join(' and ');
}

export function registerProjects(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(PROJECTS_PAGE), async (context, action) => {
    const value = readPager(action.value);
    if (!value) return;
    const reply = await projectsReply(contextOf(deps, context), String(value.account), {
      group: String(value.group),
      page: value.page,
    });
    await context.respond({ ...reply, replace: true });
  });
  onAction(app, PROJECTS_OPEN, async (context, action) => {
    const { account, group } = readTarget(action.value);
    await context.respond(await projectsReply(contextOf(deps, context), account, { group, page: 1 }));
  });
}
