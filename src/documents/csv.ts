import { type Decimal, toFixedMinor } from '../billing/money.ts';
import type { InvoiceSummary, LineSummary } from '../services/reading.ts';
import { csvRow, digits } from './csv-row.ts';

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

/** What each row says of the invoice. */
export type CsvHead = Pick<InvoiceSummary, 'number' | 'billingGroupName' | 'currency'>;

/**
 * An invoice's lines as CSV (RFC 4180), piece by piece. Times are ISO 8601 in UTC. Texts that a spreadsheet would run
 * as a formula get an apostrophe in front; amounts do not, so that they stay numbers.
 */
export async function* invoiceCsv(lines: AsyncIterable<LineSummary>, invoice: CsvHead): AsyncGenerator<string> {
  yield csvRow([...COLUMNS]);
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
    ]);
  }
}

/** The same in one piece, for uploads that take no stream. */
export async function wholeCsv(lines: AsyncIterable<LineSummary>, invoice: InvoiceSummary): Promise<string> {
  let text = '';
  for await (const piece of invoiceCsv(lines, invoice)) text += piece;
  return text;
}

/** The name of the file: `ACME-1.csv`, or the group's period for an estimate. */
export function csvName(invoice: InvoiceSummary): string {
  return `${invoice.number ?? `estimate-${invoice.period}`}.csv`;
}

function exact(value: Decimal): string {
  return value.toFixed();
}
