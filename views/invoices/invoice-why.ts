import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { isUnpaid } from '../../src/billing/invoice/invoice-life.ts';
import type { TrailEntry, TrailStep } from '../../src/billing/invoice/trail-entry.ts';
import { Decimal, exactMoney } from '../../src/billing/money/money.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { periodName } from '../../src/billing/period/period.ts';
import { entering } from '../../src/services/access/rights.ts';
import { getInvoice, type InvoiceSummary, listLines } from '../../src/services/invoicing/invoice-reading.ts';
import { explainLine, invoiceTrail } from '../../src/services/invoicing/invoice-why.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, divider, loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, truncateMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readKept } from '../../src/slack/requests/kept-state.ts';
import { readTarget } from '../kit/action-target.ts';
import { count, lineProject, lineText, money } from '../kit/figures.ts';

/** The button that opens the explanation, wherever it is. Its value is a target with the invoice. */
export const INVOICE_WHY = 'invoice.why';

const TITLE = 'Why these figures';
const GO_STEPS = 'invoice.why.steps';
const GO_LINES = 'invoice.why.lines';
const GO_LINE = 'invoice.why.line';
const PAGE = 'invoice.why.page';
const STEPS_SIZE = 30;
const LINES_SIZE = 25;
const ROWS_SIZE = 30;
/** Ten rows fit in a section. */
const ROW_LENGTH = 290;

const NAMES: Readonly<Record<TrailStep, string>> = {
  costs: 'Costs',
  charge: 'Extra charge',
  conversion: 'Conversion',
  discount: 'Discount',
  commitment: 'Commitment',
  rounding: 'Rounding',
  credit: 'Credit',
  tax: 'Tax',
  total: 'Total',
  prepaid: 'Purchased credit',
  due: 'Amount due',
};

/** A person's place in the explanation: the steps, the lines, or one line by its position. */
const whereSchema = z.object({
  account: z.string(),
  invoice: z.string(),
  part: z.enum(['steps', 'lines', 'line']),
  place: z.number().default(0),
  page: z.number().default(1),
});
type Where = z.infer<typeof whereSchema>;

/**
 * Opens the explanation of an invoice in a modal: first a loading view, since a trigger is valid for three seconds,
 * then the content.
 */
export async function openWhy(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; account: string; invoice: string }>,
): Promise<void> {
  const opened = await request.openModal(loading(TITLE));
  const { ctx, account, invoice } = await find();
  await opened.update(await whyModal(ctx, { account, invoice, part: 'steps', place: 0, page: 1 }));
}

export function registerInvoiceWhy(app: SlackApp, deps: Deps): void {
  onAction(app, INVOICE_WHY, (request, action) =>
    openWhy(request, async () => {
      const { account, invoice } = readTarget(action.value);
      return { ctx: contextOf(deps, request), account, invoice };
    }),
  );
  onAction(app, [GO_STEPS, GO_LINES, GO_LINE, ...pagerActions(PAGE)], async (request, action) => {
    if (!action.view) return;
    const where = readKept(whereSchema, action.value);
    const view = await whyModal(contextOf(deps, request), where);
    await request.client.views.update({ view_id: action.view.id, view });
  });
}

/** One part of the explanation. At most five queries. */
async function whyModal(ctx: Ctx, where: Where): Promise<ModalView> {
  const entered = await entering(ctx, where.account);
  const invoice = await getInvoice(entered, where.account, { id: where.invoice });
  const parts = { steps: stepBlocks, lines: lineBlocks, line: rowBlocks };
  const name = invoice.number ?? 'Estimate';
  const blocks: KnownBlock[] = [
    section(`*${escapeMrkdwn(name)}* · ${escapeMrkdwn(invoice.billingGroupName)} · ${periodName(invoice.period)}`),
    actions([
      button('Steps', GO_STEPS, { value: JSON.stringify({ ...where, part: 'steps', place: 0, page: 1 }) }),
      button('Lines', GO_LINES, { value: JSON.stringify({ ...where, part: 'lines', place: 0, page: 1 }) }),
    ]),
    divider(),
    ...(await parts[where.part](entered, invoice, where)),
  ];
  return modal({ title: TITLE, blocks });
}

async function stepBlocks(ctx: Ctx, invoice: InvoiceSummary, where: Where): Promise<KnownBlock[]> {
  const trail = await invoiceTrail(ctx, invoice, { page: where.page, size: STEPS_SIZE });
  if (trail.total === 0) return [section('No calculation was kept for this invoice.')];
  return [
    ...trail.items.map((entry) => section(stepText(entry))),
    ...(trail.page === trail.pages ? cardNote(invoice) : []),
    context(
      'Amounts that aren’t rounded yet are followed by their exact value. Only exact values add up to the last digit.',
    ),
    ...pager({ page: trail.page, pages: trail.pages, actionId: PAGE, value: where }),
  ];
}

/** Why the amount due isn't charged to the card, and how it is paid instead (domain.md, Money 9). */
function cardNote({ state, notCharged }: InvoiceSummary): KnownBlock[] {
  if (notCharged === null || !isUnpaid(state)) return [];
  return [section(`:information_source: ${escapeMrkdwn(notCharged)}`)];
}

async function lineBlocks(ctx: Ctx, invoice: InvoiceSummary, where: Where): Promise<KnownBlock[]> {
  const lines = await listLines(ctx, invoice, { page: where.page, size: LINES_SIZE });
  if (lines.total === 0) return [section('This invoice has no lines.')];
  return [
    ...lines.items.map((line) =>
      section(lineText(line, invoice.currency), {
        accessory: button('Explain', GO_LINE, {
          value: JSON.stringify({ ...where, part: 'line', place: line.place, page: 1 }),
          label: `Explain line ${line.place}`,
        }),
      }),
    ),
    ...pager({ page: lines.page, pages: lines.pages, actionId: PAGE, value: where }),
  ];
}

async function rowBlocks(ctx: Ctx, invoice: InvoiceSummary, where: Where): Promise<KnownBlock[]> {
  const { line, steps, rows } = await explainLine(ctx, invoice, where.place, { page: where.page, size: ROWS_SIZE });
  const { currency } = invoice;
  const rounded = `*Rounding*\n${amount(currency, line.exact)} → *${money(line.total, currency)}*, so that all lines add up to the total.`;
  return [
    section(`*${escapeMrkdwn(line.description)}*\n${lineProject(line)} · ${money(line.total, currency)}`),
    ...steps.map((entry) => section(stepText(entry))),
    section(rounded),
    ...(rows.total === 0 ? [context('This line has no cost records. The steps explain it.')] : []),
    ...chunks(
      rows.items.map((row) => rowText(row)),
      10,
    ).map((texts) => section(texts.join('\n'))),
    ...(rows.total === 0
      ? []
      : [
          context(
            `${count(rows.total, 'cost record')}. Their exact amounts add up to the line before conversion, discounts and rounding.`,
          ),
        ]),
    ...pager({ page: rows.page, pages: rows.pages, actionId: PAGE, value: where }),
  ];
}

function rowText(row: {
  day: string;
  description: string;
  cloudName: string | null;
  amount: Decimal;
  currency: string;
}) {
  const what = [row.description, row.cloudName ?? ''].filter((text) => text !== '').map(escapeMrkdwn);
  return truncateMrkdwn([dayName(row.day), amount(row.currency, row.amount), ...what].join(' · '), ROW_LENGTH);
}

/** A step as a sentence: `Discount: Partner (10%), on all costs: EUR 100 → EUR 90`, and why. */
export function stepText({ step, what, before, after, currency, why }: TrailEntry): string {
  const [from, to] = [before === null ? '' : `${amount(currency, before)} → `, `*${amount(currency, after)}*`];
  return `*${NAMES[step]}*: ${escapeMrkdwn(what)}\n${from}${to}\n_${escapeMrkdwn(why)}_`;
}

function amount(currency: string, value: Decimal | string): string {
  return exactMoney(new Decimal(value), currency);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
