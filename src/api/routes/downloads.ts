import { z } from 'zod';
import { Refusal } from '../../billing/refusal.ts';
import { accountOfCookie } from '../../services/access/download-cookies.ts';
import { documentName } from '../../services/documents/invoice-document.ts';
import { type GroupInvoice, invoiceOfGroup, isIssued, nameOfInvoice } from '../../services/invoicing/group-invoices.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { apiError } from '../errors.ts';
import { resolvedId } from '../ids.ts';
import { type Base, type Caller, type Reply, type Route, route } from '../route.ts';
import { invoiceParams } from '../schemas/invoice.ts';

/** The source of invoice files, for all ways to request them. */
export interface DownloadSource {
  /** @throws {Refusal} `invoice_not_issued` for an estimate */
  pdf(ctx: Ctx, invoice: GroupInvoice): AsyncIterable<Uint8Array | string>;
  /** All lines, or one project's. */
  csv(ctx: Ctx, invoice: GroupInvoice, projectName?: string): AsyncIterable<Uint8Array | string>;
}

const TAG = 'Downloads';
const PDF = 'application/pdf';
const CSV = 'text/csv; charset=utf-8';
const COOKIE_LIMIT = 300;

export function downloadRoutes(source: DownloadSource): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/billing-group/{id}/invoice/{number}/csv',
      operation: 'downloadInvoiceCsv',
      tag: TAG,
      summary: 'The lines of an invoice as CSV, with a token or the download_cookie of the list',
      access: 'link',
      params: invoiceParams,
      query: z.object({
        cookie: z.string().max(COOKIE_LIMIT).optional().meta({ description: 'download_cookie' }),
        project: z.string().max(200).optional().meta({ description: 'Only the lines of this project, by name' }),
      }),
      answers: { 200: { description: 'The lines', contentType: 'text/csv' } },
      async run({ base, caller, params, query }) {
        const { ctx, accountId } = caller ?? (await byLink(base, params, query.cookie));
        const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
        const { project } = query;
        const name = nameOfInvoice(invoice);
        const chunks = source.csv(ctx, invoice, project);
        return {
          kind: 'stream',
          contentType: CSV,
          filename: documentName(name, 'csv', project === undefined ? {} : { project }),
          chunks,
        };
      },
    }),
    route({
      method: 'get',
      path: '/billing-group/{id}/invoice/{number}/{download_cookie}',
      operation: 'downloadInvoicePdf',
      tag: TAG,
      summary: 'An issued invoice as PDF, without a token, for 24 hours after the list named the download_cookie',
      access: 'link',
      params: invoiceParams.extend({ download_cookie: z.string().max(COOKIE_LIMIT) }),
      answers: { 200: { description: 'The invoice', contentType: PDF } },
      async run({ base, params }): Promise<Reply> {
        const { ctx, accountId } = await byLink(base, params, params.download_cookie);
        const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
        if (!isIssued(invoice)) throw new Refusal('invoice_not_issued', {});
        return {
          kind: 'stream',
          contentType: PDF,
          filename: documentName(nameOfInvoice(invoice), 'pdf'),
          chunks: source.pdf(ctx, invoice),
        };
      },
    }),
  ];
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
): Promise<{ ctx: Ctx; accountId: Caller['accountId'] }> {
  if (cookie === undefined) throw apiError(401, 'token_needed', 'Send a token, or the download_cookie of the list.');
  const file = { billingGroupId: resolvedId('bg', id), invoice: number };
  const accountId = await accountOfCookie(base, cookie, file);
  return { ctx: { ...base, actor: { kind: 'automation' } }, accountId };
}
