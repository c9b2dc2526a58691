import type { KnownBlock, ModalView } from '@slack/types';
import { cleanName } from '../../src/billing/group/names.ts';
import { entering } from '../../src/services/access/rights.ts';
import { type DecisionResult, decideMoves } from '../../src/services/moves/move-decide-several.ts';
import type { MoveSummary } from '../../src/services/moves/move-read.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, checkboxes, input, modal, section, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { approvalText, moveLineText } from './move-request.ts';
import { projectNamesText } from './move-words.ts';

const SELECT = 'move.select';
const APPROVE = 'move.selected.approve';
const REJECT = 'move.selected.reject';
const TITLE = 'Reject moves';
/** The start of the block ID of a selectable request; its ID follows. */
const BLOCK = 'selected ';
const NOTHING_SELECTED = 'Select at least one request.';
const CONFIRM = {
  title: 'Approve the selected moves?',
  text: 'Each request is decided separately. If one can’t be approved, the others still are.',
  confirm: 'Approve moves',
};

/** Shows the list again, with the requests' outcomes above it. */
type ShowList = (ctx: ReturnType<typeof contextOf>, account: string, results: readonly string[]) => Promise<ModalView>;

/** Requests with a checkbox each, and the buttons that decide the selected ones. */
export function selectionBlocks(account: string, waiting: readonly MoveSummary[]): KnownBlock[] {
  const value = target({ account });
  return [
    ...waiting.map((move) =>
      section(moveLineText(move), {
        blockId: `${BLOCK}${move._id}`,
        accessory: checkboxes(SELECT, [{ text: 'Select', value: move._id }]),
      }),
    ),
    actions([
      button('Approve selected', APPROVE, { value, style: 'primary', confirm: CONFIRM }),
      button('Reject selected', REJECT, { value, style: 'danger' }),
    ]),
  ];
}

/** @param list shows the list that the requests are selected in */
export function registerMoveSelection(app: SlackApp, deps: Deps, list: ShowList): void {
  // the buttons carry the selection
  onAction(app, SELECT, async () => undefined);
  onAction(app, APPROVE, async (request, { value, view, form }) => {
    const { account } = readTarget(value);
    const ctx = contextOf(deps, request);
    const requestIds = selectedIn(form);
    const results = await decideMoves(ctx, { accountId: account, requestIds, decision: { kind: 'approve' } });
    const said = results.length === 0 ? [NOTHING_SELECTED] : results.map(resultText);
    if (view) await request.client.views.update({ view_id: view.id, view: await list(ctx, account, said) });
  });
  onAction(app, REJECT, async (request, { value, view, form }) => {
    const { account } = readTarget(value);
    const moves = selectedIn(form);
    await openForm(request, TITLE, async () => {
      await entering(contextOf(deps, request), account);
      if (moves.length === 0) return modal({ title: TITLE, blocks: [section(NOTHING_SELECTED)] });
      const more = { moves: moves.join(' '), ...(view && { list: view.id }) };
      return rejection(originOf(request, { account, more }), '');
    });
  });
  onForm<string>(app, deps, REJECT, {
    title: TITLE,
    parse: ({ reason }) =>
      typeof reason === 'string' && cleanName(reason) !== ''
        ? { ok: reason }
        : { errors: { reason: 'Enter a reason.' } },
    again: (reason, origin, fault) => rejection(origin, reason, fault),
    async work(ctx, reason, { account, more }, request) {
      const requestIds = more.moves?.split(' ') ?? [];
      const results = await decideMoves(ctx, { accountId: account, requestIds, decision: { kind: 'reject', reason } });
      if (more.list !== undefined) {
        await request.client.views.update({ view_id: more.list, view: await list(ctx, account, []) });
      }
      return modal({ title: TITLE, close: 'Done', blocks: results.map((result) => section(resultText(result))) });
    },
  });
}

function selectedIn(form: FormValues): string[] {
  return Object.entries(form).flatMap(([block, values]) => (block.startsWith(BLOCK) && values !== null ? values : []));
}

function rejection(origin: Origin, reason: string, fault?: string): ModalView {
  return formModal({
    title: TITLE,
    callbackId: REJECT,
    submit: 'Reject moves',
    origin,
    fault,
    blocks: [
      input(
        'reason',
        'Reason',
        textInput('move.selected.reason', { initial: reason, multiline: true, maxLength: 500 }),
        {
          hint: 'The requesters will see it.',
        },
      ),
    ],
  });
}

/** The outcome of one of the selected requests. */
function resultText(result: DecisionResult): string {
  const { move } = result;
  const what = move ? `*${projectNamesText(move.projects)}* to *${escapeMrkdwn(move.toGroupName)}*: ` : '';
  switch (result.kind) {
    case 'approved':
      return `${what}${approvalText(result.approved, count(result.approved.moved, 'project'))}`;
    case 'rejected':
      return `${what}Rejected. The requester will see the reason.`;
    case 'refused':
      return `${what}${escapeMrkdwn(refusalInFull(result.refusal))}${wayOut(result.refusal.code)}`;
    case 'failed':
      return `${what}Something went wrong. Check whether the request is still open, and try again.`;
  }
}

/** How to decide a request that needs the approver's consent, which is asked for only when it is decided on its own. */
function wayOut(code: string): string {
  return ['move_new_date', 'move_some_cant'].includes(code)
    ? ' It’s still open. Approve it on the App Home or in its message.'
    : '';
}
