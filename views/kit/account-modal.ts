import type { ModalView } from '@slack/types';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { type Action, onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { loading } from '../../src/slack/blocks/blocks.ts';
import { pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { callerOf, contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from './action-target.ts';

/** Finds the account that a modal is about. Called once the modal is open. */
export type FindAccount = () => Promise<{ readonly ctx: Ctx; readonly account: string }>;

/** Opens a modal about an account: first a loading view, since a trigger is valid for three seconds, then the content. */
export async function openAccountModal(
  request: RequestContext,
  title: string,
  find: FindAccount,
  viewOf: (ctx: Ctx, account: string) => Promise<ModalView>,
): Promise<void> {
  const opened = await request.openModal(loading(title));
  const { ctx, account } = await find();
  await opened.update(await viewOf(ctx, account));
}

/** The account in a button's value. */
export function accountOfButton(deps: Deps, request: RequestContext, action: Action): FindAccount {
  return async () => ({ ctx: contextOf(deps, request), account: readTarget(action.value).account });
}

/** The account of a person who typed a command. */
export function accountOfCaller(deps: Deps, request: RequestContext): FindAccount {
  return async () => {
    const { ctx, account } = await callerOf(deps, request);
    return { ctx, account: account._id };
  };
}

/** Shows the other pages of a modal about an account, whose pager has the account in its value. */
export function onAccountPages(
  app: SlackApp,
  deps: Deps,
  actionId: string,
  viewOf: (ctx: Ctx, account: string, page: number) => Promise<ModalView>,
): void {
  onAction(app, pagerActions(actionId), async (request, action) => {
    const value = readPager(action.value);
    if (!value || !action.view) return;
    const view = await viewOf(contextOf(deps, request), String(value.account), value.page);
    await request.client.views.update({ view_id: action.view.id, view });
  });
}
