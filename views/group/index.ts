import { chartAlt, totalsChart } from '../../src/documents/chart.ts';
import type { Ctx } from '../../src/services/context.ts';
import { groupSummary } from '../../src/services/group-lists.ts';
import { groupOverview, keepChart } from '../../src/services/group-overview.ts';
import { entering } from '../../src/services/rights.ts';
import type { SlackApp } from '../../src/slack/app.ts';
import { loading } from '../../src/slack/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/caller.ts';
import { Messenger } from '../../src/slack/messenger.ts';
import { pagerActions } from '../../src/slack/paging.ts';
import { onAction, type RequestContext } from '../../src/slack/register.ts';
import { showGroup } from '../form.ts';
import { readTarget } from '../target.ts';
import { type GroupPlace, groupPlace, readPlace, TABS } from './place.ts';
import { GROUP_TAB, GROUP_TITLE, groupModal } from './render.ts';
import { GROUP_OPEN, GROUP_PAGE } from './tab.ts';

/** Opens a group's view: loading at once, since a trigger lives three seconds, then filled. */
export async function openGroup(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; place: GroupPlace }>,
): Promise<void> {
  const opened = await request.openModal(loading(GROUP_TITLE));
  const { ctx, place } = await find();
  await opened.update(await groupModal(ctx, place));
  await drawChart(request, ctx, place, opened.id);
}

/** The group's view: opened from wherever a group is named, its tabs and the pages of their lists. */
export function registerGroupView(app: SlackApp, deps: Deps): void {
  onAction(app, GROUP_OPEN, (request, action) =>
    openGroup(request, async () => {
      const { account, group } = readTarget(action.value);
      return { ctx: contextOf(deps, request), place: groupPlace(account, group) };
    }),
  );
  const turns = [...TABS.map((tab) => `${GROUP_TAB}.${tab}`), ...pagerActions(GROUP_PAGE)];
  onAction(app, turns, async (request, action) => {
    const place = readPlace(action.value);
    if (!place || !action.view) return;
    const ctx = contextOf(deps, request);
    await showGroup(request, ctx, place, action.view.id);
    await drawChart(request, ctx, place, action.view.id);
  });
}

/**
 * Makes the chart of a group's totals if Slack has none of these, and shows the view again with it. The view is there
 * already: a chart that fails is only missed, and the next opening tries again.
 */
async function drawChart(request: RequestContext, plain: Ctx, place: GroupPlace, viewId: string): Promise<void> {
  if (place.tab !== 'overview') return;
  try {
    const ctx = await entering(plain, place.account);
    const group = await groupSummary(ctx, place.account, place.group);
    const { totals, chart } = await groupOverview(ctx, place.account, group);
    if (chart?.isCurrent || totals.length === 0) return;
    const altText = chartAlt(totals, group.currency);
    const content = await totalsChart(totals, group.currency);
    const fileId = await new Messenger(request.client).uploadImage({ name: 'totals.png', content, altText });
    await keepChart(ctx, place.account, group, totals, fileId);
    await showGroup(request, ctx, place, viewId);
  } catch (error) {
    request.log.warn({ err: error }, 'a chart could not be made');
  }
}
