import type { ModalView } from '@slack/types';
import { entering } from '../../src/services/access/rights.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { getMove } from '../../src/services/moves/move-read.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { modal } from '../../src/slack/blocks/blocks.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget } from '../kit/action-target.ts';
import { MOVE_VIEW } from '../kit/open-actions.ts';
import { linkBlocks } from '../kit/share-link.ts';
import { moveViewBlocks } from './move-request.ts';

const TITLE = 'Move request';

/** Opens a move request, as far as the person sees its groups. */
export function openMoveRequest(request: RequestContext, find: FindAccount, id: string): Promise<void> {
  return openAccountModal(request, TITLE, find, (ctx, account) => moveModal(ctx, account, id));
}

export function registerMoveView(app: SlackApp, deps: Deps): void {
  onAction(app, MOVE_VIEW, (request, action) =>
    openMoveRequest(request, accountOfButton(deps, request, action), readTarget(action.value).move),
  );
}

/** @throws {Refusal} `account_not_found`, `move_not_found` */
async function moveModal(plain: Ctx, account: string, id: string): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const move = await getMove(ctx, account, id);
  return modal({ title: TITLE, blocks: [...moveViewBlocks(move), ...linkBlocks(ctx, id)] });
}
