import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { loading } from '../../src/slack/blocks/blocks.ts';
import { pagerActions } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { showGroup } from '../kit/form.ts';
import { accountOfFind, GROUP_FIND } from './group-list.ts';
import { type GroupPlace, groupPlace, readPlace, TABS } from './place.ts';
import { GROUP_TAB, GROUP_TITLE } from './render.ts';
import { GROUP_OPEN, GROUP_PAGE } from './tab.ts';

/** Opens a group's view: first a loading view, since a trigger is valid for three seconds, then the content. */
export async function openGroup(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; place: GroupPlace }>,
): Promise<void> {
  const opened = await request.openModal(loading(GROUP_TITLE));
  const { ctx, place } = await find();
  await showGroup(request, ctx, place, opened.id);
}

/** The group's view, opened from anywhere a group is named, with its tabs and the pages of their lists. */
export function registerGroupView(app: SlackApp, deps: Deps): void {
  onAction(app, GROUP_OPEN, (request, action) =>
    openGroup(request, async () => {
      const { account, group } = readTarget(action.value);
      return { ctx: contextOf(deps, request), place: groupPlace(account, group) };
    }),
  );
  onAction(app, GROUP_FIND, (request, action) =>
    openGroup(request, async () => ({
      ctx: contextOf(deps, request),
      place: groupPlace(accountOfFind(action.blockId), action.value ?? ''),
    })),
  );
  const turns = [...TABS.map((tab) => `${GROUP_TAB}.${tab}`), ...pagerActions(GROUP_PAGE)];
  onAction(app, turns, async (request, action) => {
    const place = readPlace(action.value);
    if (!place || !action.view) return;
    await showGroup(request, contextOf(deps, request), place, action.view.id);
  });
}
