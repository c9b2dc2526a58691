import { type Decimal, sum } from '../billing/money.ts';
import type { StoredLine } from '../documents/from-invoice.ts';
import { fromDecimal128, toDecimal128 } from '../store/decimal.ts';
import { type InvoiceDoc, type LineDoc, Lines } from '../store/invoices.ts';

/** More than these are added up before they are printed: beyond some eighty pages nobody reads them. */
export const MOST_PDF_LINES = 2000;

/** Lines fetched with one call. */
const BATCH = 1000;

/** The lines of an invoice as its PDF shows them: all, or added up when there are very many. */
export async function linesForPdf({
  _id,
  lineCount,
}: Pick<InvoiceDoc, '_id' | 'lineCount'>): Promise<readonly StoredLine[]> {
  if (lineCount <= MOST_PDF_LINES) return Lines.find({ invoiceId: _id }).sort({ place: 1 }).lean();
  return condensed(eachStoredLine(_id));
}

/** An invoice's lines in their order, or those of one project, one after another. */
export function eachStoredLine(invoiceId: string, project?: string): AsyncIterable<LineDoc> {
  const filter = { invoiceId, ...(project !== undefined && { projectName: project }) };
  return Lines.find(filter).sort({ place: 1 }).lean().cursor({ batchSize: BATCH });
}

/**
 * Lines added up by project, kind and tax, and by service as long as that leaves few enough; in the order in which the
 * first of each came. The sums are the same, and nothing is rounded. Memory depends on what is left alone.
 */
export async function condensed(lines: AsyncIterable<StoredLine>, most = MOST_PDF_LINES): Promise<StoredLine[]> {
  let keyOf: (line: StoredLine) => string = byService;
  let groups = new Map<string, StoredLine>();
  for await (const line of lines) {
    addTo(groups, keyOf(line), line, keyOf === byService);
    if (groups.size > most && keyOf === byService) {
      keyOf = byProject;
      groups = regrouped(groups.values());
    }
  }
  return [...groups.values()];
}

function regrouped(lines: Iterable<StoredLine>): Map<string, StoredLine> {
  const groups = new Map<string, StoredLine>();
  for (const line of lines) addTo(groups, byProject(line), line, false);
  return groups;
}

function byService(line: StoredLine): string {
  return JSON.stringify([
    byProject(line),
    line.serviceName,
    line.lineType === 'service_charge' ? '' : line.description,
  ]);
}

function byProject({ projectName, lineType, taxCategory, taxRate }: StoredLine): string {
  return JSON.stringify([projectName, lineType, taxCategory ?? '', String(taxRate ?? '')]);
}

function addTo(groups: Map<string, StoredLine>, key: string, line: StoredLine, keepsService: boolean): void {
  const before = groups.get(key);
  groups.set(key, before ? together(before, line, keepsService) : line);
}

function together(a: StoredLine, b: StoredLine, keepsService: boolean): StoredLine {
  const add = (of: (line: StoredLine) => Decimal) => toDecimal128(sum([of(a), of(b)]));
  return {
    ...a,
    description: keepsService ? a.serviceName || a.description : 'All services',
    ...(!keepsService && { serviceName: '', serviceType: null }),
    servicePlan: null,
    cloudName: a.cloudName === b.cloudName ? a.cloudName : null,
    begin: new Date(Math.min(a.begin.getTime(), b.begin.getTime())),
    end: new Date(Math.max(a.end.getTime(), b.end.getTime())),
    total: add((line) => fromDecimal128(line.total)),
    preDiscount: add((line) => fromDecimal128(line.preDiscount ?? line.total)),
    records: a.records + b.records,
  };
}
