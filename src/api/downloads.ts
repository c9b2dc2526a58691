import { invoiceCsv as csvOf } from '../documents/csv/document-csv.ts';
import { publishedCsv } from '../documents/csv/published-csv.ts';
import { usdOf } from '../services/costs/us-dollars.ts';
import { invoiceCsv, invoiceDocument } from '../services/documents/invoice-document.ts';
import { allLines, type GroupInvoice, isIssued } from '../services/invoicing/group-invoices.ts';
import type { LineSummary } from '../services/invoicing/invoice-reading.ts';
import type { Ctx } from '../services/kit/context.ts';
import type { DownloadSource } from './routes/downloads.ts';

/** The files of invoices. Lines are streamed; a PDF is generated as a whole. */
export const invoiceFiles: DownloadSource = {
  async *pdf(ctx, { accountId, number }) {
    const { body } = await invoiceDocument(ctx, accountId, number ?? '', 'pdf');
    yield body;
  },
  csv(ctx, invoice, project) {
    // an estimate isn't a document yet: its current lines are returned
    if (!isIssued(invoice)) return csvOf(oneByOne(ctx, invoice, project), invoice);
    return invoiceCsv(ctx, invoice.accountId, invoice.number ?? '', project === undefined ? {} : { project });
  },
  async *publishedCsv(ctx, invoice, project) {
    const { currency } = invoice;
    const toUsd = await usdOf(ctx.known.account, [currency], invoice.issuedAt ?? ctx.clock.now());
    yield* publishedCsv(oneByOne(ctx, invoice, project), { currency, toUsd: (amount) => toUsd(amount, currency) });
  },
};

async function* oneByOne(ctx: Ctx, invoice: GroupInvoice, projectName?: string): AsyncGenerator<LineSummary> {
  for await (const batch of allLines(ctx, invoice, projectName)) yield* batch;
}
