import type { KnownBlock } from '@slack/types';
import { percentOf } from '../../src/billing/group/budget.ts';
import { isUnpaid } from '../../src/billing/invoice/invoice-life.ts';
import type { Decimal } from '../../src/billing/money/money.ts';
import { chartAlt } from '../../src/documents/chart/chart.ts';
import { remainingCredits } from '../../src/services/credits/credits.ts';
import { groupOverview } from '../../src/services/groups/group-overview.ts';
import type { InvoiceSummary } from '../../src/services/invoicing/invoice-reading.ts';
import { actions, button, context, fields, section, slackImage } from '../../src/slack/blocks/blocks.ts';
import { budgetText } from '../costs/budgets.ts';
import { invoiceLine } from '../invoices/invoice-list.ts';
import { target } from '../kit/action-target.ts';
import { count, lineText, money } from '../kit/figures.ts';
import { INVOICE_VIEW } from '../kit/open-actions.ts';
import { linkBlocks } from '../kit/share-link.ts';
import type { Tab } from './tab.ts';

/** Opens the form that subscribes a channel to the group's notifications. */
export const NOTIFY_OPEN = 'notify.open';

const SHOWN_INVOICES = 3;

/** The invoices to be paid, by due date, then the latest others. */
function mostUrgent(issued: readonly InvoiceSummary[]): InvoiceSummary[] {
  const isOpen = (one: InvoiceSummary) => isUnpaid(one.state) && one.open.gt(0);
  const open = issued.filter(isOpen).sort((a, b) => (a.dueDay ?? '').localeCompare(b.dueDay ?? ''));
  return [...open, ...issued.filter((one) => !isOpen(one))].slice(0, SHOWN_INVOICES);
}

/** How much of a group's budget has been spent. */
function spentOf({ budgetSpent: spent, currency }: { budgetSpent: Decimal; currency: string }, amount: Decimal) {
  return { spent, amount, currency, percent: percentOf(spent, amount) };
}

/** A group at a glance: its current costs, former totals, and projects. */
export const overviewTab: Tab = async ({ ctx, place, group, wantChart }) => {
  const { estimate, issued, biggest, totals, chart } = await groupOverview(ctx, place.account, group);
  if (!chart?.isCurrent && totals.length > 0) wantChart(totals);
  const left = await remainingCredits(ctx, place.account, group.id);
  const [last] = issued;
  const lines = biggest.map((line) => lineText(line, group.currency)).join('\n');
  const all = estimate && target({ account: place.account, invoice: estimate.id });
  const blocks: KnownBlock[] = [
    fields([
      `*Projects*\n${count(group.projects, 'project')}`,
      `*Last invoice*\n${last?.number ?? 'none yet'}`,
      `*Credits left*\n${money(left, group.currency)}`,
      ...(group.budget ? [`*Budget*\n${budgetText(spentOf(group, group.budget))}`] : []),
    ]),
  ];
  if (chart) blocks.push(slackImage(chart.fileId, chartAlt(totals, group.currency), 'The last 12 months'));
  if (lines !== '') blocks.push(section(`*Largest costs*\n${lines}`));
  const value = target({ account: place.account, group: group.id });
  blocks.push(
    actions([
      ...(all === undefined ? [] : [button('All costs so far', INVOICE_VIEW, { value: all })]),
      button('Notify a channel', NOTIFY_OPEN, { value }),
    ]),
  );
  if (issued.length > 0) blocks.push(section('*Invoices*'), ...mostUrgent(issued).map(invoiceLine));
  return [
    ...blocks,
    context('Totals are after adjustments and credits, before tax. Largest costs are after discounts.'),
    ...linkBlocks(ctx, group.id),
  ];
};
