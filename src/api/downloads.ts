import { Refusal } from '../billing/refusal.ts';
import { invoiceCsv } from '../documents/csv.ts';
import type { Ctx } from '../services/context.ts';
import { allLines, type GroupInvoice } from '../services/group-invoices.ts';
import type { LineSummary } from '../services/reading.ts';
import type { DownloadSource } from './routes/downloads.ts';

/** The files of invoices as the product makes them: lines are streamed, a PDF is made whole. */
export const invoiceFiles: DownloadSource = {
  async *pdf() {
    yield '';
    throw new Refusal('invoice_not_issued', 'There is no PDF yet.');
  },
  csv: (ctx, invoice, projectName) => invoiceCsv(oneByOne(ctx, invoice, projectName), invoice),
};

async function* oneByOne(ctx: Ctx, invoice: GroupInvoice, projectName?: string): AsyncGenerator<LineSummary> {
  for await (const batch of allLines(ctx, invoice, projectName)) yield* batch;
}
