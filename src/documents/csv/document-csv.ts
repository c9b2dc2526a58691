import type { FieldValues } from '../../billing/group/billing-fields.ts';
import { tagsText } from '../../billing/invoice/line-tags.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { InvoiceSummary, LineSummary } from '../../services/invoicing/invoice-reading.ts';
import { fieldsIn } from '../buyer-fields.ts';
import { csvHeading, csvRow, digits } from './csv-row.ts';

const COLUMNS = [
  'invoice_number',
  'billing_group',
  'line_type',
  'description',
  'project_name',
  'project_label',
  'service_name',
  'service_type',
  'service_plan',
  'cloud_name',
  'timestamp_begin',
  'timestamp_end',
  'line_pre_discount_local',
  'line_total_local',
  'line_exact_local',
  'local_currency',
  'tax_category',
  'tax_rate',
] as const;

/** Only for a credit memo. */
const MEMO_COLUMNS = ['corrected_invoice_number', 'corrected_invoice_date', 'issue_date', 'reason'] as const;

/** What each row says about the invoice or credit memo. Days are YYYY-MM-DD. */
export interface CsvHead extends Pick<InvoiceSummary, 'number' | 'billingGroupName' | 'currency'> {
  /** The frozen billing information, or a document's; undefined for an estimate. */
  readonly buyer?: Partial<FieldValues>;
  readonly memo?: {
    readonly corrects: string;
    readonly correctedDate: string;
    readonly issueDate: string;
    readonly reason: string;
  };
}

/**
 * An invoice's lines as CSV (RFC 4180), in chunks. Times are ISO 8601 in UTC. Texts that a spreadsheet would run as a
 * formula get a leading apostrophe. Amounts don't, so that they stay numbers.
 */
export async function* invoiceCsv(lines: AsyncIterable<LineSummary>, invoice: CsvHead): AsyncGenerator<string> {
  const buyer = csvFields(invoice);
  const last = invoice.memo ? [] : ['tags'];
  const fields = buyer.map(({ field }) => field.api.name);
  yield csvHeading([...COLUMNS, ...(invoice.memo ? MEMO_COLUMNS : []), ...fields, ...last]);
  for await (const line of lines) {
    yield csvRow([
      ...[invoice.number ?? '', invoice.billingGroupName, line.lineType, line.description, line.projectName],
      ...[
        line.projectLabel ?? '',
        line.serviceName,
        line.serviceType ?? '',
        line.servicePlan ?? '',
        line.cloudName ?? '',
      ],
      ...[line.begin.toISOString(), line.end.toISOString()],
      digits(toFixedMinor(line.preDiscount, invoice.currency)),
      digits(toFixedMinor(line.total, invoice.currency)),
      digits(exact(line.exact)),
      ...[invoice.currency, line.taxCategory],
      digits(line.taxRate.toFixed()),
      ...memoCells(invoice),
      ...buyer.map(({ text }) => text),
      ...last.map(() => tagsText(line.tags ?? [])),
    ]);
  }
}

/** The same as one string, for uploads that can't be streamed. */
export async function wholeCsv(lines: AsyncIterable<LineSummary>, invoice: InvoiceSummary): Promise<string> {
  let text = '';
  for await (const piece of invoiceCsv(lines, invoice)) text += piece;
  return text;
}

/** The file name: `ACME-1.csv`, or the group's period for an estimate. */
export function csvName(invoice: InvoiceSummary): string {
  return `${invoice.number ?? `estimate-${invoice.period}`}.csv`;
}

function memoCells({ memo }: CsvHead): string[] {
  return memo ? [memo.corrects, memo.correctedDate, memo.issueDate, memo.reason] : [];
}

/** The buyer columns in each row, only for fields with a value, so that other invoices' columns stay as they were. */
function csvFields({ buyer = {} }: CsvHead) {
  return fieldsIn(buyer, ({ csv }) => csv).filter(({ text }) => text !== '');
}

function exact(value: Decimal): string {
  return value.toFixed();
}
