import { Refusal } from '../../billing/refusal.ts';
import { type DocumentFile, invoiceDocument } from '../../services/documents/invoice-document.ts';
import { memoDocument } from '../../services/documents/memo-document.ts';
import type { Ctx } from '../../services/kit/context.ts';
import type { MailDoc } from '../../store/notices/mails.ts';
import type { MailFile } from './smtp-mailer.ts';

/** In which forms a document goes with a mail: to be read, and to be booked by a machine. */
const FORMATS = ['pdf', 'xml'] as const;

/** The files that go with a mail about a document; an electronic one only where it can be made. */
export async function mailFiles(
  ctx: Ctx,
  { accountId, kind }: Pick<MailDoc, 'accountId' | 'kind'>,
  number: string,
): Promise<readonly MailFile[]> {
  const files: MailFile[] = [];
  for (const format of FORMATS) {
    try {
      const make = kind === 'credit_memo' ? memoDocument : invoiceDocument;
      files.push(attached(await make(ctx, accountId, number, format)));
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'document_incomplete') throw error;
    }
  }
  return files;
}

function attached({ filename, contentType, body }: DocumentFile): MailFile {
  return { filename, contentType, content: body };
}
