import type { KnownBlock, ModalView } from '@slack/types';
import type { AdjustmentKind } from '../../src/billing/invoice/adjustment.ts';
import { entering } from '../../src/services/access/rights.ts';
import {
  type AdjustmentSummary,
  adjustmentText,
  endAdjustment,
  listAdjustments,
} from '../../src/services/invoicing/adjustments.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { foundByIds } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { count } from '../kit/figures.ts';
import { ADJUSTMENT_ADD, KIND_NAMES, type ListPlace, readListPlace, writeListPlace } from './adjustment-place.ts';

const END = 'adjustment.end';
const PAGE = 'adjustment.page';
const SIZE = 20;

/** Opens the discounts, charges or commitments of an account or group: first a loading view, then the content. */
export async function openAdjustments(
  request: RequestContext,
  kind: AdjustmentKind,
  find: () => Promise<{ ctx: Ctx; account: string; group: string }>,
): Promise<void> {
  const opened = await request.openModal(loading(KIND_NAMES[kind].title));
  const { ctx, account, group } = await find();
  await opened.update(await adjustmentsModal(ctx, { account, group, kind, page: 1 }));
}

export function registerAdjustments(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(PAGE), async (request, action) => {
    if (!action.view) return;
    const view = await adjustmentsModal(contextOf(deps, request), readListPlace(action.value));
    await request.client.views.update({ view_id: action.view.id, view });
  });
  onAction(app, END, async (request, action) => {
    const { id, ...place } = readListPlace(action.value);
    const ctx = contextOf(deps, request);
    await endAdjustment(ctx, { accountId: place.account, id: id ?? '' });
    if (!action.view) return;
    await request.client.views.update({ view_id: action.view.id, view: await adjustmentsModal(ctx, place) });
  });
}

/** A page of the list, each item with a button that ends it. At most five queries. */
export async function adjustmentsModal(ctx: Ctx, place: ListPlace): Promise<ModalView> {
  const entered = await entering(ctx, place.account);
  const { role } = entered.known;
  const mayEdit = role === null || role === 'owner' || role === 'billing_admin';
  const { title, one, many } = KIND_NAMES[place.kind];
  const [group] =
    place.group === '' ? [] : (await foundByIds(entered, place.account, { groups: [place.group] })).groups;
  const list = await listAdjustments(entered, place.account, {
    ...{ page: place.page, size: SIZE, kind: place.kind },
    ...(group && { billingGroupId: group.id }),
  });
  const whose = group ? ` of *${escapeMrkdwn(group.name)}*` : '';
  const none = `There is no ${one}${group ? ' for this group' : ''} yet.`;
  const blocks: KnownBlock[] = [
    section(list.total === 0 ? none : `${count(list.total, one, many)}${whose}`),
    ...(mayEdit
      ? [
          actions([
            button(`Add ${one}`, ADJUSTMENT_ADD, { value: writeListPlace({ ...place, page: 1 }), style: 'primary' }),
          ]),
        ]
      : []),
    ...list.items.map((item) => entry(item, place, mayEdit)),
    ...(list.total === 0 ? [] : [context('Ended entries stay listed. Issued invoices never change.')]),
    ...pager({
      page: list.page,
      pages: list.pages,
      actionId: PAGE,
      value: { account: place.account, group: place.group, kind: place.kind },
    }),
  ];
  return modal({ title, blocks });
}

function entry(item: AdjustmentSummary, place: ListPlace, mayEdit: boolean): KnownBlock {
  const text = `*${escapeMrkdwn(item.billingGroupName)}*: ${escapeMrkdwn(adjustmentText(item))}`;
  if (!mayEdit || item.isOver) return section(item.isOver ? `${text} · _ended_` : text);
  const accessory = button('End entry', END, {
    value: writeListPlace({ ...place, id: item.id }),
    style: 'danger',
    label: `End ${item.description}`,
    confirm: {
      title: 'End this entry?',
      text: 'It stops applying to all months that haven’t been invoiced yet.',
      confirm: 'End entry',
      deny: 'Cancel',
    },
  });
  return section(text, { accessory });
}
