import { csvName, wholeCsv } from '../documents/csv.ts';
import type { Ctx } from '../services/context.ts';
import { eachLine, getInvoice } from '../services/reading.ts';
import type { MailDoc } from '../store/mails.ts';
import type { MailFile } from './smtp.ts';

/** The files that go with a mail: of an invoice all its lines. */
export async function mailFiles(ctx: Ctx, { accountId, kind, invoiceId }: MailDoc): Promise<readonly MailFile[]> {
  if (kind === 'credit_memo') return [];
  const invoice = await getInvoice(ctx, accountId, { id: invoiceId });
  const content = Buffer.from(await wholeCsv(eachLine(ctx, invoice), invoice));
  return [{ filename: csvName(invoice), contentType: 'text/csv; charset=utf-8', content }];
}
