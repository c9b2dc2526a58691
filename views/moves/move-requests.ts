import type { KnownBlock, ModalView } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import { entering } from '../../src/services/access/rights.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { withdrawMove } from '../../src/services/moves/move-decide.ts';
import { type MoveSummary, movesOf } from '../../src/services/moves/move-read.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { context, divider, modal, section } from '../../src/slack/blocks/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { ownMoveLine, WITHDRAW } from './move-request.ts';
import { selectionBlocks } from './move-selection.ts';
import { projectNamesText } from './move-words.ts';

/** Identifies the list among the views that can contain a button. */
export const REQUESTS_VIEW = 'move.requests';

const TITLE = 'Move requests';

/** Opens a person's requests, and those they can decide. */
export function openMoveRequests(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, moveRequestsModal);
}

/** Withdraws a request from the list, Home or a message. */
export function registerMoveWithdrawal(app: SlackApp, deps: Deps): void {
  onAction(app, WITHDRAW, async (request, { value, view }) => {
    const { account, move } = readTarget(value);
    const ctx = contextOf(deps, request);
    const { projects } = await withdrawMove(ctx, { accountId: account, requestId: move });
    const done = `Withdrew the request to move *${projectNamesText(projects)}*. Nothing was moved.`;
    if (view?.callback_id !== REQUESTS_VIEW) return request.respond(done);
    await request.client.views.update({ view_id: view.id, view: await moveRequestsModal(ctx, account, [done]) });
  });
}

/** The requests that a person can decide, then their own. At most ten queries, including those that find the person. */
export async function moveRequestsModal(
  plain: Ctx,
  account: string,
  results: readonly string[] = [],
): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const { role } = ctx.known;
  const { waiting, own } = await movesOf(ctx, account);
  const isAsked = waiting.length > 0 || role === null || may(role, 'approve_moves');
  const blocks: KnownBlock[] = [
    ...(results.length === 0 ? [] : [...results.map((result) => section(result)), divider()]),
    ...(isAsked ? [...waitingBlocks(account, waiting), divider()] : []),
    ...ownMoveBlocks(own),
  ];
  return modal({ title: TITLE, callbackId: REQUESTS_VIEW, blocks });
}

/** A person's own requests, each with the button that withdraws it while it is open. */
export function ownMoveBlocks(own: readonly MoveSummary[]): KnownBlock[] {
  if (own.length === 0) return [section('*My requests*\nNo requests yet. Type `/billing move` to request one.')];
  return [section('*My requests*'), ...own.map(ownMoveLine)];
}

function waitingBlocks(account: string, waiting: readonly MoveSummary[]): KnownBlock[] {
  if (waiting.length === 0) return [section('*Waiting for you*\nNo requests are waiting for your approval.')];
  return [
    section(`*Waiting for you* · ${count(waiting.length, 'request')}`),
    ...selectionBlocks(account, waiting),
    context('Each request is decided separately. If one can’t be approved, the others still are.'),
  ];
}
