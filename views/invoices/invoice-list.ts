import type { KnownBlock } from '@slack/types';
import { isUnpaid } from '../../src/billing/invoice/invoice-life.ts';
import { periodName } from '../../src/billing/period/period.ts';
import { type InvoiceSummary, listInvoices } from '../../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { answer, onAnswerPages } from '../kit/answer.ts';
import { listReply, money, openText, state } from '../kit/figures.ts';
import { INVOICE_VIEW } from '../kit/open-actions.ts';
import { AGING_OPEN } from './aging.ts';

const INVOICES_PAGE = 'invoices.page';
export const INVOICES_OPEN = 'invoices.open';
const TITLE = 'Invoices';
const SIZE = 10;

/** Invoices and open estimates: open amounts first, then the newest period. */
export async function invoicesReply(ctx: Ctx, accountId: string, of: { group?: string; page: number }): Promise<Reply> {
  const group = of.group ?? '';
  const page = await listInvoices(ctx, accountId, {
    page: of.page,
    size: SIZE,
    ...(group !== '' && { billingGroupId: group }),
  });
  const reply = listReply({
    title: TITLE,
    page,
    line: invoiceLine,
    none: 'No invoices yet.',
    actionId: INVOICES_PAGE,
    value: { account: accountId, group },
  });
  const isOpen = page.items.some(({ state: of }) => isUnpaid(of));
  const aging = actions([button('View aging report', AGING_OPEN, { value: target({ account: accountId }) })]);
  return isOpen ? { ...reply, blocks: [...(reply.blocks ?? []), aging] } : reply;
}

/** An invoice in a list, with a button to open it. */
export function invoiceLine(invoice: InvoiceSummary): KnownBlock {
  return section(describe(invoice), { accessory: viewButton(invoice) });
}

export function registerInvoices(app: SlackApp, deps: Deps): void {
  onAnswerPages(app, { actionId: INVOICES_PAGE, title: TITLE }, (request, { account, group, page }) =>
    invoicesReply(contextOf(deps, request), String(account), { group: String(group), page }),
  );
  onAction(app, INVOICES_OPEN, (request, action) => {
    const { account, group } = readTarget(action.value);
    return answer(request, action, TITLE, () => invoicesReply(contextOf(deps, request), account, { group, page: 1 }));
  });
}

function viewButton(invoice: InvoiceSummary) {
  const name = invoice.number ?? `the estimate for ${periodName(invoice.period)}`;
  return button('View', INVOICE_VIEW, {
    value: target({ account: invoice.accountId, invoice: invoice.id }),
    label: `View ${name}`,
  });
}

function describe(invoice: InvoiceSummary): string {
  const name = invoice.number === null ? 'Estimate' : invoice.number;
  const head = `*${escapeMrkdwn(name)}* · ${escapeMrkdwn(invoice.billingGroupName)} · ${periodName(invoice.period)}`;
  return `${head}\n${standing(invoice)}`;
}

/** The open amount, with the state if it says more; otherwise the total with the state. */
function standing(invoice: InvoiceSummary): string {
  const { total, currency, open } = invoice;
  if (!isUnpaid(invoice.state) || open.isZero()) return `${money(total, currency)} · ${state(invoice.state)}`;
  const isPlain = invoice.state === 'due' || invoice.state === 'mailed';
  return `${openText(invoice)}${isPlain ? '' : ` · ${state(invoice.state)}`}`;
}
