import { z } from 'zod';
import { Refusal } from '../../billing/refusal.ts';
import { GENERATION } from '../../documents/generate.ts';
import { callerOfCookie } from '../../services/access/download-cookies.ts';
import { entering } from '../../services/access/rights.ts';
import { documentName } from '../../services/documents/invoice-document.ts';
import { type GroupInvoice, invoiceOfGroup, isIssued, nameOfInvoice } from '../../services/invoicing/group-invoices.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { apiError } from '../errors.ts';
import { resolvedId } from '../ids.ts';
import { type Base, type Caller, type Reply, type Route, route } from '../route.ts';
import { invoiceParams } from '../schemas/invoice.ts';
import { etagOf } from '../send.ts';

/** The source of invoice files, for all ways to request them. */
export interface DownloadSource {
  /** @throws {Refusal} `invoice_not_issued` for an estimate */
  pdf(ctx: Ctx, invoice: GroupInvoice): AsyncIterable<Uint8Array | string>;
  /** The same in the published order of columns. */
  publishedCsv(ctx: Caller['ctx'], invoice: GroupInvoice, projectName?: string): AsyncIterable<Uint8Array | string>;
  /** All lines, or one project's, with everything that is known about them. */
  csv(ctx: Ctx, invoice: GroupInvoice, projectName?: string): AsyncIterable<Uint8Array | string>;
}

const TAG = 'Downloads';
const PDF = 'application/pdf';
const CSV = 'text/csv; charset=utf-8';
const COOKIE_LIMIT = 300;
const csvQuery = z.object({
  cookie: z.string().max(COOKIE_LIMIT).optional().meta({ description: 'download_cookie of the list, without a token' }),
  project: z.string().max(200).optional().meta({ description: 'Only the lines of this project, by name' }),
});
const CSV_ROUTE = {
  method: 'get',
  tag: TAG,
  access: 'link',
  params: invoiceParams,
  query: csvQuery,
  answers: { 200: { description: 'The lines', contentType: 'text/csv' } },
} as const;

export function downloadRoutes(source: DownloadSource): readonly Route[] {
  return [
    route({
      ...CSV_ROUTE,
      path: '/billing-group/{id}/invoice/{number}/csv',
      operation: 'downloadInvoiceCsv',
      summary: 'The lines of an invoice as CSV in the published order of columns',
      run: (request) => csvReply(request, 'csv', (ctx, invoice, project) => source.publishedCsv(ctx, invoice, project)),
    }),
    route({
      ...CSV_ROUTE,
      path: '/billing-group/{id}/invoice/{number}/lines.csv',
      operation: 'downloadInvoiceLines',
      summary: 'The lines of an invoice as CSV with everything that is known about them',
      run: (request) => csvReply(request, 'lines', (ctx, invoice, project) => source.csv(ctx, invoice, project)),
    }),
    route({
      method: 'get',
      path: '/billing-group/{id}/invoice/{number}/{download_cookie}',
      operation: 'downloadInvoicePdf',
      tag: TAG,
      summary: 'An issued invoice as PDF, without a token, for 24 hours after the list named the download_cookie',
      access: 'link',
      params: invoiceParams.extend({
        download_cookie: z.string().max(COOKIE_LIMIT).meta({ description: 'download_cookie of the list' }),
      }),
      answers: { 200: { description: 'The invoice', contentType: PDF } },
      async run({ base, params }): Promise<Reply> {
        const { ctx, accountId } = await byLink(base, params, params.download_cookie);
        const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
        if (!isIssued(invoice)) throw new Refusal('invoice_not_issued', {});
        return fileReply(invoice, 'pdf', source.pdf(ctx, invoice));
      },
    }),
  ];
}

interface CsvRequest {
  readonly base: Base;
  readonly caller: Caller | undefined;
  readonly params: z.output<typeof invoiceParams>;
  readonly query: z.output<typeof csvQuery>;
}

type CsvSource = (ctx: Caller['ctx'], invoice: GroupInvoice, project?: string) => AsyncIterable<Uint8Array | string>;

/** With a token, or the link of a list. */
async function csvReply(
  { base, caller, params, query }: CsvRequest,
  kind: 'csv' | 'lines',
  csv: CsvSource,
): Promise<Reply> {
  const { ctx, accountId } = caller ?? (await byLink(base, params, query.cookie));
  const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
  const { project } = query;
  return fileReply(invoice, kind, csv(ctx, invoice, project), project);
}

/** An invoice's file, or that of one of its projects. It stays the same as long as the invoice and the way files are made do. */
export function fileReply(
  invoice: GroupInvoice,
  kind: 'csv' | 'lines' | 'pdf',
  chunks: AsyncIterable<Uint8Array | string>,
  project?: string,
): Reply {
  const { id, version, billingGroupName } = invoice;
  const format = kind === 'pdf' ? 'pdf' : 'csv';
  return {
    kind: 'stream',
    contentType: kind === 'pdf' ? PDF : CSV,
    filename: documentName(nameOfInvoice(invoice), format, project === undefined ? {} : { project }),
    chunks,
    etag: etagOf(JSON.stringify([GENERATION, kind, id, version, billingGroupName, project])),
  };
}

/**
 * Anyone who has the link can read this one file, and nothing else.
 *
 * @throws {ApiError} 401 without a cookie; {Refusal} `cookie_invalid`
 */
async function byLink(
  base: Base,
  { id, number }: { readonly id: string; readonly number: string },
  cookie: string | undefined,
): Promise<Pick<Caller, 'ctx' | 'accountId'>> {
  if (cookie === undefined) throw apiError(401, 'token_needed', 'Send a token, or the download_cookie of the list.');
  const file = { billingGroupId: resolvedId('bg', id), invoice: number };
  const actor = await callerOfCookie(base, cookie, file);
  return { ctx: await entering({ ...base, actor }, actor.accountId), accountId: actor.accountId };
}
