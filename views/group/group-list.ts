import type { KnownBlock } from '@slack/types';
import { periodName } from '../../src/billing/period/period.ts';
import { type GroupSummary, listGroups } from '../../src/services/groups/group-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { searchGroups } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../src/slack/app/listeners.ts';
import { actions, button, externalSelect, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { target } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { count, listReply, money, openText } from '../kit/figures.ts';
import { costsSoFarText } from '../kit/sum-rows.ts';
import { BILLING_EDIT } from './billing.ts';
import { GROUP_OPEN } from './tab.ts';

const GROUPS_PAGE = 'groups.page';
/** The menu that finds a group. Its block's ID ends with the account. */
export const GROUP_FIND = 'groups.find';
const FIND_BLOCK = 'find group ';
const SIZE = 10;

/** A page of the account's billing groups, optionally only those whose names contain a text. */
export async function groupsReply(
  ctx: Ctx,
  account: { _id: string; name: string },
  { page, containing }: { readonly page: number; readonly containing: string },
): Promise<Reply> {
  const groups = await listGroups(ctx, account._id, { page, size: SIZE, containing });
  const typed = escapeMrkdwn(containing);
  const reply = listReply({
    title: `Billing groups of ${escapeMrkdwn(account.name)}${typed === '' ? '' : ` with “${typed}” in their names`}`,
    page: groups,
    line: (group) => groupLine(account._id, group),
    none: typed === '' ? 'No billing groups yet. The first project creates one.' : 'No billing group has such a name.',
    actionId: GROUPS_PAGE,
    value: { account: account._id, name: account.name.slice(0, 83), containing: containing.slice(0, 128) },
  });
  const [title, ...lines] = reply.blocks ?? [];
  return groups.pages > 1 && title ? { ...reply, blocks: [title, findBlock(account._id), ...lines] } : reply;
}

/** The menu that finds a group by name and opens it. */
export function findBlock(accountId: string): KnownBlock {
  // a menu's choices have no room for the account
  return actions([externalSelect(GROUP_FIND, { placeholder: 'Find a billing group' })], `${FIND_BLOCK}${accountId}`);
}

/** The account of a `findBlock`; empty for another block. */
export function accountOfFind(blockId: string): string {
  return blockId.startsWith(FIND_BLOCK) ? blockId.slice(FIND_BLOCK.length) : '';
}

export function registerGroups(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(GROUPS_PAGE), async (context, action) => {
    const value = readPager(action.value);
    if (!value) return;
    const account = { _id: String(value.account), name: String(value.name) };
    const shown = { page: value.page, containing: String(value.containing ?? '') };
    await context.respond({ ...(await groupsReply(contextOf(deps, context), account, shown)), replace: true });
  });
  onOptions(app, GROUP_FIND, async (request, { typed, blockId }) =>
    (await searchGroups(contextOf(deps, request), accountOfFind(blockId), typed)).map(foundChoice),
  );
}

/** A group in a list, with a button to open it. */
export function groupLine(accountId: string, group: GroupSummary): KnownBlock {
  const name = `*${escapeMrkdwn(group.name)}*${group.isPrimary ? ' · primary' : ''}${group.isPrivate ? ' · private' : ''}`;
  const costs = costsSoFarText(group, periodName(group.period));
  const facts = `${costs} · ${count(group.projects, 'project')} · last invoice: ${lastInvoice(group)}`;
  return section([name, facts, ...group.toPay.map(openText)].join('\n'), {
    accessory: button('Open', GROUP_OPEN, {
      value: target({ account: accountId, group: group.id }),
      label: `Open ${group.name}`.slice(0, 75),
    }),
  });
}

function lastInvoice({ lastInvoice: last }: GroupSummary): string {
  if (!last) return 'none yet';
  const waived = last.state === 'waived' ? ' (waived)' : '';
  return `${last.number}, ${money(last.total, last.currency)}${waived}`;
}

/** The next steps for a group that a message names. */
export function groupButtons(account: string, group: string): KnownBlock {
  const value = target({ account, group });
  return actions([button('Open', GROUP_OPEN, { value }), button('Billing information', BILLING_EDIT, { value })]);
}
