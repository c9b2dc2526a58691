import { periodName } from '../../src/billing/period/period.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { csvName, wholeCsv } from '../../src/documents/csv/document-csv.ts';
import {
  DOCUMENT_FORMATS,
  type DocumentFormat,
  invoiceDocument,
} from '../../src/services/documents/invoice-document.ts';
import { memoDocument } from '../../src/services/documents/memo-document.ts';
import { previewPdf } from '../../src/services/invoicing/invoice-preview.ts';
import { eachLine, getInvoice, type InvoiceSummary } from '../../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { type actions, button, overflow } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { GivenFile } from '../../src/slack/web-api/give-file.ts';
import { COSTS_FILE, costsFile } from '../costs/cost-report.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, money } from '../kit/figures.ts';
import { chooseDestination, FILE_SHARE, shareInChannel, type Wanted } from '../kit/give-file.ts';
import { AGING_FILE, agingFile } from './aging.ts';

/** Sends an invoice as a PDF. Wherever the button is, its value is a target with the invoice. */
export const INVOICE_PDF = 'invoice.pdf';
/** Sends its lines as CSV, also an estimate's. */
export const INVOICE_CSV = 'invoice.csv';
/** Sends an estimate as a preview PDF. */
export const INVOICE_PREVIEW = 'invoice.preview';
/** The menu with the other formats. */
export const INVOICE_FORMS = 'invoice.forms';
/** Sends a credit memo as a PDF. Its value is a target with the account and the memo's number as the name. */
export const MEMO_PDF = 'memo.pdf';

const NAMES: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'PDF',
  csv: 'CSV',
  json: 'JSON',
  xml: 'electronic invoice (UBL XML, PEPPOL BIS Billing 3.0)',
};

type Of = Pick<InvoiceSummary, 'accountId' | 'id' | 'number'>;

/** The download buttons for an invoice. An estimate has a preview and its lines. */
export function downloadButtons(invoice: Of): Parameters<typeof actions>[0] {
  const value = target({ account: invoice.accountId, invoice: invoice.id });
  const csv = button('Download CSV', INVOICE_CSV, { value });
  if (invoice.number === null) return [button('Preview as PDF', INVOICE_PREVIEW, { value }), csv];
  const form = (text: string, format: DocumentFormat) => ({
    text,
    value: `${format} ${invoice.accountId} ${invoice.id}`,
  });
  return [
    pdfButton(invoice),
    csv,
    overflow(INVOICE_FORMS, [form('JSON', 'json'), form('Electronic invoice (XML)', 'xml')]),
  ];
}

export function pdfButton(invoice: Of) {
  return button('Download PDF', INVOICE_PDF, {
    value: target({ account: invoice.accountId, invoice: invoice.id }),
    label: `Download ${invoice.number ?? 'invoice'} as PDF`.slice(0, 75),
  });
}

export function memoPdfButton(account: string, number: string) {
  return button('Download PDF', MEMO_PDF, {
    value: target({ account, name: number }),
    label: `Download credit memo ${number} as PDF`.slice(0, 75),
  });
}

/** A format that a person typed. @throws {Refusal} `invalid_command` */
export function readFormat(typed: string): DocumentFormat {
  const format = DOCUMENT_FORMATS.find((one) => one === typed.trim().toLowerCase().replace(/^\./, ''));
  if (format) return format;
  throw new Refusal('invalid_command', {
    problem: `“${typed}” isn’t a supported format.`,
    usage: 'Type `/billing invoice NUMBER download FORMAT`, where FORMAT is pdf, csv, json or xml.',
  });
}

/** An invoice's file; for an estimate its lines, or a preview PDF. */
export function invoiceFile(ctx: Ctx, invoice: InvoiceSummary, format: DocumentFormat): Wanted {
  const share = `${format} ${invoice.accountId} ${invoice.id}`;
  return { ctx, key: `${invoice.id} ${format}`, share, make: () => makeInvoice(ctx, invoice, format) };
}

/** The file of the invoice or credit memo with that number. @throws {Refusal} `invoice_not_found` */
export async function numberedFile(ctx: Ctx, account: string, number: string, format: DocumentFormat): Promise<Wanted> {
  try {
    return invoiceFile(ctx, await getInvoice(ctx, account, { number }), format);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'invoice_not_found') throw error;
    const memo = memoFile(ctx, account, number, format);
    const file = await memo.make().catch((fault: unknown) => {
      throw fault instanceof Refusal && fault.code === 'credit_memo_not_found' ? error : fault;
    });
    return { ...memo, make: async () => file };
  }
}

export function registerInvoiceDownload(app: SlackApp, deps: Deps): void {
  const find = async (request: RequestContext, account: string, id: string, format: DocumentFormat) => {
    const ctx = contextOf(deps, request);
    return invoiceFile(ctx, await getInvoice(ctx, account, { id }), format);
  };
  const listen = (actionIds: readonly string[], format: DocumentFormat) =>
    onAction(app, actionIds, (request, action) => {
      const { account, invoice } = readTarget(action.value);
      return chooseDestination(request, action, () => find(request, account, invoice, format));
    });
  listen([INVOICE_PDF, INVOICE_PREVIEW], 'pdf');
  listen([INVOICE_CSV], 'csv');
  onAction(app, INVOICE_FORMS, (request, action) => {
    const [format = '', account = '', invoice = ''] = (action.value ?? '').split(' ');
    return chooseDestination(request, action, () => find(request, account, invoice, readFormat(format)));
  });
  onAction(app, MEMO_PDF, (request, action) => {
    const { account, name } = readTarget(action.value);
    return chooseDestination(request, action, async () => memoFile(contextOf(deps, request), account, name, 'pdf'));
  });
  onAction(app, FILE_SHARE, (request, action) => {
    const { find, threadTs } = sharedFile(contextOf(deps, request), action.value ?? '');
    const channelId = request.channelId ?? '';
    return shareInChannel(request, find, { channelId, ...(threadTs !== undefined && { threadTs }) });
  });
}

/** The file that a button's value names, and the thread to post it in. */
function sharedFile(ctx: Ctx, value: string): { find: () => Promise<Wanted>; threadTs: string | undefined } {
  const [form = '', account = '', id = '', threadTs] = value.split(' ');
  const format = readFormat(form);
  const number = id.startsWith('memo:') ? decodeURIComponent(id.slice('memo:'.length)) : undefined;
  const find = async () => {
    if (id === AGING_FILE) return agingFile(ctx, account);
    if (id.startsWith(COSTS_FILE)) return costsFile(ctx, decodeURIComponent(id.slice(COSTS_FILE.length)));
    return number === undefined
      ? invoiceFile(ctx, await getInvoice(ctx, account, { id }), format)
      : memoFile(ctx, account, number, format);
  };
  return { find, threadTs };
}

async function makeInvoice(ctx: Ctx, invoice: InvoiceSummary, format: DocumentFormat): Promise<GivenFile> {
  const { accountId, number, lineCount } = invoice;
  const of = `${escapeMrkdwn(invoice.billingGroupName)}, ${periodName(invoice.period)}`;
  const total = money(invoice.total, invoice.currency);
  if (number === null) return makeEstimate(ctx, invoice, format, `of ${of}`, `${total} so far`);
  const { filename: name, body: content } = await invoiceDocument(ctx, accountId, number, format);
  const what = format === 'csv' ? `${count(lineCount, 'line')} as CSV` : `as ${NAMES[format]}`;
  return { name, content, comment: `Invoice *${escapeMrkdwn(number)}* of ${of}: ${total}, ${what}` };
}

async function makeEstimate(
  ctx: Ctx,
  invoice: InvoiceSummary,
  format: DocumentFormat,
  of: string,
  total: string,
): Promise<GivenFile> {
  if (format === 'csv') {
    const content = Buffer.from(await wholeCsv(eachLine(ctx, invoice), invoice));
    return { name: csvName(invoice), content, comment: `Estimate ${of}: ${total}` };
  }
  if (format === 'pdf') {
    const { filename: name, body: content } = await previewPdf(ctx, invoice.accountId, invoice.id);
    return { name, content, comment: `Preview of the invoice ${of}, not an invoice: ${total}` };
  }
  throw new Refusal('invoice_not_issued', { period: invoice.period });
}

function memoFile(ctx: Ctx, account: string, number: string, format: DocumentFormat): Wanted {
  return {
    ctx,
    key: `${account} ${number} ${format}`,
    // a memo's number can contain spaces
    share: `${format} ${account} memo:${encodeURIComponent(number)}`,
    async make() {
      const { filename: name, body: content } = await memoDocument(ctx, account, number, format);
      return { name, content, comment: `Credit memo *${escapeMrkdwn(number.toUpperCase())}*, as ${NAMES[format]}` };
    },
  };
}
