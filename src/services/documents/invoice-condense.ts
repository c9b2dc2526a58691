import { count } from '../../billing/money/count.ts';
import { type Decimal, sum } from '../../billing/money/money.ts';
import { linesIn } from '../../store/invoicing/current-lines.ts';
import { eachLineOf, linesOf } from '../../store/invoicing/invoice-lines.ts';
import type { InvoiceDoc, LineDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import type { StoredLine } from './document-content.ts';

/**
 * More lines than these are combined: nobody reads a PDF of over about eighty pages, and no receiver accepts a file of
 * 100 MB.
 */
const MOST_LINES = { pdf: 2_000, xml: 10_000 } as const;

/** How many lines are fetched with one call. */
const BATCH = 1000;

/** The lines that a document shows, and a note about them if they aren't all of the invoice's lines. */
export interface ShownLines {
  readonly lines: readonly StoredLine[];
  readonly note?: string;
}

/** The lines of an invoice in one of its formats: all of them, or combined if there are very many. */
export async function linesFor(
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'linesVersion' | 'lineCount'>,
  format: 'pdf' | 'xml' | 'json',
): Promise<ShownLines> {
  const { lineCount } = invoice;
  const most = format === 'json' ? Number.POSITIVE_INFINITY : MOST_LINES[format];
  if (lineCount <= most) return { lines: await linesOf(linesIn(invoice)) };
  return {
    lines: await condensed(eachStoredLine(invoice), most),
    note: `Lines are summed by project and service. The CSV file of this invoice has all ${count(lineCount, 'line')}.`,
  };
}

/** Streams an invoice's lines in order, optionally only those of one project. */
export function eachStoredLine(
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'linesVersion'>,
  project?: string,
): AsyncIterable<LineDoc> {
  return eachLineOf(linesIn(invoice), { projectName: project, batchSize: BATCH });
}

/**
 * Lines combined by project, kind and tax, and also by service if that leaves few enough, in order of their first line.
 * The sums are the same, and nothing is rounded. Memory depends only on the number of combined lines.
 */
export async function condensed(lines: AsyncIterable<StoredLine>, most: number): Promise<StoredLine[]> {
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

function byProject({ projectName, lineType, records, taxCategory, taxRate }: StoredLine): string {
  // costs are kept apart from lines added by the invoice, so that both sums can still be shown
  return JSON.stringify([projectName, lineType, records > 0, taxCategory ?? '', String(taxRate ?? '')]);
}

function addTo(groups: Map<string, StoredLine>, key: string, line: StoredLine, keepsService: boolean): void {
  const before = groups.get(key);
  groups.set(key, before ? together(before, line, keepsService) : line);
}

function together(a: StoredLine, b: StoredLine, keepsService: boolean): StoredLine {
  const add = (of: (line: StoredLine) => Decimal) => toDecimal128(sum([of(a), of(b)]));
  return {
    ...a,
    description: descriptionOf(a, b, keepsService),
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

function descriptionOf(a: StoredLine, b: StoredLine, keepsService: boolean): string {
  if (a.description === b.description) return a.description;
  if (a.lineType !== 'service_charge') return a.lineType.replaceAll('_', ' ');
  return keepsService ? a.serviceName || a.description : 'All services';
}
