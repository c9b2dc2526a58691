import type { KnownBlock } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import { listProjects } from '../../src/services/projects/project-lists.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { target } from '../kit/action-target.ts';
import { count, money, projectTitle } from '../kit/figures.ts';
import { GROUP_PAGE, type Tab } from './tab.ts';

/** Opens the form that adds projects to this group. */
export const ASSIGN_OPEN = 'assign.open';
/** Opens the form that moves projects out of this group. */
export const MOVE_OPEN = 'move.open';
/** Opens the form for a new project. */
export const PROJECT_CREATE_OPEN = 'project.create.open';

const SIZE = 30;

/** A group's projects, with what each costs in the open period. */
export const projectsTab: Tab = async ({ ctx, place, group }) => {
  const page = await listProjects(ctx, place.account, { page: place.page, size: SIZE, group });
  const { role } = ctx.known;
  const mayEdit = group.state === 'active' && (role === null || may(role, 'edit_projects'));
  const value = target({ account: place.account, group: group.id });
  const blocks: KnownBlock[] = mayEdit
    ? [
        actions([
          button('Assign projects', ASSIGN_OPEN, { value }),
          ...(group.projects > 0 ? [button('Move projects', MOVE_OPEN, { value })] : []),
          button('Create a project', PROJECT_CREATE_OPEN, { value }),
        ]),
      ]
    : [];
  if (page.total === 0) return [...blocks, section('No projects are assigned to this group.')];
  const lines = page.items.map((project) => `${money(project.cost, project.currency)} · *${projectTitle(project)}*`);
  return [
    ...blocks,
    ...inSections(lines),
    context(`${count(page.total, 'project')}. Costs in this group this month, before adjustments, credits and tax`),
    ...pager({ page: page.page, pages: page.pages, actionId: GROUP_PAGE, value: place }),
  ];
};

/** Ten lines per section, since a long name can take its whole length. */
function inSections(lines: readonly string[]): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  for (let at = 0; at < lines.length; at += 10) blocks.push(section(lines.slice(at, at + 10).join('\n')));
  return blocks;
}
