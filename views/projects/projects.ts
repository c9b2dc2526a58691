import type { Ctx } from '../../src/services/kit/context.ts';
import { searchProjects } from '../../src/services/kit/search.ts';
import { groupToList, listProjects, type ProjectSummary } from '../../src/services/projects/project-lists.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../src/slack/app/listeners.ts';
import { actions, button, externalSelect, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { answer, onAnswerPages } from '../kit/answer.ts';
import { foundChoice } from '../kit/choices.ts';
import { listReply, money, projectTitle } from '../kit/figures.ts';
import { PROJECT_OPEN } from '../kit/open-actions.ts';

const PROJECTS_PAGE = 'projects.page';
export const PROJECTS_OPEN = 'projects.open';
export const MY_PROJECTS_OPEN = 'projects.mine.open';
/** In a page's value: only the projects that the person leads. */
const MINE = 'mine';
/** Said to people who lead no project. */
export const NO_PROJECTS_LED =
  'You don’t lead any projects yet. Owners and billing admins choose a project’s leads with `/billing project leads NAME`.';
/** The menu that finds a project. Its block's ID ends with the account. */
export const PROJECT_FIND = 'projects.find';
const FIND_BLOCK = 'find project ';
const [TITLE, MY_TITLE] = ['Projects', 'My projects'];
const SIZE = 15;
/** How much of a searched text the pages of a list remember. */
const MOST_TYPED = 128;

/** What a list of projects is limited to. */
export interface ProjectsOf {
  /** A group's ID; all groups if it is empty. */
  readonly group?: string;
  /** Only those that the person leads. */
  readonly isMine?: boolean;
  /** Only those whose names or labels contain this text. */
  readonly containing?: string;
  readonly page: number;
}

/** The projects of an account, of one group, or of the person, with the costs of each in the open period. */
export async function projectsReply(ctx: Ctx, accountId: string, of: ProjectsOf): Promise<Reply> {
  const { group = '', isMine = false, containing = '' } = of;
  const page = await listProjects(ctx, accountId, {
    ...{ page: of.page, size: SIZE, isMine, containing },
    ...(group !== '' && { group: await groupToList(ctx, accountId, group) }),
  });
  const typed = escapeMrkdwn(containing);
  const which = typed === '' ? '' : ` with “${typed}” in their names`;
  const reply = listReply({
    title: `${isMine ? 'Your projects' : 'Projects'}${which} and their costs this month, before adjustments, credits and tax`,
    page,
    line: (project) => projectLine(accountId, project),
    none: noneText(isMine, containing),
    actionId: PROJECTS_PAGE,
    value: { account: accountId, group, mine: isMine ? MINE : '', containing: containing.slice(0, MOST_TYPED) },
  });
  const [title, ...lines] = reply.blocks ?? [];
  const find = actions(
    [externalSelect(PROJECT_FIND, { placeholder: 'Find a project' })],
    // a menu's choices have no room for the account
    `${FIND_BLOCK}${accountId}`,
  );
  return page.pages > 1 && title ? { ...reply, blocks: [title, find, ...lines] } : reply;
}

/** The account of a menu that finds a project; empty for another block. */
export function accountOfProjectFind(blockId: string): string {
  return blockId.startsWith(FIND_BLOCK) ? blockId.slice(FIND_BLOCK.length) : '';
}

function projectLine(account: string, project: ProjectSummary) {
  const text = `*${projectTitle(project)}*\n${costsText(project)} · in ${escapeMrkdwn(project.billingGroupName)}`;
  const value = target({ account, project: project.id });
  const label = `View ${project.label ?? project.name}`.slice(0, 75);
  return section(text, { accessory: button('View', PROJECT_OPEN, { value, label }) });
}

function noneText(isMine: boolean, containing: string): string {
  if (isMine) return NO_PROJECTS_LED;
  if (containing !== '') return 'No project or billing group has such a name.';
  return 'No projects yet. Importing costs creates them. Type `/billing import` to see how.';
}

/** A project that was in groups with several currencies has costs in each of them. */
function costsText({ cost, currency, others }: ProjectSummary): string {
  return [{ amount: cost, currency }, ...others].map((one) => money(one.amount, one.currency)).join(' and ');
}

export function registerProjects(app: SlackApp, deps: Deps): void {
  onAnswerPages(app, { actionId: PROJECTS_PAGE, title: TITLE }, (request, { account, group, mine, containing, page }) =>
    projectsReply(contextOf(deps, request), String(account), {
      group: String(group),
      isMine: mine === MINE,
      containing: String(containing ?? ''),
      page,
    }),
  );
  onAction(app, PROJECTS_OPEN, (request, action) => {
    const { account, group } = readTarget(action.value);
    return answer(request, action, TITLE, () => projectsReply(contextOf(deps, request), account, { group, page: 1 }));
  });
  onAction(app, MY_PROJECTS_OPEN, (request, action) =>
    answer(request, action, MY_TITLE, () =>
      projectsReply(contextOf(deps, request), readTarget(action.value).account, { isMine: true, page: 1 }),
    ),
  );
  onOptions(app, PROJECT_FIND, async (request, { typed, blockId }) =>
    (await searchProjects(contextOf(deps, request), accountOfProjectFind(blockId), typed)).map(foundChoice),
  );
}
