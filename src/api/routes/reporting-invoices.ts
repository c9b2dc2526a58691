import { toFixedMinor } from '../../billing/money/money.ts';
import { toPeriod } from '../../billing/period/period.ts';
import type { ToUsd } from '../../services/costs/us-dollars.ts';
import { accountInvoices, type InvoiceSearch, invoicesNow } from '../../services/insight/account-invoices.ts';
import { identifiedLines } from '../../services/insight/account-lines.ts';
import { type GroupInvoice, nameOfInvoice } from '../../services/invoicing/group-invoices.ts';
import { invoiceBody, lineBody } from '../bodies/invoice-bodies.ts';
import { shownId } from '../ids.ts';
import { pageOf, type Reading, readingOf } from '../requests/reading.ts';
import { type Caller, callerIn, json, type Route, route } from '../route.ts';
import { time } from '../schemas/common.ts';
import {
  invoiceReportQuery,
  type ReportedInvoice,
  type ReportedLine,
  reportedInvoicesAnswer,
  reportedLinesAnswer,
} from '../schemas/reporting.ts';
import { usdFor } from './invoices.ts';
import { statesIn } from './organization-invoices.ts';

const TAG = 'Reporting';
const INVOICES = 'all invoices';
const LINES = 'all lines';

/** The invoices of the whole account, for tools that read them again and again. */
export const reportingInvoiceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/invoices',
    operation: 'listInvoices',
    tag: TAG,
    summary: 'The invoices and estimates of all billing groups, or those that have changed',
    access: 'billing:read',
    query: invoiceReportQuery,
    answers: { 200: { description: 'A page of invoices', schema: reportedInvoicesAnswer } },
    async run({ query, ...sent }) {
      const { ctx, accountId } = callerIn(sent);
      const reading = readingOf(INVOICES, query, invoicesNow());
      const { items, next } = await accountInvoices(ctx, accountId, searchOf(query), reading);
      return json({ invoices: items.map(reportedInvoice), ...pageOf(INVOICES, reading, next) });
    },
  }),
  route({
    method: 'get',
    path: '/invoice-lines',
    operation: 'listInvoiceLines',
    tag: TAG,
    summary: 'The lines of the same invoices',
    access: 'billing:read',
    query: invoiceReportQuery,
    answers: { 200: { description: 'A page of lines', schema: reportedLinesAnswer } },
    async run({ query, ...sent }) {
      const caller = callerIn(sent);
      const reading = readingOf(LINES, query, invoicesNow());
      const { lines, begun, next } = await linesFrom(caller, searchOf(query), reading);
      return json({ lines, invoice_ids: begun.map(shownId), ...pageOf(LINES, reading, next) });
    },
  }),
];

type Asked = Partial<Record<'state' | 'period_from' | 'period_to', string | undefined>> & {
  readonly updated_since?: Date | undefined;
};

function searchOf({ state, period_from: from, period_to: to, updated_since: changedSince }: Asked): InvoiceSearch {
  return {
    states: statesIn(state),
    from: from === undefined ? undefined : toPeriod(from),
    to: to === undefined ? undefined : toPeriod(to),
    changedSince,
  };
}

interface LinePage {
  readonly lines: readonly ReportedLine[];
  /** The IDs of invoices whose first line, if they have any, would be on this page. */
  readonly begun: readonly string[];
  readonly next: string | undefined;
}

/** Positions are an invoice's ID and the position of its last line that was shown. */
async function linesFrom(caller: Caller, search: InvoiceSearch, { after, limit }: Reading): Promise<LinePage> {
  const { ctx, accountId } = caller;
  const lines: ReportedLine[] = [];
  const begun: string[] = [];
  const [id, shownUpTo] = after?.split(' ') ?? [];
  let from = beforeId(id);
  for (;;) {
    const { items, next } = await accountInvoices(ctx, accountId, search, { after: from, limit: INVOICES_AT_ONCE });
    for (const invoice of items) {
      const place = invoice.id === id ? Number(shownUpTo) : 0;
      if (place === 0) begun.push(invoice.id);
      const found = await identifiedLines(ctx, invoice, place, limit - lines.length + 1);
      const toUsd = await usdFor(caller, invoice);
      const shown = found.slice(0, limit - lines.length);
      lines.push(...shown.map((line) => reportedLine(line, invoice, toUsd)));
      if (found.length > shown.length) return { lines, begun, next: `${invoice.id} ${shown.at(-1)?.place ?? place}` };
      from = invoice.id;
    }
    if (next === undefined) return { lines, begun, next: undefined };
  }
}

const INVOICES_AT_ONCE = 100;

/** The greatest text before an ID, so that a search after it finds that ID first. */
function beforeId(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}~`;
}

function reportedInvoice(invoice: GroupInvoice): ReportedInvoice {
  const { download_cookie: _, ...body } = invoiceBody(invoice, '');
  const money = (amount: GroupInvoice['tax']) => toFixedMinor(amount, invoice.currency);
  return {
    ...body,
    invoice_id: shownId(invoice.id),
    period: invoice.period,
    tax: money(invoice.tax),
    amount_due: money(invoice.amountDue),
    open_amount: money(invoice.open),
    update_time: invoice.changedAt && time(invoice.changedAt),
  };
}

function reportedLine(
  line: Awaited<ReturnType<typeof identifiedLines>>[number],
  invoice: GroupInvoice,
  toUsd: ToUsd,
): ReportedLine {
  return {
    ...lineBody(line, invoice.currency, toUsd),
    line_id: line.lineId,
    invoice_id: shownId(invoice.id),
    invoice_number: nameOfInvoice(invoice),
    billing_group_id: shownId(invoice.billingGroupId),
    period: invoice.period,
  };
}
