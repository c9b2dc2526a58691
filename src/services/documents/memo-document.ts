import type { Sight } from '../../billing/account/sight.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type CsvHead, invoiceCsv as csvOf } from '../../documents/csv/document-csv.ts';
import type { BillingDocument } from '../../documents/document.ts';
import { memoByNumber, memoLinesOf } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc, CreditMemoLineDoc } from '../../store/invoicing/credit-memos.ts';
import { type LinesOf, linesIn } from '../../store/invoicing/current-lines.ts';
import { linesAt } from '../../store/invoicing/invoice-lines.ts';
import { invoiceOrFail } from '../../store/invoicing/invoice-reads.ts';
import type { LineDoc } from '../../store/invoicing/invoices.ts';
import { admit } from '../access/rights.ts';
import { toLine } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';
import { type IssuedDocument, toBillingDocument } from './document-content.ts';
import { CONTENT_TYPES, type DocumentFile, type DocumentFormat, documentName, logoOf } from './invoice-document.ts';
import { issuedBytes } from './issued-bytes.ts';

/**
 * An issued credit memo as a file, based on what was frozen when it was made: the same bytes whenever it is generated.
 * Amounts have the same signs as the invoice's: credited amounts are positive.
 *
 * @param number in any case
 * @throws {Refusal} `credit_memo_not_found` (also for memos of other accounts, and of groups that the caller doesn't see), `account_not_found`, `document_incomplete`,
 * `documents_busy`
 */
export async function memoDocument(
  ctx: Ctx,
  accountId: string,
  number: string,
  format: DocumentFormat,
): Promise<DocumentFile> {
  const { sight } = await admit(ctx, accountId, 'see');
  const { memo, issued, lines } = await issuedMemo(accountId, number, sight);
  const file = { filename: documentName(issued.number, format), contentType: CONTENT_TYPES[format] };
  if (format !== 'csv') {
    const of = { accountId: memo.accountId, id: memo._id, issued, lineCount: memo.lineCount };
    const whole = async () =>
      toBillingDocument(issued, await memoLines(memo, lines), format === 'pdf' ? await logoOf(issued) : null);
    return { ...file, body: await issuedBytes(ctx, of, format, whole) };
  }
  const head = csvHeadOf(toBillingDocument(issued, []));
  const pieces: string[] = [];
  for await (const piece of csvOf(summaries(await memoLines(memo, lines)), head)) pieces.push(piece);
  return { ...file, body: Buffer.from(pieces.join('')) };
}

async function issuedMemo(
  accountId: string,
  typed: string,
  sight: Sight,
): Promise<{ memo: CreditMemoDoc; issued: IssuedDocument; lines: LinesOf }> {
  const memo = await memoByNumber(accountId, typed.trim().toUpperCase());
  const { number, issuedAt } = memo ?? {};
  if (!memo || number === undefined || !issuedAt || !sight.sees(memo.billingGroupId)) {
    throw new Refusal('credit_memo_not_found', { number: typed.trim() });
  }
  const invoice = await invoiceOrFail(accountId, memo.invoiceId);
  if (!invoice.issuedAt) throw new Error(`Invoice ${invoice._id} of credit memo ${number} was never issued`);
  const { period, periodBegin, periodEnd, conversions = [] } = invoice;
  const { offset, refund, returned } = memo;
  const precedingInvoice = { number: memo.invoiceNumber, issuedAt: invoice.issuedAt };
  const issued = { ...memo, kind: 'credit_memo' as const, number, issuedAt, precedingInvoice };
  const settlement = offset && refund && returned && { offset, refund, returned };
  return {
    memo,
    issued: { ...issued, period, periodBegin, periodEnd, conversions, ...(settlement && { settlement }) },
    lines: linesIn(invoice),
  };
}

/** The lines of a memo, with details from the invoice's lines. */
async function memoLines({ _id, accountId }: CreditMemoDoc, of: LinesOf): Promise<LineDoc[]> {
  const given = await memoLinesOf(accountId, _id);
  const places = given.map(({ place }) => place);
  const lines = await linesAt(of, places);
  const byPlace = new Map(lines.map((line) => [line.place, line]));
  return given.map((one) => {
    const line = byPlace.get(one.place);
    if (!line) throw new Error(`Credit memo ${_id} credits line ${one.place}, which its invoice doesn’t have`);
    return givenBack(line, one);
  });
}

function givenBack(line: LineDoc, { amount, taxCategory, taxRate, description }: CreditMemoLineDoc): LineDoc {
  return { ...line, description, taxCategory, taxRate, total: amount, preDiscount: amount, exact: amount };
}

/** The memo's details on each row, so that its lines can be booked without another file. */
function csvHeadOf({ number, currency, buyer, corrects, issueDate, note = '' }: BillingDocument): CsvHead {
  const [correctsNumber = '', correctedDate = ''] = corrects ? [corrects.number, corrects.issueDate] : [];
  const memo = { corrects: correctsNumber, correctedDate, issueDate, reason: note };
  return { number, currency, billingGroupName: buyer.groupName, memo, buyer };
}

async function* summaries(lines: readonly LineDoc[]) {
  for (const line of lines) yield toLine(line);
}
