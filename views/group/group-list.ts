import type { KnownBlock } from '@slack/types';
import { periodName } from '../../src/billing/period/period.ts';
import { type GroupSummary, listGroups } from '../../src/services/groups/group-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { target } from '../kit/action-target.ts';
import { count, listReply, money } from '../kit/figures.ts';
import { costsSoFarText } from '../kit/sum-rows.ts';
import { BILLING_EDIT } from './billing.ts';
import { GROUP_OPEN } from './tab.ts';

const GROUPS_PAGE = 'groups.page';
const SIZE = 10;

/** A page of the account's billing groups. */
export async function groupsReply(ctx: Ctx, account: { _id: string; name: string }, page: number): Promise<Reply> {
  const groups = await listGroups(ctx, account._id, { page, size: SIZE });
  return listReply({
    title: `Billing groups of ${escapeMrkdwn(account.name)}`,
    page: groups,
    line: (group) => groupLine(account._id, group),
    none: 'No billing groups yet. The first project creates one.',
    actionId: GROUPS_PAGE,
    value: { account: account._id, name: account.name.slice(0, 83) },
  });
}

export function registerGroups(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(GROUPS_PAGE), async (context, action) => {
    const value = readPager(action.value);
    if (!value) return;
    const account = { _id: String(value.account), name: String(value.name) };
    await context.respond({ ...(await groupsReply(contextOf(deps, context), account, value.page)), replace: true });
  });
}

/** A group in a list, with a button to open it. */
export function groupLine(accountId: string, group: GroupSummary): KnownBlock {
  const name = `*${escapeMrkdwn(group.name)}*${group.isPrimary ? ' · primary' : ''}`;
  const costs = costsSoFarText(group, periodName(group.period));
  return section(`${name}\n${costs} · ${count(group.projects, 'project')} · last invoice: ${lastInvoice(group)}`, {
    accessory: button('Open', GROUP_OPEN, {
      value: target({ account: accountId, group: group.id }),
      label: `Open ${group.name}`.slice(0, 75),
    }),
  });
}

function lastInvoice({ lastInvoice: last }: GroupSummary): string {
  return last ? `${last.number}, ${money(last.total, last.currency)}` : 'none yet';
}

/** The next steps for a group that a message names. */
export function groupButtons(account: string, group: string): KnownBlock {
  const value = target({ account, group });
  return actions([button('Open', GROUP_OPEN, { value }), button('Billing information', BILLING_EDIT, { value })]);
}
