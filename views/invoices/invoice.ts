import type { KnownBlock, ModalView } from '@slack/types';
import { dayName } from '../../src/billing/period/day.ts';
import { periodName } from '../../src/billing/period/period.ts';
import { entering } from '../../src/services/access/rights.ts';
import {
  getInvoice,
  type InvoiceSummary,
  type LineSummary,
  listLines,
} from '../../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { Page } from '../../src/services/kit/page.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, divider, fields, loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { heldBackText } from '../../src/slack/refusal-texts/held-back-texts.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { balanceText, count, dueDay, lineProject, moment, money, state } from '../kit/figures.ts';
import { INVOICE_VIEW } from '../kit/open-actions.ts';
import { linkBlocks } from '../kit/share-link.ts';
import { leftOutText, sumsOf, sumsText } from '../kit/sum-rows.ts';
import { downloadButtons } from './invoice-download.ts';
import { settlementBlocks, settlementOf } from './invoice-settlement.ts';
import { INVOICE_WHY } from './invoice-why.ts';

const INVOICE_PAGE = 'invoice.page';
const SIZE = 40;
const TITLE = 'Invoice';

/** Opens an invoice in a modal: first a loading view, since a trigger is valid for three seconds, then the content. */
export async function openInvoice(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; account: string; by: { id: string } | { number: string } }>,
): Promise<void> {
  const opened = await request.openModal(loading(TITLE));
  const { ctx, account, by } = await find();
  await opened.update(await invoiceView(ctx, account, by));
}

/** An invoice's modal with a page of its lines. At most seven queries. @throws {Refusal} `invoice_not_found` */
export async function invoiceView(
  ctx: Ctx,
  account: string,
  by: { id: string } | { number: string },
  page = 1,
): Promise<ModalView> {
  const entered = await entering(ctx, account);
  const invoice = await getInvoice(entered, account, by);
  const lines = await listLines(entered, invoice, { page, size: SIZE });
  const settlement = settlementBlocks(invoice, await settlementOf(entered, invoice), entered.chargesCards === true);
  const link = linkBlocks(entered, invoice.id);
  return invoiceModal(invoice, lines, { settlement, link, now: entered.clock.now() });
}

/** An invoice with a page of its lines, grouped by project, and what has happened to it. */
function invoiceModal(
  invoice: InvoiceSummary,
  lines: Page<LineSummary>,
  { settlement, link, now }: { settlement: KnownBlock[]; link: KnownBlock[]; now: Date },
): ModalView {
  const name = invoice.number ?? 'Estimate';
  const value = { account: invoice.accountId, invoice: invoice.id };
  const missing = leftOutText(invoice.leftOut);
  const blocks: KnownBlock[] = [
    section(`*${escapeMrkdwn(name)}* · ${escapeMrkdwn(invoice.billingGroupName)} · ${periodName(invoice.period)}`),
    fields(facts(invoice, now)),
    section(figures(invoice, now)),
    ...(missing === undefined ? [] : [section(missing)]),
    ...(invoice.heldBack === null ? [] : [section(`*Held back:* ${heldBackText(invoice.heldBack)}`)]),
    actions([...downloadButtons(invoice), button('Why these figures', INVOICE_WHY, { value: target(value) })]),
    ...settlement,
    divider(),
    ...byProject(lines.items, invoice.currency),
    ...(lines.total === 0 ? [section('No costs in this period.')] : []),
    context(`${count(invoice.lineCount, 'line')} of ${count(invoice.recordCount, 'cost record')}`),
    ...link,
    ...pager({ page: lines.page, pages: lines.pages, actionId: INVOICE_PAGE, value }),
  ];
  return modal({ title: name.length <= 24 ? name : TITLE, blocks });
}

export function registerInvoice(app: SlackApp, deps: Deps): void {
  onAction(app, INVOICE_VIEW, (request, action) =>
    openInvoice(request, async () => {
      const { account, invoice } = readTarget(action.value);
      return { ctx: contextOf(deps, request), account, by: { id: invoice } };
    }),
  );
  onAction(app, pagerActions(INVOICE_PAGE), async (request, action) => {
    const value = readPager(action.value);
    if (!value || !action.view) return;
    const ctx = contextOf(deps, request);
    const view = await invoiceView(ctx, String(value.account), { id: String(value.invoice) }, value.page);
    await request.client.views.update({ view_id: action.view.id, view });
  });
}

function facts(invoice: InvoiceSummary, now: Date): string[] {
  const texts = [`*State*\n${state(invoice.state)}`, `*Total*\n*${money(invoice.total, invoice.currency)}*`];
  const balance = balanceText(invoice);
  if (balance !== undefined) texts.push(`*Balance*\n${balance}`);
  else if (invoice.number === null && invoice.total.lt(0)) {
    texts.push(
      `*Balance*\n${money(invoice.total.neg(), invoice.currency)} in your favor, kept as a credit once issued`,
    );
  }
  if (!invoice.open.isZero() && !invoice.open.equals(invoice.amountDue))
    texts.push(`*Still open*\n*${money(invoice.open, invoice.currency)}*`);
  if (invoice.issuedDay !== null) texts.push(`*Issued*\n${dayName(invoice.issuedDay)}`);
  const due = dueDay(invoice);
  const isLate =
    invoice.overdueFrom !== null && invoice.overdueFrom <= now && invoice.open.gt(0) && !isCarriedOver(invoice);
  if (due !== undefined)
    texts.push(`*Due*\n${due}${isLate ? ` · *${count(invoice.daysOverdue, 'day')} overdue*` : ''}`);
  if (!invoice.issuedAt && invoice.computedAt) texts.push(`*As of*\n${moment(invoice.computedAt)}`);
  return texts;
}

/** From the costs to the amount due. */
function figures(invoice: InvoiceSummary, now: Date): string {
  return sumsText(sumsOf(invoice), invoice.number === null && now < invoice.periodEnd);
}

/** An amount carried over to the next card charge is never overdue. */
function isCarriedOver({ state, notCharged }: InvoiceSummary): boolean {
  return state === 'due' && notCharged !== null;
}

/** One section for each project on the page, with its lines one below the other. */
function byProject(lines: readonly LineSummary[], currency: string): KnownBlock[] {
  const projects = new Map<string, string[]>();
  for (const line of lines) {
    const project = lineProject(line);
    const text = `${money(line.total, currency)} · ${escapeMrkdwn(line.description)}`;
    projects.set(project, [...(projects.get(project) ?? []), text]);
  }
  return [...projects].map(([project, texts]) => section(`*${project}*\n${texts.join('\n')}`));
}
