import { idFromText, lineIdentity } from '../../billing/invoice/line-id.ts';
import { addedLinesUpTo, linesAfter } from '../../store/invoicing/invoice-lines.ts';
import type { LineDoc } from '../../store/invoicing/invoices.ts';
import { admitTo } from '../access/rights.ts';
import type { InvoiceSummary, LineSummary } from '../invoicing/invoice-reading.ts';
import { toLine } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';

/** A line with an ID that stays the same when its invoice is calculated again. */
export interface IdentifiedLine extends LineSummary {
  readonly lineId: string;
}

/** Some of an invoice's lines after a position, in order. */
export async function identifiedLines(
  ctx: Ctx,
  invoice: Pick<InvoiceSummary, 'accountId' | 'billingGroupId' | 'storedLines'>,
  place: number,
  limit: number,
): Promise<IdentifiedLine[]> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  const docs = await linesAfter(invoice.storedLines, place, limit);
  const last = docs.at(-1);
  if (!last) return [];
  // only lines without records can be alike, such as two discounts of the same name
  const added = docs.some(({ records }) => records === 0) ? await addedLinesUpTo(invoice.storedLines, last.place) : [];
  return docs.map((doc) => ({ ...toLine(doc), lineId: idOf(doc, added) }));
}

function idOf(doc: LineDoc, added: readonly LineDoc[]): string {
  const identity = identityOf(doc);
  if (doc.records > 0) return idFromText(identity);
  const before = added.filter((one) => one.place < doc.place && identityOf(one) === identity).length;
  return idFromText(`${identity} ${before}`);
}

function identityOf(doc: LineDoc): string {
  const { invoiceId, projectId, lineType, serviceName, servicePlan, description, lateFrom, code = null } = doc;
  return lineIdentity({
    ...{ invoiceId, projectId, lineType, serviceName, servicePlan, description, lateFrom, code },
    currency: doc.original?.currency ?? doc.currency,
    isCost: doc.records > 0,
  });
}
