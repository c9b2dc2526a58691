import { fileName } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import { invoiceCsv as csvOf } from '../../documents/csv/document-csv.ts';
import type { WholeFormat } from '../../documents/generate.ts';
import { pictureBytes } from '../../store/accounts/pictures.ts';
import { invoiceByNumber } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { admit } from '../access/rights.ts';
import { toLine } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';
import { type IssuedDocument, toBillingDocument } from './document-content.ts';
import { eachStoredLine, linesFor } from './invoice-condense.ts';
import { issuedBytes } from './issued-bytes.ts';

/** The formats of a document. */
export const DOCUMENT_FORMATS = ['pdf', 'csv', 'json', 'xml'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export interface DocumentFile {
  readonly filename: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface DocumentOptions {
  /** The name of a project, for its lines only. Only as CSV, because the other formats contain the invoice's totals. */
  readonly project?: string;
}

export const CONTENT_TYPES: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

/**
 * An issued invoice as a file, based only on what was frozen at its close: always the same bytes, in every process.
 * PDF, XML and JSON are generated once, in a thread, and stored. In PDF and XML files, very many lines are combined by
 * project and service, with a note. CSV and JSON have every line.
 *
 * @param number in any case
 * @throws {Refusal} `invoice_not_found` (also for other accounts' invoices), `account_not_found`, `whole_document_only`
 * for a project in a form that has totals, `document_incomplete` with what an XML file would lack, `documents_busy`
 */
export async function invoiceDocument(
  ctx: Ctx,
  accountId: string,
  number: string,
  format: DocumentFormat,
  options: DocumentOptions = {},
): Promise<DocumentFile> {
  const issued = await issuedInvoice(ctx, accountId, number);
  const contentType = CONTENT_TYPES[format];
  if (format === 'csv') {
    const pieces: Buffer[] = [];
    for await (const piece of csvPieces(issued, options)) pieces.push(Buffer.from(piece));
    return { filename: documentName(issued.number, format, options), contentType, body: Buffer.concat(pieces) };
  }
  if (options.project !== undefined) {
    throw new Refusal('whole_document_only', { format });
  }
  const of = { accountId: issued.accountId, id: issued._id, issued, lineCount: issued.lineCount };
  const body = await issuedBytes(ctx, of, format, () => wholeDocument(issued, format));
  return { filename: documentName(issued.number, format), contentType, body };
}

/**
 * The same as CSV, in pieces, so that memory stays constant for any number of lines. Rights are checked and the invoice
 * is looked up when the first piece is requested.
 *
 * @throws {Refusal} `invoice_not_found`, `account_not_found`
 */
export async function* invoiceCsv(
  ctx: Ctx,
  accountId: string,
  number: string,
  options: DocumentOptions = {},
): AsyncGenerator<string> {
  yield* csvPieces(await issuedInvoice(ctx, accountId, number), options);
}

/** The file name of a document: `ACME-1.pdf`, `ACME-1-web-shop.csv`. */
export function documentName(number: string, format: DocumentFormat, { project }: DocumentOptions = {}): string {
  return `${fileName(project === undefined ? number : `${number}-${project}`)}.${format}`;
}

type IssuedInvoice = IssuedDocument & Pick<InvoiceDoc, '_id' | 'accountId' | 'lineCount'>;

async function issuedInvoice(ctx: Ctx, accountId: string, number: string): Promise<IssuedInvoice> {
  const { sight } = await admit(ctx, accountId, 'see');
  const doc = await invoiceByNumber(accountId, number.trim().toUpperCase());
  const issued = doc && sight.sees(doc.billingGroupId) && asIssued(doc);
  if (issued) return issued;
  throw new Refusal('invoice_not_found', { number: number.trim() });
}

/** Undefined for a draft, whose number hasn't been announced yet. */
function asIssued(doc: InvoiceDoc): IssuedInvoice | undefined {
  const { number, snapshot, issuedAt } = doc;
  if (number === undefined || !snapshot || !issuedAt) return undefined;
  return { ...doc, kind: 'invoice', number, snapshot, issuedAt, precedingInvoice: null };
}

/** The full content of an invoice in one format. */
async function wholeDocument(issued: IssuedInvoice, format: WholeFormat) {
  const { lines, note } = await linesFor(issued, format);
  const logo = format === 'pdf' ? await logoOf(issued) : null;
  return { ...toBillingDocument(issued, lines, logo), ...(note !== undefined && { note }) };
}

async function* csvPieces(issued: IssuedInvoice, { project }: DocumentOptions): AsyncGenerator<string> {
  const { number, currency, snapshot } = issued;
  const { billingGroupName, buyer } = snapshot;
  yield* csvOf(eachSummary(issued, project), { number, currency, billingGroupName, ...(buyer && { buyer }) });
}

async function* eachSummary(issued: IssuedInvoice, project: string | undefined) {
  for await (const doc of eachStoredLine(issued, project)) yield toLine(doc);
}

/** The account's logo at the time of the close. */
export async function logoOf({ snapshot }: Pick<IssuedDocument, 'snapshot'>): Promise<Uint8Array | null> {
  const hash = snapshot.seller?.logo ?? '';
  return hash === '' ? null : pictureBytes(hash);
}
