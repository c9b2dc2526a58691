import type { KnownBlock } from '@slack/types';
import { periodName } from '../src/billing/period.ts';
import type { Ctx } from '../src/services/context.ts';
import { type GroupSummary, groupSummary, listGroups } from '../src/services/groups.ts';
import { invoiceOf, largestLines } from '../src/services/reading.ts';
import type { SlackApp } from '../src/slack/app.ts';
import { actions, button, context, fields, section } from '../src/slack/blocks.ts';
import { contextOf, type Deps } from '../src/slack/caller.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { pagerActions, readPager } from '../src/slack/paging.ts';
import { onAction } from '../src/slack/register.ts';
import type { Reply } from '../src/slack/reply.ts';
import { INVOICE_VIEW } from './invoice-issued.ts';
import { INVOICES_OPEN } from './invoices.ts';
import { PROJECTS_OPEN } from './projects.ts';
import { count, lineText, listReply, moment, money } from './shared.ts';
import { readTarget, target } from './target.ts';

const GROUPS_PAGE = 'groups.page';
export const GROUP_OPEN = 'group.open';
const SIZE = 10;
const BIGGEST = 5;

/** The account's billing groups, a page of them. */
export async function groupsReply(ctx: Ctx, account: { _id: string; name: string }, page: number): Promise<Reply> {
  const groups = await listGroups(ctx, account._id, { page, size: SIZE });
  return listReply({
    title: `Billing groups of ${escapeMrkdwn(account.name)}`,
    page: groups,
    line: (group) => groupLine(account._id, group),
    none: 'There are none yet: the first project makes the first one.',
    actionId: GROUPS_PAGE,
    value: { account: account._id, name: account.name.slice(0, 83) },
  });
}

/** One group: its accumulated costs at the top, then what they are. */
export async function groupReply(ctx: Ctx, accountId: string, billingGroupId: string): Promise<Reply> {
  const group = await groupSummary(ctx, accountId, billingGroupId);
  const estimate = await invoiceOf(ctx, accountId, billingGroupId, group.period);
  const lines = estimate ? await largestLines(ctx, estimate, BIGGEST) : [];
  const total = money(group.accumulated, group.currency);
  const text = `Billing group ${escapeMrkdwn(group.name)}: ${total} so far in ${periodName(group.period)}`;
  const buttons = [
    button('Projects', PROJECTS_OPEN, { value: target({ account: accountId, group: group.id }) }),
    button('Invoices', INVOICES_OPEN, { value: target({ account: accountId, group: group.id }) }),
    ...(estimate
      ? [button('All costs so far', INVOICE_VIEW, { value: target({ account: accountId, invoice: estimate.id }) })]
      : []),
  ];
  const blocks: KnownBlock[] = [
    section(
      `*${escapeMrkdwn(group.name)}*${group.isPrimary ? ' · primary' : ''}\n*${total}* so far in ${periodName(group.period)}`,
    ),
    fields([`*Projects*\n${group.projects}`, `*Last invoice*\n${lastInvoice(group)}`]),
    ...(lines.length > 0
      ? [section(`*Biggest costs*\n${lines.map((line) => lineText(line, group.currency)).join('\n')}`)]
      : []),
    ...(group.heldBack === null ? [] : [section(`*Held back:* ${escapeMrkdwn(group.heldBack)}`)]),
    actions(buttons),
    context(group.computedAt ? `As of ${moment(group.computedAt)}` : 'Being computed'),
  ];
  return { text, blocks };
}

export function registerGroups(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(GROUPS_PAGE), async (context, action) => {
    const value = readPager(action.value);
    if (!value) return;
    const account = { _id: String(value.account), name: String(value.name) };
    await context.respond({ ...(await groupsReply(contextOf(deps, context), account, value.page)), replace: true });
  });
  onAction(app, GROUP_OPEN, async (context, action) => {
    const { account, group } = readTarget(action.value);
    await context.respond(await groupReply(contextOf(deps, context), account, group));
  });
}

/** A group in a list, with a button to open it. */
export function groupLine(accountId: string, group: GroupSummary): KnownBlock {
  const name = `*${escapeMrkdwn(group.name)}*${group.isPrimary ? ' · primary' : ''}`;
  const costs = `${money(group.accumulated, group.currency)} so far in ${periodName(group.period)}`;
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
